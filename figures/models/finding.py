"""What the checks found about a value."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from figures.querysets import FindingQuerySet
from figures.registry import Period


class Finding(models.Model):
    """Something about a value that its owner should look at: from when it was found until it was gone.

    ``subject`` is the code of a figure, or of a set of shares whose sum is wrong; ``detail`` are the numbers that the
    words need, as text. The nightly job opens and ends findings; nobody types one, and one that ended is not opened
    again but found anew.
    """

    class Kind(models.TextChoices):
        RANGE = "range", _("超出合理範圍")
        JUMP = "jump", _("與以往差很多")
        SUM = "sum", _("合計不符")
        LATE = "late", _("逾期未填報")
        CONFLICT = "conflict", _("填報與紀錄不符")

    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.CharField(max_length=80)
    grain = models.CharField(max_length=5)
    period = models.DateField()
    detail = models.JSONField(default=dict)
    found_at = models.DateTimeField(_("發現時間"))
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("品質檢查結果")
        constraints = [
            models.UniqueConstraint(
                name="finding_open_once", fields=["kind", "subject", "grain", "period"], condition=Q(gone_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.of_period}"

    @property
    def of_period(self) -> Period:
        return Period(self.grain, self.period)
