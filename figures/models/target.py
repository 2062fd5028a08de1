"""What a figure is to come to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from figures.querysets import TargetQuerySet
from figures.registry import MONTH, YEAR, Period


class Target(models.Model):
    """The value that a figure is to reach in a period, as its owner set it on a day, with the reason.

    Append-only; the database refuses changes. A target is changed by another one: the last holds, so that it is known
    whether it was lowered shortly before the end.
    """

    figure = models.CharField(_("統計項目"), max_length=80)
    grain = models.CharField(max_length=5)
    period = models.DateField(_("期間"))
    value = models.DecimalField(_("目標"), max_digits=20, decimal_places=6)
    at_most = models.BooleanField(_("越低越好"), default=False)
    reason = models.CharField(_("依據"), max_length=200)
    set_at = models.DateTimeField(_("訂定時間"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("訂定人員")
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("目標")
        indexes = [models.Index(name="target_of", fields=["figure", "grain", "period", "-id"])]
        constraints = [
            models.CheckConstraint(name="target_month_or_year", condition=models.Q(grain__in=[MONTH, YEAR])),
            models.CheckConstraint(name="target_with_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.of_period}: {self.value}"

    @property
    def of_period(self) -> Period:
        return Period(self.grain, self.period)
