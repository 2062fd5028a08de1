"""A section of a report: who writes it by when, where it stands, and every version of its text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annualreport.models.report import Report
from annualreport.querysets import EventQuerySet, SectionQuerySet, VersionQuerySet
from annualreport.registry import heading
from annualreport.rules import in_order, standing
from annualreport.states import LIFE
from cases.states import State
from foundation import clock
from foundation.language import in_language


@dataclass(frozen=True)
class SectionClock:
    """What the promise bar shows of a section: days, not hours."""

    state: str
    fraction: float
    words: str
    promise: str = ""
    received: None = None
    due: None = None


class Section(models.Model):
    """A place in the tree of a report. ``agreed`` keeps the figures' values of the moment at which it was agreed."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="sections")
    code = models.CharField(gettext_lazy("節次"), max_length=20)
    title_zh = models.CharField(gettext_lazy("標題"), max_length=120)
    title_en = models.CharField(gettext_lazy("英文標題"), max_length=240, blank=True)
    unit = models.ForeignKey(
        "organisation.Unit", models.PROTECT, related_name="+", verbose_name=gettext_lazy("撰寫單位")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("撰稿人"),
    )
    state = models.CharField(gettext_lazy("狀態"), max_length=10, default="assigned")
    assigned_on = models.DateField(gettext_lazy("指派日"), default=clock.today)
    due_on = models.DateField(gettext_lazy("期限"))
    done_on = models.DateField(gettext_lazy("送審日"), null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True, editable=False)
    agreed = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)  # of the row: a form that is older is refused

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("報告章節")
        constraints = [
            models.UniqueConstraint(fields=["report", "code"], name="section_place_once"),
            models.CheckConstraint(name="section_state_known", condition=Q(state__in=list(LIFE.states))),
            models.CheckConstraint(name="section_due_after_assigned", condition=Q(due_on__gte=F("assigned_on"))),
            models.CheckConstraint(
                name="section_open_is_not_done",
                condition=Q(state__in=["assigned", "returned"], done_on=None)
                | (~Q(state__in=["assigned", "returned"]) & Q(done_on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return heading(self.code, self.title)

    def get_absolute_url(self) -> str:
        return reverse("report-section", args=[self.pk])

    @property
    def title(self) -> str:
        return in_language(self.title_zh, self.title_en)

    @property
    def place(self) -> tuple[int, ...]:
        """Where it stands in the tree, to be sorted by."""
        return in_order(self.code)

    @property
    def now_in(self) -> State:
        return LIFE.states[self.state]

    def clock(self, today: date | None = None) -> SectionClock:
        """The promise bar: how much of the time until the due date is spent."""
        stands = standing(self.assigned_on, self.due_on, today or clock.today(), self.done_on)
        days = abs(stands.days)
        words = {
            "late": ngettext("逾期 %(n)d 天", "逾期 %(n)d 天", days),
            "broken": ngettext("逾期 %(n)d 天送審", "逾期 %(n)d 天送審", days),
            "kept": _("期限內送審"),
        }.get(stands.state) or (ngettext("還有 %(n)d 天", "還有 %(n)d 天", days) if days else _("今天到期"))
        return SectionClock(stands.state, stands.fraction, words % {"n": days} if "%(" in words else words)


class Version(models.Model):
    """A text of a section as somebody saved it. Append-only: the database refuses UPDATE and DELETE."""

    section = models.ForeignKey(Section, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(gettext_lazy("版次"))
    text_zh = models.TextField(gettext_lazy("內容"), blank=True)
    text_en = models.TextField(gettext_lazy("英文內容"), blank=True)
    at = models.DateTimeField(gettext_lazy("時間"), default=clock.now)
    # Nobody: the city pack, with which a section begins.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("章節版本")
        constraints = [models.UniqueConstraint(fields=["section", "number"], name="section_version_once")]

    def __str__(self) -> str:
        return f"{self.section} {self.number}"

    @property
    def text(self) -> str:
        """In the reader's language."""
        return in_language(self.text_zh, self.text_en)


class Event(models.Model):
    """What happened to a section: verbs, comments, reminders. Append-only as its versions are."""

    section = models.ForeignKey(Section, models.PROTECT, related_name="events")
    at = models.DateTimeField(gettext_lazy("時間"), default=clock.now)
    verb = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, blank=True)
    text = models.TextField(gettext_lazy("內容"), blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("章節紀錄")

    def __str__(self) -> str:
        return f"{self.section} {self.verb}"

    @property
    def label(self) -> str:
        """What was done, in words."""
        known = {"open": _("開始彙編"), "remind": _("系統提醒")}
        found = LIFE.transitions.get(self.verb)
        return known.get(self.verb) or str(found.told if found else self.verb)
