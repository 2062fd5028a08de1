"""What somebody put right in the register, and what it said before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation import clock
from publicworks.models.work import Work
from publicworks.querysets import CorrectionQuerySet


class Correction(models.Model):
    """One correction of a work by hand. Append-only: the database refuses UPDATE and DELETE (migration 0002)."""

    work = models.ForeignKey(Work, models.PROTECT, related_name="corrections")
    at = models.DateTimeField(_("時間"), default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changes = models.JSONField()

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("工程資料更正")
        constraints = [models.CheckConstraint(name="correction_corrects", condition=~models.Q(changes={}))]

    def __str__(self) -> str:
        return f"{self.work} {self.at:%Y-%m-%d}"

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """Each field in words, with what it said before and what it says now."""
        labels = {field.name: str(field.verbose_name) for field in Work._meta.fields}
        return [(labels[name], before, after) for name, (before, after) in self.changes.items()]
