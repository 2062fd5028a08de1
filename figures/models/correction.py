"""What changed after a period was closed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from figures.querysets import CorrectionQuerySet
from figures.registry import Period


class Correction(models.Model):
    """The records of a frozen period gave another value than before. Append-only; the database refuses changes.

    ``published`` is the value that was frozen, ``before`` and ``after`` what the records said until now and say since.
    """

    figure = models.CharField(max_length=80)
    grain = models.CharField(max_length=5)
    by = models.CharField(max_length=120, blank=True)
    period = models.DateField()
    dims = models.JSONField(default=dict, blank=True)
    published = models.DecimalField(_("結帳時數值"), max_digits=20, decimal_places=6, null=True)
    before = models.DecimalField(_("更正前"), max_digits=20, decimal_places=6, null=True)
    after = models.DecimalField(_("更正後"), max_digits=20, decimal_places=6, null=True)
    noticed_at = models.DateTimeField(_("發現時間"))
    reason = models.CharField(_("原因"), max_length=200, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("更正")
        verbose_name_plural = _("更正")
        indexes = [models.Index(name="correction_of", fields=["figure", "grain", "by", "period"])]

    def __str__(self) -> str:
        return f"{self.figure} {self.of_period}: {self.before} → {self.after}"

    @property
    def of_period(self) -> Period:
        return Period(self.grain, self.period)
