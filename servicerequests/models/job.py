"""A job: one trip of a crew to the place of a case."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from servicerequests.querysets import JobQuerySet


class Job(models.Model):
    """A case in the hands of a crew. A case has at most one active job; each hand-over begins a new one."""

    class State(models.TextChoices):
        SENT = "sent", _("待接案")
        ACCEPTED = "accepted", _("前往中")
        ON_SITE = "on_site", _("現場處理中")
        DONE = "done", _("已完成")
        HANDED_OVER = "handed_over", _("已轉出")

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="jobs")
    crew = models.ForeignKey("organisation.Unit", models.PROTECT, related_name="jobs", verbose_name=_("外勤隊"))
    state = models.CharField(_("狀態"), max_length=12, choices=State, default=State.SENT)
    note = models.TextField(_("交辦事項"), blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(_("派工時間"))
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(_("接案時間"), null=True)
    arrived_at = models.DateTimeField(_("到場時間"), null=True)
    ended_at = models.DateTimeField(_("結束時間"), null=True)
    result = models.TextField(_("處理情形"), blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("外勤工作")
        verbose_name_plural = _("外勤工作")
        constraints = [
            models.UniqueConstraint(name="job_one_active_a_case", fields=["case"], condition=Q(ended_at__isnull=True)),
            models.CheckConstraint(
                name="job_state_known", condition=Q(state__in=["sent", "accepted", "on_site", "done", "handed_over"])
            ),
            models.CheckConstraint(
                name="job_ended_whole",
                condition=Q(ended_at__isnull=True, state__in=["sent", "accepted", "on_site"])
                | Q(ended_at__isnull=False, state__in=["done", "handed_over"]),
            ),
            models.CheckConstraint(
                name="job_times_in_order",
                condition=(Q(accepted_at__isnull=True) | Q(accepted_at__gte=F("sent_at")))
                & (Q(arrived_at__isnull=True) | Q(arrived_at__gte=F("sent_at")))
                & (Q(ended_at__isnull=True) | Q(ended_at__gte=F("sent_at"))),
            ),
        ]
        indexes = [models.Index(name="job_of_crew", fields=["crew"], condition=Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.case_id} → {self.crew_id}"
