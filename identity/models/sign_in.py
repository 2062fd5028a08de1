"""Attempts to sign in: what the lock-out counts and what an audit asks for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from identity.querysets import SignInAttemptQuerySet


class SignInAttempt(models.Model):
    """One attempt to sign in. Holds neither the password nor the name as typed.

    People type their password into the wrong box, so the name is kept as a digest, which is enough to count by, and
    whether it is known makes no difference. ``user`` says whose account it was, if anyone's.
    """

    class Outcome(models.TextChoices):
        FAILED = "failed", _("不符")
        LOCKED = "locked", _("暫停登入中")
        SUCCEEDED = "succeeded", _("成功")

    class Method(models.TextChoices):
        PASSWORD = "password", _("密碼")
        TOTP = "totp", _("驗證碼 App")
        RECOVERY = "recovery", _("備用碼")
        TEXT = "text", _("簡訊驗證碼")
        PASSKEY = "passkey", _("通行密鑰")
        FIDO = "fido", _("行動自然人憑證")

    at = models.DateTimeField(_("時間"), default=clock.now, editable=False)
    account = models.CharField(_("帳號摘要"), max_length=32)
    user = models.ForeignKey(
        "identity.User",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sign_ins",
        db_index=False,
        verbose_name=_("使用者"),
    )
    # As the rate limit counts: for IPv6 the /64, which is a network and not an address.
    client = models.CharField(_("來源位址"), max_length=50)
    method = models.CharField(_("方式"), max_length=10, choices=Method, default=Method.PASSWORD)
    outcome = models.CharField(_("結果"), max_length=10, choices=Outcome, default=Outcome.FAILED)

    objects = SignInAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("登入紀錄")
        verbose_name_plural = _("登入紀錄")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["account", "at"], condition=models.Q(outcome="failed"), name="signin_failed_account"),
            models.Index(fields=["client", "at"], condition=models.Q(outcome="failed"), name="signin_failed_client"),
            models.Index(fields=["user", "-at"], name="signin_user"),
            models.Index(fields=["at"], name="signin_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["failed", "locked", "succeeded"]), name="signin_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.account} {self.outcome}"
