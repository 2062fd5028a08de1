"""Browsers that a person has signed in from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock


class KnownDevice(models.Model):
    """A browser in which somebody has signed in, known by the digest of a random cookie and by nothing else of it."""

    user = models.ForeignKey(
        "identity.User", models.CASCADE, related_name="known_devices", db_index=False, verbose_name=_("使用者")
    )
    digest = models.CharField(_("摘要"), max_length=32)
    first_at = models.DateTimeField(_("第一次登入"), default=clock.now, editable=False)
    last_at = models.DateTimeField(_("最近登入"), default=clock.now)

    class Meta:
        verbose_name = _("登入過的裝置")
        verbose_name_plural = _("登入過的裝置")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="device_known_once")]
        indexes = [models.Index(fields=["last_at"], name="device_last_at")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_at:%Y-%m-%d}"
