"""Codes by text message that ask whether a telephone is the person's: before there is an account, or for one."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField
from identity.models.user import Language
from identity.querysets import PhoneProofQuerySet
from identity.rules import CODE_TRIES


class PhoneProof(models.Model):
    """One text message to one number, with a code that is good once, for ten minutes and a few tries.

    Its key lies in the session of the browser that asked, so the code is worth nothing in any other.
    """

    class Purpose(models.TextChoices):
        REGISTER = "register", _("註冊")
        CHANGE = "change", _("手機號碼確認")
        RESET = "reset", _("重設密碼")
        SECOND = "second", _("第二道驗證")
        KNOWN = "known", _("已有帳號")  # the message says so, and has no code

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    purpose = models.CharField(_("目的"), max_length=10, choices=Purpose)
    user = models.ForeignKey(
        "identity.User", models.CASCADE, null=True, related_name="phone_proofs", verbose_name=_("使用者")
    )
    phone = EncryptedTextField(_("手機號碼"), digest_in="phone_digest")
    phone_digest = models.CharField(_("手機號碼摘要"), max_length=32)
    name = EncryptedTextField(_("姓名"), blank=True)
    password = models.CharField(_("密碼"), max_length=128, blank=True)  # hashed, as in an account
    language = models.CharField(_("語言"), max_length=10, choices=Language)
    code = models.CharField(_("驗證碼摘要"), max_length=32)
    tries = models.PositiveSmallIntegerField(_("輸入次數"), default=0)
    client = models.CharField(_("來源位址"), max_length=50)  # as the rate limit counts
    created_at = models.DateTimeField(_("建立時間"), default=clock.now, editable=False)
    expires_at = models.DateTimeField(_("有效至"))
    used_at = models.DateTimeField(_("使用時間"), null=True)

    objects = PhoneProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("手機號碼確認")
        verbose_name_plural = _("手機號碼確認")
        indexes = [
            models.Index(fields=["phone_digest", "created_at"], name="phone_proof_phone"),
            models.Index(fields=["client", "created_at"], name="phone_proof_client"),
            models.Index(fields=["created_at"], name="phone_proof_created"),
            models.Index(fields=["expires_at"], name="phone_proof_expires"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="register", user=None) & ~Q(password="")
                | Q(purpose__in=["change", "known", "reset", "second"], user__isnull=False, password=""),
                name="phone_proof_is_of_an_account_or_makes_one",
            ),
            models.CheckConstraint(condition=Q(tries__lte=CODE_TRIES), name="phone_proof_tries_bounded"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.created_at:%Y-%m-%d %H:%M}"
