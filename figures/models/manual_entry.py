"""What the owner of a figure without records entered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from figures.querysets import ManualEntryQuerySet
from figures.registry import MONTH, YEAR, Period


class ManualEntry(models.Model):
    """One value of a manual figure for a period, as somebody entered it, with the evidence for it.

    Append-only; the database refuses changes. A value is corrected by another entry with a ``reason``: the last one of
    a period holds, the earlier ones stay visible beside it. Written by ``actions.enter`` alone, which also keeps the
    ``Observation`` that everybody reads.
    """

    figure = models.CharField(_("統計項目"), max_length=80)
    grain = models.CharField(max_length=5)
    period = models.DateField(_("期間"))
    value = models.DecimalField(_("數值"), max_digits=20, decimal_places=6)
    evidence = models.CharField(_("佐證資料"), max_length=400)
    address = models.URLField(_("佐證網址"), max_length=400, blank=True)
    reason = models.CharField(_("更正原因"), max_length=200, blank=True)
    entered_at = models.DateTimeField(_("填報時間"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("填報人員")
    )

    objects = ManualEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("人工填報值")
        verbose_name_plural = _("人工填報值")
        indexes = [models.Index(name="entry_of", fields=["figure", "grain", "period", "-id"])]
        constraints = [
            models.CheckConstraint(name="entry_month_or_year", condition=models.Q(grain__in=[MONTH, YEAR])),
            models.CheckConstraint(name="entry_with_evidence", condition=~models.Q(evidence="")),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.of_period}: {self.value}"

    @property
    def of_period(self) -> Period:
        return Period(self.grain, self.period)
