"""A citizen's report about a work: what ties a case to the register, and whether an inspection follows from it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from publicworks.querysets import CitizenReportQuerySet


class CitizenReport(models.Model):
    """Which work a case is about. A case without one has not been matched, or is about no work of the register.

    ``in_construction`` is how the work stood when it was matched: figures of a year do not change when a work is
    completed later.
    """

    case = models.OneToOneField("cases.Case", models.PROTECT, primary_key=True, related_name="citizen_report")
    work = models.ForeignKey("publicworks.Work", models.PROTECT, related_name="citizen_reports", verbose_name=_("工程"))
    in_construction = models.BooleanField(_("通報時在建"))
    inspection_asked_at = models.DateTimeField(_("申請查核時間"), null=True, blank=True)
    inspection_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    inspection_reason = models.TextField(_("申請查核的原因"), blank=True)
    inspected_on = models.DateField(_("查核日期"), null=True, blank=True)

    objects = CitizenReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("全民督工通報")
        verbose_name_plural = _("全民督工通報")
        constraints = [
            models.CheckConstraint(
                name="citizen_report_inspection_has_reason",
                condition=Q(inspection_asked_at=None, inspection_reason="")
                | (Q(inspection_asked_at__isnull=False) & ~Q(inspection_reason="")),
            ),
            models.CheckConstraint(
                name="citizen_report_inspected_when_asked",
                condition=Q(inspected_on=None) | Q(inspection_asked_at__isnull=False),
            ),
            # Only what is being built can be inspected (工程施工查核).
            models.CheckConstraint(
                name="citizen_report_inspects_construction",
                condition=Q(inspection_asked_at=None) | Q(in_construction=True),
            ),
        ]
        indexes = [
            models.Index(
                name="citizen_report_inspection",
                fields=["inspection_asked_at"],
                condition=Q(inspection_asked_at__isnull=False, inspected_on=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} → {self.work_id}"
