"""The log of authentications."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from singlesignon.models.relying_system import RelyingSystem
from singlesignon.querysets import AuthenticationQuerySet, DailyAuthenticationsQuerySet


class Authentication(models.Model):
    """That somebody was vouched for to a system, or was refused. Append-only; a partition a month (migration 0002).

    ``place`` is the network from which they came (/24, /48), not the address: enough to see what is unusual.
    ``error`` is the code of a refusal, or empty.
    """

    pk = models.CompositePrimaryKey("at", "id")
    at = models.DateTimeField(_("時間"), default=clock.now)
    id = models.BigIntegerField()
    system = models.ForeignKey(
        RelyingSystem, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False, verbose_name=_("系統")
    )
    environment = models.CharField(max_length=8)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("使用者"),
    )  # fmt: skip
    methods = ArrayField(models.CharField(max_length=20), verbose_name=_("方式"))
    level = models.PositiveSmallIntegerField(_("等級"))
    error = models.CharField(_("結果"), max_length=40, blank=True)
    place = models.CharField(_("來源網段"), max_length=50, blank=True)

    objects = AuthenticationQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "singlesignon_authentication"
        verbose_name = verbose_name_plural = _("認證紀錄")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.system_id} {self.error or 'ok'}"


class DailyAuthentications(models.Model):
    """How many lines of a day (in Taipei) the log has for a system's public environment, by level, methods and result:
    what figures and pages are counted from, as the log itself has millions. ``methods`` are joined by +."""

    day = models.DateField(_("日期"))
    system = models.ForeignKey(RelyingSystem, models.PROTECT, related_name="+", verbose_name=_("系統"))
    level = models.PositiveSmallIntegerField(_("等級"))
    methods = models.CharField(_("方式"), max_length=200)
    error = models.CharField(_("結果"), max_length=40, blank=True)
    number = models.PositiveIntegerField(_("認證次數"))

    objects = DailyAuthenticationsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("每日認證次數")
        ordering = ["-day", "system"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "system", "level", "methods", "error"], name="daily_authentications_once"
            ),
            models.CheckConstraint(condition=models.Q(level__range=(0, 3)), name="daily_authentications_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.system_id} {self.number}"
