from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisation.models.four_eyes import FourEyes, four_eyes
from organisation.models.membership import Membership
from organisation.querysets import NominationQuerySet


class Nomination(FourEyes):
    """A membership in one of the strongest roles (``identity.permissions.STRONG``) that somebody put forward.

    It becomes a ``Membership`` when another person confirms it, and is no membership before.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="nominations")
    role = models.CharField(max_length=32)
    unit = models.ForeignKey("organisation.Unit", models.PROTECT, null=True, blank=True, related_name="+")
    agency = models.ForeignKey("organisation.Agency", models.PROTECT, null=True, blank=True, related_name="+")
    post = models.ForeignKey("organisation.Post", models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    membership = models.OneToOneField(Membership, models.PROTECT, null=True, blank=True, related_name="nomination")

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任職提名")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            *four_eyes("nomination", "user"),
            models.UniqueConstraint(
                fields=["user", "role", "unit", "agency"],
                nulls_distinct=False,
                condition=Q(decision=""),
                name="nomination_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(decision="confirmed", membership__isnull=False)
                | (~Q(decision="confirmed") & Q(membership__isnull=True)),
                name="nomination_confirmed_is_a_membership",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.decision or 'waits'}"
