"""Letters that ask whether an address is the person's: before there is an account, or for the address of one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField
from identity.models.user import Language
from identity.querysets import AddressProofQuerySet


class AddressProof(models.Model):
    """One letter to one address, with a link that is good once and until ``expires_at``.

    A registration waits here and is no account yet: whoever types another's address occupies nothing. A letter that
    sets a forgotten password is one of these too.
    """

    class Purpose(models.TextChoices):
        REGISTER = "register", _("註冊")
        CONFIRM = "confirm", _("電子郵件確認")
        RESET = "reset", _("重設密碼")
        KNOWN = "known", _("已有帳號")  # the letter says so and its link leads nowhere

    purpose = models.CharField(_("目的"), max_length=10, choices=Purpose)
    user = models.ForeignKey(
        "identity.User", models.CASCADE, null=True, related_name="address_proofs", verbose_name=_("使用者")
    )
    email = EncryptedTextField(_("電子郵件"), digest_in="email_digest")
    email_digest = models.CharField(_("電子郵件摘要"), max_length=32)
    name = EncryptedTextField(_("姓名"), blank=True)
    password = models.CharField(_("密碼"), max_length=128, blank=True)  # hashed, as in an account
    language = models.CharField(_("語言"), max_length=10, choices=Language)
    token = models.CharField(_("連結摘要"), max_length=32, unique=True)
    created_at = models.DateTimeField(_("建立時間"), default=clock.now, editable=False)
    expires_at = models.DateTimeField(_("有效至"))
    used_at = models.DateTimeField(_("使用時間"), null=True)

    objects = AddressProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("電子郵件確認")
        verbose_name_plural = _("電子郵件確認")
        indexes = [
            models.Index(fields=["email_digest", "created_at"], name="address_proof_email"),
            models.Index(fields=["expires_at"], name="address_proof_expires"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="register", user=None) & ~Q(password="")
                | Q(purpose__in=["confirm", "known", "reset"], user__isnull=False, password=""),
                name="address_proof_is_of_an_account_or_makes_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.created_at:%Y-%m-%d %H:%M}"
