"""A part of a case that another unit is asked for: the unit in charge composes the one answer from it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from organisation.permissions import grants_of


class ContributionQuerySet(models.QuerySet):
    """Contributions."""

    def visible_to(self, user, permission: str = "contributions:give") -> ContributionQuerySet:
        """Those that a person's units were asked for."""
        scope = grants_of(user).scope(permission)
        if scope.city:
            return self
        return self.filter(Q(unit__agency_id__in=scope.agencies) | Q(unit_id__in=scope.units))

    def of(self, case) -> ContributionQuerySet:
        """Those of a case that the reader may see, in the order in which they were asked for."""
        return self.filter(case=case).select_related("unit__agency", "asked_by", "given_by").order_by("pk")

    def open(self) -> ContributionQuerySet:
        """Not yet given."""
        return self.filter(ended_at__isnull=True)

    def given(self) -> ContributionQuerySet:
        """Answered by the unit that was asked."""
        return self.filter(state=Contribution.State.GIVEN)

    def for_list(self) -> ContributionQuerySet:
        """With what a line shows, the next due on top; one statement."""
        return self.select_related("case__unit__agency", "case__district", "unit__agency", "asked_by").order_by(
            "due_at", "pk"
        )


class Contribution(models.Model):
    """What one unit is asked to give to another's case, by when; a unit has at most one open one a case."""

    class State(models.TextChoices):
        ASKED = "asked", _("待回復")
        GIVEN = "given", _("已回復")
        DECLINED = "declined", _("非本單位權責")
        DROPPED = "dropped", _("不再需要")

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="contributions")
    unit = models.ForeignKey("organisation.Unit", models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(_("狀態"), max_length=8, choices=State, default=State.ASKED)
    question = models.TextField(_("請協助的事項"))
    due_at = models.DateTimeField(_("期限"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(_("回復內容"), blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("會辦")
        verbose_name_plural = _("會辦")
        constraints = [
            models.UniqueConstraint(
                name="contribution_one_open_a_unit", fields=["case", "unit"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="contribution_ended_whole",
                condition=Q(ended_at__isnull=True, state="asked", given_by__isnull=True)
                | Q(ended_at__isnull=False, state__in=["given", "declined"], given_by__isnull=False) & ~Q(answer="")
                | Q(ended_at__isnull=False, state="dropped"),
            ),
            models.CheckConstraint(name="contribution_due_after_asked", condition=Q(due_at__gte=F("asked_at"))),
        ]
        indexes = [
            models.Index(name="contribution_queue", fields=["unit", "due_at"], condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.unit_id}"

    @property
    def is_late(self) -> bool:
        """Given, or still not given, after its due time."""
        return (self.ended_at or now()) > self.due_at
