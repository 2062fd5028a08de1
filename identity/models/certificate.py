"""The citizen's certificate of an account, and the proofs that are under way."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField

if TYPE_CHECKING:
    from identity.models.user import User


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates of accounts."""

    def visible_to(self, user) -> CertificateQuerySet:
        """One's own: nobody else has business with it."""
        return self.filter(user_id=user.pk)

    def held_by(self, holders: Collection[str]) -> Certificate | None:
        """That of a person, by the digests of them under every key; None for none. Before anyone is signed in."""
        return self.filter(holder__in=holders).select_related("user").first()


class Certificate(models.Model):
    """The certificate that enters an account. One an account, one account a person; the database sees to both.

    Holds neither the identity number nor the name in the certificate. ``holder`` is a keyed digest of what TW FidO
    calls the number, which finds the account; ``subject`` one of the number that the authority gave to the person,
    which only the certificate itself can prove (docs/decisions/0019).
    """

    user = models.OneToOneField(
        "identity.User", models.CASCADE, related_name="certificate", primary_key=True, verbose_name=_("帳號")
    )
    holder = models.CharField(_("持有人摘要"), max_length=32, unique=True)
    subject = models.CharField(_("憑證主體摘要"), max_length=32, unique=True)
    serial = models.CharField(_("憑證序號"), max_length=40)
    issuer = models.CharField(_("簽發單位"), max_length=300)
    valid_until = models.DateTimeField(_("有效至"))
    bound_at = models.DateTimeField(_("綁定時間"), default=clock.now, editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("行動自然人憑證")
        verbose_name_plural = _("行動自然人憑證")
        constraints = [
            models.CheckConstraint(
                condition=~Q(holder="") & ~Q(subject="") & ~Q(serial=""), name="certificate_names_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.serial}"


class CertificateTicketQuerySet(models.QuerySet["CertificateTicket"]):
    """Proofs under way."""

    def begun_by(self, transaction: str) -> CertificateTicket | None:
        """The one that a session began, by the number that it keeps; None if it is over."""
        return self.filter(pk=transaction).select_related("user").first() if transaction else None

    def over(self, now: datetime) -> CertificateTicketQuerySet:
        """Those whose time has passed, a minute for the last answer included."""
        return self.filter(expires_at__lt=now - timedelta(minutes=1))

    def claim(self, transaction: object, now: datetime, pause: timedelta) -> bool:
        """Take the right to ask about one, which nobody else has within ``pause``. One statement, so one wins."""
        rested = Q(asked_at__isnull=True) | Q(asked_at__lte=now - pause)
        return self.filter(rested, pk=transaction).update(asked_at=now) == 1


class CertificateTicket(models.Model):
    """A proof that was begun and has no end yet. Deleted when it has one; what remains of it is a `SignInAttempt`."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign-in", _("登入")
        BIND = "bind", _("綁定")

    transaction = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    purpose = models.CharField(_("目的"), max_length=10, choices=Purpose)
    user: models.ForeignKey[User | None] = models.ForeignKey(
        "identity.User", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("帳號")
    )
    text = EncryptedTextField()  # the service's ticket holds a hash of the identity number
    nonce = models.CharField(max_length=32)
    on_phone = models.BooleanField(_("在手機上"))
    begun_at = models.DateTimeField(_("開始時間"), default=clock.now, editable=False)
    expires_at = models.DateTimeField(_("有效至"), db_index=True)
    asked_at = models.DateTimeField(null=True)

    objects = CertificateTicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("進行中的憑證驗證")
        verbose_name_plural = _("進行中的憑證驗證")
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="sign-in", user__isnull=True) | Q(purpose="bind", user__isnull=False),
                name="certificate_ticket_whose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction} {self.purpose}"
