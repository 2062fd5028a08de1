"""The log of authentications."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from singlesignon.models.relying_system import RelyingSystem
from singlesignon.querysets import AuthenticationQuerySet


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
