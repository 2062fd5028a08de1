"""What the rules for keeping personal data did, night by night."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from organisation.permissions import grants_of


class RunQuerySet(models.QuerySet):
    """Reports."""

    def visible_to(self, user) -> Self:
        """All of them to whoever may read them, none to anybody else."""
        return self if grants_of(user).has("city:retention:read") else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-on", "holding")


class Run(models.Model):
    """One holding on one day: the rule, how many were looked at, how many let go of, how many kept and why.

    A run that was cut off goes on in the same row: ``done`` is written with each batch. It names no person and no case.
    """

    on = models.DateField(_("日期"))
    holding = models.CharField(_("資料"), max_length=40)
    term = models.CharField(_("保存多久"), max_length=20)
    law = models.CharField(_("依據"), max_length=300)
    before = models.DateTimeField(_("早於"))
    looked = models.PositiveIntegerField(_("看過"), default=0)
    done = models.PositiveIntegerField(_("已清空"), default=0)
    held = models.JSONField(_("保留"), default=dict)
    started_at = models.DateTimeField(_("開始"), default=clock.now)
    finished_at = models.DateTimeField(_("結束時間"), null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("保存期限執行報告")
        constraints = [models.UniqueConstraint(name="retention_run_once", fields=["on", "holding"])]

    def __str__(self) -> str:
        return f"{self.on} {self.holding}"
