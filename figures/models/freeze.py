"""The closing of a period."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from figures.querysets import FreezeQuerySet
from figures.registry import MONTH, YEAR, Period


class Freeze(models.Model):
    """A month or a year whose figures were published. Append-only; the database refuses changes.

    It covers the months and days in it. ``figures`` maps the codes that existed then to their dimensions: a figure or
    a break-down declared later was not published, so it has nothing to correct. ``definitions`` maps every figure to
    the version of its definition by which it was published.
    """

    grain = models.CharField(max_length=5)
    start = models.DateField()
    figures = models.JSONField()
    definitions = models.JSONField(default=dict, db_default={})
    frozen_at = models.DateTimeField(_("結帳時間"))
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("結帳人員")
    )

    objects = FreezeQuerySet.as_manager()

    class Meta:
        verbose_name = _("期間結帳")
        verbose_name_plural = _("期間結帳")
        constraints = [
            models.UniqueConstraint(name="freeze_once", fields=["grain", "start"]),
            models.CheckConstraint(name="freeze_month_or_year", condition=Q(grain__in=[MONTH, YEAR])),
        ]

    def __str__(self) -> str:
        return str(self.period)

    @property
    def period(self) -> Period:
        return Period(self.grain, self.start)
