"""The value of a figure for a period and a set of values of its dimensions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from figures.querysets import ObservationQuerySet
from figures.registry import GRAINS, Period


class Observation(models.Model):
    """One stored value. Written by ``actions.refresh`` in SQL, from the records; nobody types one.

    ``by`` names the dimensions of ``dims`` ("district,kind", sorted; empty for the total), so that one index finds a
    total, a break-down or a cell. A record without a value in a dimension stands under the empty string.

    ``value`` always says what the records say now. In a frozen period ``frozen_value`` is what was published (none for
    a median of nothing) and never changes: the database refuses it. So a later correction is the difference of the two.
    Where a count is zero there is no row. ``definition`` is the version of the figure by which ``value`` was computed
    (``figures.versions``); empty for what was computed before there were versions. ``is_typed``: ``value`` is what a
    person entered (``ManualEntry``); where a desk counts records under a code that was entered before, such values stay
    for the periods of which nothing is counted.
    """

    figure = models.CharField(_("統計項目"), max_length=80)
    grain = models.CharField(max_length=5)
    by = models.CharField(max_length=120, blank=True)
    period = models.DateField(_("期間"))
    dims = models.JSONField(default=dict, blank=True)
    value = models.DecimalField(_("數值"), max_digits=20, decimal_places=6, null=True)
    is_frozen = models.BooleanField(default=False)
    frozen_value = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    definition = models.CharField(_("定義版本"), max_length=12, blank=True, default="", db_default="")
    computed_at = models.DateTimeField(_("計算時間"))
    is_typed = models.BooleanField(default=False, db_default=False)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("觀測值")
        verbose_name_plural = _("觀測值")
        constraints = [
            models.UniqueConstraint(name="observation_once", fields=["figure", "grain", "by", "period", "dims"]),
            models.CheckConstraint(name="observation_grain_known", condition=Q(grain__in=GRAINS)),
            models.CheckConstraint(
                name="observation_frozen_whole", condition=Q(is_frozen=True) | Q(frozen_value__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {Period(self.grain, self.period)} {self.dims or ''}".rstrip()
