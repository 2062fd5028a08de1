"""A report of a period that the city compiles."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from annualreport.querysets import ReportQuerySet
from annualreport.registry import Kind, kind
from figures.registry import Period
from foundation import clock


class Report(models.Model):
    """One report: its kind (of the city pack) and its period, as figures write it: 2022, 2022-08."""

    kind_code = models.CharField(_("種類"), max_length=20)
    period = models.CharField(_("期間"), max_length=10)
    opened_at = models.DateTimeField(_("開始彙編"), default=clock.now)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("彙編人員")
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("報告")
        constraints = [
            models.UniqueConstraint(fields=["kind_code", "period"], name="report_once_a_period"),
            models.CheckConstraint(name="report_period_form", condition=Q(period__regex=r"^[0-9]{4}(-[0-9]{2})?$")),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("report-overview", args=[self.pk])

    @property
    def kind(self) -> Kind:
        return kind(self.kind_code)

    @property
    def of_period(self) -> Period:
        return Period.parse(self.period)

    @property
    def title(self) -> str:
        """As on its cover, in the reader's language."""
        return self.kind.title(self.of_period.label)
