"""Second factors: an authenticator app (RFC 6238), recovery codes, and passkeys (WebAuthn)."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.encryption import EncryptedTextField
from identity.querysets import PasskeyQuerySet, RecoveryCodeQuerySet, TotpQuerySet


class Totp(models.Model):
    """A person's authenticator app. ``last_step`` is the latest time step whose code was used: each is good once."""

    user = models.OneToOneField("identity.User", models.CASCADE, related_name="totp", verbose_name=_("使用者"))
    secret = EncryptedTextField(_("密鑰"))
    last_step = models.BigIntegerField(_("最後用過的時段"))
    created_at = models.DateTimeField(_("設定時間"), default=clock.now, editable=False)

    objects = TotpQuerySet.as_manager()

    class Meta:
        verbose_name = _("驗證碼 App")
        verbose_name_plural = _("驗證碼 App")

    def __str__(self) -> str:
        return f"{self.user_id}"


class RecoveryCode(models.Model):
    """One code on the paper for the day when the phone is gone. Kept as a digest, good once."""

    user = models.ForeignKey(
        "identity.User", models.CASCADE, related_name="recovery_codes", db_index=False, verbose_name=_("使用者")
    )
    digest = models.CharField(_("摘要"), max_length=32)
    created_at = models.DateTimeField(_("產生時間"), default=clock.now, editable=False)
    used_at = models.DateTimeField(_("使用時間"), null=True)

    objects = RecoveryCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("備用碼")
        verbose_name_plural = _("備用碼")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.user_id}"


class Passkey(models.Model):
    """A key of which the person's device keeps the secret half and we the public one (WebAuthn level 3).

    ``credential`` is the attested credential data as the authenticator gave it (authenticator's model, id, public key);
    ``handle`` is how the device calls the person: random, the same for all passkeys of one, and nobody's name.
    """

    user = models.ForeignKey("identity.User", models.CASCADE, related_name="passkeys", verbose_name=_("使用者"))
    name = models.CharField(_("名稱"), max_length=60)
    handle = models.BinaryField(_("使用者代號"), max_length=64)
    credential_id = models.BinaryField(_("憑證編號"), max_length=1023, unique=True)
    credential = models.BinaryField(_("憑證"))
    counter = models.BigIntegerField(_("簽章次數"), default=0)
    created_at = models.DateTimeField(_("新增時間"), default=clock.now, editable=False)
    used_at = models.DateTimeField(_("最後使用"), null=True)

    objects = PasskeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("通行密鑰")
        verbose_name_plural = _("通行密鑰")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="passkey_has_a_name"),
            models.CheckConstraint(condition=models.Q(counter__gte=0), name="passkey_counts_up"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("passkey", args=[self.pk])
