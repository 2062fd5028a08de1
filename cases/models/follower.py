"""Who else wants to know what becomes of a case: "that is mine too", instead of a second report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField, digests


class FollowerQuerySet(models.QuerySet):
    """Followers of cases."""

    def confirmed(self) -> Self:
        """Those who answered the letter that asked whether it was them."""
        return self.filter(confirmed_at__isnull=False)

    def of_address(self, email: str) -> Self:
        """Those of one address, under every key of the ring."""
        return self.filter(email_digest__in=digests(email))

    def of_line(self, account: str) -> Self:
        """Those of one LINE account, under every key of the ring."""
        return self.filter(line_digest__in=digests(account))

    def by_user(self, user) -> Self:
        """What a signed-in person follows, the newest first."""
        return self.filter(user_id=user.pk).order_by("-pk")

    def with_case(self) -> Self:
        """With what a page says of the case, in the same statement."""
        return self.select_related("case__unit__agency", "case__district")

    def unconfirmed_before(self, moment: datetime) -> Self:
        return self.filter(confirmed_at=None, created_at__lt=moment)

    def over_for(self, term: timedelta) -> Self:
        """Those whose case, or the one it was merged into, was closed longer ago: their address is not needed."""
        before = clock.now() - term
        ended = Q(case__merged_into=None, case__closed_at__lt=before)
        return self.filter(ended | Q(case__merged_into__closed_at__lt=before))


class Follower(models.Model):
    """A person who follows a case, known by an e-mail address or a LINE account. Encrypted as a contact is; gone when
    they stop, or some days after the case closed. Their devices that are pushed to watch ``FOLLOWING``, by its key.

    ``joined_as`` is the case that they had chosen, where it was merged into this one since: a merge can be undone.
    ``told`` is the last entry of the timeline that they had a letter about, so that a job that runs twice tells once.
    """

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="followers", db_index=False)
    joined_as = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    email = EncryptedTextField(_("電子郵件"), blank=True, digest_in="email_digest")
    email_digest = models.CharField(max_length=32, blank=True)
    line = EncryptedTextField(_("LINE 帳號"), blank=True, digest_in="line_digest")
    line_digest = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=10, default="zh-hant")
    created_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True)
    told = models.BigIntegerField(default=0)

    objects = FollowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("關注者")
        verbose_name_plural = _("關注者")
        constraints = [
            models.UniqueConstraint(name="follower_once", fields=["case", "email_digest", "line_digest"]),
            models.CheckConstraint(
                name="follower_can_be_told",
                condition=(~Q(email="") & ~Q(email_digest="") & Q(line="", line_digest=""))
                | (Q(email="", email_digest="") & ~Q(line="") & ~Q(line_digest="")),
            ),
        ]
        indexes = [
            models.Index(name="follower_joined", fields=["joined_as"], condition=Q(joined_as__isnull=False)),
            models.Index(name="follower_unsure", fields=["created_at"], condition=Q(confirmed_at=None)),
            models.Index(name="follower_line", fields=["line_digest"], condition=~Q(line_digest="")),
        ]

    def __str__(self) -> str:
        return f"follower of {self.case_id}"
