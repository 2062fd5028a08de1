"""A case whose personal data must be kept beyond its term: an appeal, a lawsuit, an incident."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation import clock


class HoldReason(models.TextChoices):
    """Why data are kept beyond their term."""

    APPEAL = "appeal", _("陳情、訴願或行政訴訟")
    LITIGATION = "litigation", _("民事或刑事訴訟")
    INCIDENT = "incident", _("資安或個資事件調查")
    AUDIT = "audit", _("稽核或監察調查")


class LegalHoldQuerySet(models.QuerySet):
    """Legal holds."""

    def in_force(self) -> Self:
        """Those that nobody has lifted."""
        return self.filter(lifted_at=None)

    def of(self, case) -> Self:
        """Those of a case that the reader may see, the newest first."""
        return self.filter(case=case).select_related("by", "lifted_by").order_by("-pk")


class LegalHold(models.Model):
    """Nothing of the case is deleted or anonymised by rule until it is lifted. A case has at most one in force."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="holds")
    reason = models.CharField(_("種類"), max_length=10, choices=HoldReason)
    text = models.CharField(_("原因"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("時間"), default=clock.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("保全")
        constraints = [
            models.UniqueConstraint(name="hold_once", fields=["case"], condition=Q(lifted_at=None)),
            models.CheckConstraint(name="hold_reason_known", condition=Q(reason__in=HoldReason.values)),
            models.CheckConstraint(name="hold_says_why", condition=~Q(text="")),
            models.CheckConstraint(
                name="hold_lifted_whole",
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, lifted_at__gte=F("at")),
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.case_id}"
