"""The case: a promise of the city to somebody, with a deadline."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.utils.crypto import constant_time_compare
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases.models.clock import PromiseClock
from cases.querysets import CaseQuerySet, extras_of
from cases.registry import Kind, kind
from cases.rules import Pause, Promise, due_at, plain_code
from cases.states import EVERY_STATE, State
from foundation.clock import TAIPEI, now
from foundation.encryption import EncryptedTextField
from foundation.roc import roc_year
from organisation.calendar import working_calendar
from organisation.pack import pack


class Channel(models.TextChoices):
    """How a report reached the city."""

    WEB = "web", _("網路")
    APP = "app", _("便民一路通 App")
    PHONE = "phone", _("1999 電話")
    COUNTER = "counter", _("臨櫃")
    LETTER = "letter", _("書面")
    FAX = "fax", _("傳真")
    MAIL = "mail", _("電子郵件")
    LINE = "line", "LINE"
    OPEN311 = "open311", _("Open311 介接")
    IMPORT = "import", _("系統匯入")


class Outcome(models.TextChoices):
    """How a case ended."""

    FIXED = "fixed", _("已修復或排除")
    ANSWERED = "answered", _("已答復")
    NOT_FOUND = "not_found", _("現場未發現所述情形")
    NOT_OURS = "not_ours", _("非本府權責，已轉告權責機關")
    DECLINED = "declined", _("依規定無法辦理")
    MERGED = "merged", _("併入他案")
    WITHDRAWN = "withdrawn", _("申請人撤回")
    REPEATED = "repeated", _("同一事由已答復，不再處理")
    SET_ASIDE = "set_aside", _("未具真實姓名或聯絡方式，不予處理")
    UNKNOWN = "unknown", _("來源未載")


class CaseNumber(Func):
    """``D111-0099781``: series, ROC year, and the next of that year's sequence.

    A sequence is allotted outside the transaction, so that writers never queue for a number; a filing that fails
    leaves a gap, which is why counts are taken from records and never from numbers.
    """

    function = "case_number"
    output_field = models.CharField()

    def __init__(self, series: str, on: date) -> None:
        super().__init__(models.Value(series), models.Value(roc_year(on)))


class Case(models.Model):
    """One case. What happened to it stands in its events; this row is where it stands now."""

    number = models.CharField(_("案件編號"), max_length=20)
    kind_code = models.CharField(_("種類"), max_length=40)
    state = models.CharField(_("狀態"), max_length=12, default="received")
    channel = models.CharField(_("來源管道"), max_length=8, choices=Channel, default=Channel.WEB)
    outcome = models.CharField(_("處理結果"), max_length=10, choices=Outcome, blank=True)

    description = models.TextField(_("內容"), blank=True)
    fields = models.JSONField(default=dict)
    address = models.CharField(_("地點"), max_length=200, blank=True)
    place_note = models.CharField(_("地點說明"), max_length=500, blank=True)
    lon = models.FloatField(_("經度"), null=True, blank=True)
    lat = models.FloatField(_("緯度"), null=True, blank=True)
    # The H3 cell of the point (`cases.rules.cell_of`), for the map: written with the point, never without it.
    cell = models.BigIntegerField(null=True, blank=True, editable=False)
    # Foreign keys without the index that Django would add: Meta.indexes has those that a list is read by, and each more
    # is paid for with every report.
    district = models.ForeignKey(
        "organisation.District", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    village = models.ForeignKey(
        "organisation.Village", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    unit = models.ForeignKey(
        "organisation.Unit", models.PROTECT, related_name="cases", verbose_name=_("主責單位"), db_index=False
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("承辦人"),
        db_index=False,
    )

    # The promise, frozen at receipt with the rule that it was made under.
    received_at = models.DateTimeField(_("受理時間"))
    received_on = models.DateField(_("受理日期"))
    promised_at = models.DateTimeField(_("計時起點"))
    promise_amount = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    promise_unit = models.CharField(max_length=16, blank=True)
    promise_rule = models.CharField(max_length=60, blank=True)
    extensions = models.JSONField(default=list)
    pauses = models.JSONField(default=list)
    due_at = models.DateTimeField(_("期限"), null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    escalate_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(_("完成時間"), null=True, blank=True)
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    on_time = models.BooleanField(_("期限內完成"), null=True, blank=True)
    closed_at = models.DateTimeField(_("結案時間"), null=True, blank=True)

    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    split_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts", db_index=False)
    transfers = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The controller has settled who is responsible: the unit may neither refuse nor pass the case on.
    ruled = models.BooleanField(default=False, db_default=False)
    reopened = models.PositiveSmallIntegerField(default=0)
    rating = models.PositiveSmallIntegerField(_("滿意度"), null=True, blank=True)
    rating_note = models.CharField(max_length=500, blank=True)

    # The reporter's code: with the number it opens the whole case. Encrypted, because letters repeat it.
    secret = EncryptedTextField(blank=True)
    submission = models.UUIDField(null=True, blank=True)
    source = models.CharField(max_length=40, blank=True)
    source_number = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=1)

    # When the verb happens that is being performed on this row; set by `cases.actions.performing`.
    moment: datetime
    beginning: str  # of the description, where a list brought it (`CaseQuerySet.page`)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件")
        verbose_name_plural = _("案件")
        constraints = [
            models.CheckConstraint(name="case_number_form", condition=Q(number__regex=r"^[A-Z][0-9]{2,3}-[0-9]{7,}$")),
            models.CheckConstraint(name="case_state_known", condition=Q(state__in=list(EVERY_STATE))),
            models.CheckConstraint(name="case_channel_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(name="case_outcome_known", condition=Q(outcome__in=["", *Outcome.values])),
            models.CheckConstraint(
                name="case_point_whole_and_on_earth",
                # A comparison with NULL is not false, so that both are there must be said.
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__isnull=False, lat__isnull=False, lon__range=(-180, 180), lat__range=(-90, 90)),
            ),
            models.CheckConstraint(
                name="case_cell_with_point",
                # Here, too, a comparison with NULL is not false.
                condition=Q(lon__isnull=True, cell__isnull=True) | Q(lon__isnull=False, cell__isnull=False, cell__gt=0),
            ),
            models.CheckConstraint(
                name="case_due_after_receipt", condition=Q(due_at__isnull=True) | Q(due_at__gte=F("received_at"))
            ),
            models.CheckConstraint(
                name="case_done_after_receipt", condition=Q(done_at__isnull=True) | Q(done_at__gte=F("received_at"))
            ),
            models.CheckConstraint(
                name="case_done_whole",
                condition=Q(done_at__isnull=True, done_on__isnull=True)
                | Q(done_at__isnull=False, done_on__isnull=False),
            ),
            models.CheckConstraint(
                name="case_closed_has_outcome", condition=Q(closed_at__isnull=True) | ~Q(outcome="")
            ),
            models.CheckConstraint(
                name="case_ended_states_are_closed",
                condition=Q(closed_at__isnull=False, state__in=[s.code for s in EVERY_STATE.values() if s.ended])
                | Q(closed_at__isnull=True, state__in=[s.code for s in EVERY_STATE.values() if not s.ended]),
            ),
            models.CheckConstraint(
                name="case_waiting_is_paused",
                condition=Q(state="waiting", paused_at__isnull=False) | (~Q(state="waiting") & Q(paused_at=None)),
            ),
            models.CheckConstraint(
                name="case_merged_has_target",
                condition=Q(state="merged", merged_into__isnull=False) | (~Q(state="merged") & Q(merged_into=None)),
            ),
            models.CheckConstraint(
                name="case_not_merged_into_itself",
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
            ),
            models.CheckConstraint(
                name="case_rating_1_to_5", condition=Q(rating__isnull=True) | Q(rating__range=(1, 5))
            ),
            # Not ``unique=True``: that brings a second index for LIKE, and indexes the cases without a submission too.
            models.UniqueConstraint(name="case_number_once", fields=["number"]),
            models.UniqueConstraint(
                name="case_submission_once", fields=["submission"], condition=Q(submission__isnull=False)
            ),
            models.UniqueConstraint(
                name="case_source_number_once", fields=["source", "source_number"], condition=~Q(source_number="")
            ),
        ]
        indexes = [
            models.Index(name="case_queue", fields=["unit", "due_at"], condition=Q(closed_at__isnull=True)),
            models.Index(name="case_desk", fields=["officer", "due_at"], condition=Q(closed_at__isnull=True)),
            models.Index(name="case_deadline", fields=["due_at"], condition=Q(closed_at__isnull=True)),
            models.Index(name="case_remind", fields=["remind_at"], condition=Q(remind_at__isnull=False)),
            models.Index(name="case_escalate", fields=["escalate_at"], condition=Q(escalate_at__isnull=False)),
            models.Index(name="case_received", fields=["received_on", "kind_code"]),
            models.Index(name="case_done", fields=["done_on", "kind_code"], condition=Q(done_on__isnull=False)),
            models.Index(name="case_point", fields=["lat", "lon"], condition=Q(closed_at__isnull=True)),
            # All that a tile of the map counts by: it is read from the index alone.
            models.Index(
                name="case_map",
                fields=["cell"],
                include=["kind_code", "state", "received_on", "district"],
                condition=Q(cell__isnull=False),
            ),
            models.Index(name="case_unit_received", fields=["unit", "-received_at"]),
            models.Index(name="case_newest", fields=["-received_at", "-id"]),
            models.Index(name="case_merged", fields=["merged_into"], condition=Q(merged_into__isnull=False)),
            models.Index(name="case_parts", fields=["split_from"], condition=Q(split_from__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.number)

    # -- what it is ------------------------------------------------------------------------------------------------
    @property
    def kind(self) -> Kind:
        """The declared kind."""
        return kind(self.kind_code)

    @property
    def now_in(self) -> State:
        """The state as a declared object, with its labels."""
        return EVERY_STATE[self.state]

    @property
    def place(self) -> str:
        """Where, in words: district, address, note."""
        return self._where(self.address, self.place_note)

    @property
    def public_place(self) -> str:
        """Where, as anybody may know it: without the note, and of a sensitive kind the district alone."""
        return self._where("" if self.kind.sensitive else self.address)

    def _where(self, address: str, note: str = "") -> str:
        if self.district is not None:
            address = _beginning(pack().city.name, self.district.name, self.district.name_en).sub("", address)
        return " ".join(part for part in (str(self.district or ""), address, note) if part)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The kind's questions with their answers, in words."""
        return self.kind.answers(self.fields)

    # -- its promise -----------------------------------------------------------------------------------------------
    @property
    def promise(self) -> Promise | None:
        if self.promise_amount is None:
            return None
        return Promise(Decimal(self.promise_amount), self.promise_unit, self.promise_rule)

    @property
    def pause_list(self) -> list[Pause]:
        """The pauses as the rules want them; the last one is open while the case waits."""
        return [Pause(_local(since), _local(until) if until else None) for since, until in self.pauses]

    @cached_property
    def extras(self) -> frozenset[str]:
        """What this case has that most have not (`cases.querysets.extras_of`), as it was when first asked."""
        return extras_of(self.pk)

    @property
    def calendar(self):
        """The working calendar of the case's district (typhoon days differ by district)."""
        return working_calendar(self.district_id)

    def deadline(self) -> datetime | None:
        """The due time computed from the facts of this row; `due_at` keeps the last result."""
        if self.promise is None:
            return None
        extensions = [Promise(Decimal(e["amount"]), e["unit"]) for e in self.extensions]
        return due_at(self.promised_at, self.promise, self.calendar, extensions=extensions, pauses=self.pause_list)

    def make_promise(self, promise: Promise | None, at: datetime) -> None:
        """Give the case a promise that counts from a time, with no pauses and extensions yet."""
        self.promised_at = at
        self.promise_amount = promise.amount if promise else None
        self.promise_unit = promise.unit if promise else ""
        self.promise_rule = promise.rule if promise else ""
        self.extensions, self.pauses, self.paused_at = [], [], None
        self.set_deadline()

    def set_deadline(self) -> None:
        """Compute `due_at` and when to remind and escalate. Writes nothing: the verb that calls this saves."""
        self.due_at = self.deadline()
        running = self.due_at and not self.done_at and not self.closed_at and not self.paused_at
        before = self.kind.remind_before
        self.escalate_at = self.due_at if running else None
        self.remind_at = None
        if running and before:
            self.remind_at = max(self.calendar.subtract(self.due_at, before.amount, before.unit), self.promised_at)

    def set_done(self, at: datetime | None) -> None:
        """Mark the work as done at a time (or not done, with None) and whether the promise was kept."""
        self.done_at = at
        self.done_on = at.astimezone(TAIPEI).date() if at else None
        self.on_time = (at <= self.due_at) if at and self.due_at else None

    def opened_by(self, code: str) -> bool:
        """Whether a code, as somebody typed it, is this case's secret code."""
        return bool(self.secret) and constant_time_compare(self.secret, plain_code(code))

    def clock(self, at: datetime | None = None) -> PromiseClock:
        """The promise bar of this case."""
        return PromiseClock.of(self, at or now())


@lru_cache(maxsize=500)
def _beginning(city: str, *district: str) -> re.Pattern[str]:
    """The district at the beginning of an address, in whatever language the record has; telephones put the city before
    it."""
    names = "|".join(re.escape(name) for name in district if name)
    return re.compile(rf"\A(?:.{{0,8}}{re.escape(city)})?(?:{names})(?:, ?)?")


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(TAIPEI)
