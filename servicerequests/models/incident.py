"""A major incident: one event that many reports are about, steered as one."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.language import in_language
from servicerequests.querysets import IncidentQuerySet
from servicerequests.rules import Gathering

MAX_METRES = 50_000


class Event(models.TextChoices):
    """What happened; the words of the Disaster Prevention and Protection Act (災害防救法) article 2, then ours."""

    WIND = "wind", _("風災")
    FLOOD = "flood", _("水災")
    QUAKE = "quake", _("震災")
    FIRE = "fire", _("火災、爆炸")
    GAS = "gas", _("公用氣體與油料管線、輸電線路災害")
    LANDSLIDE = "landslide", _("土石流及大規模崩塌")
    POLLUTION = "pollution", _("毒性及關注化學物質、空氣污染")
    OUTAGE = "outage", _("停水、停電")
    OTHER = "other", _("其他重大事件")


class Incident(models.Model):
    """One event that gathers its reports by area, kind and time, is told of as one, and ends with a report."""

    class State(models.TextChoices):
        OPEN = "open", _("應變中")
        CLOSED = "closed", _("已結束")

    name = models.CharField(_("名稱"), max_length=60)
    name_en = models.CharField(_("英文名稱"), max_length=80, blank=True)
    event = models.CharField(_("事件類別"), max_length=10, choices=Event)
    # Where: nothing at all is the whole city.
    districts = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    lon = models.FloatField(_("經度"), null=True, blank=True)
    lat = models.FloatField(_("緯度"), null=True, blank=True)
    metres = models.PositiveIntegerField(_("半徑（公尺）"), null=True, blank=True)
    polygon = models.JSONField(default=list, blank=True)
    kind_codes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    since = models.DateTimeField(_("起"))
    until = models.DateTimeField(_("迄"), null=True, blank=True)
    lead = models.ForeignKey("organisation.Agency", models.PROTECT, related_name="+", verbose_name=_("主導機關"))
    # What the public reads while it lasts; empty: the public is not told.
    public_zh = models.TextField(_("給民眾的話"), blank=True)
    public_en = models.TextField(_("給民眾的話（英文）"), blank=True)
    declared_at = models.DateTimeField(_("成立時間"))
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(_("結束時間"), null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    # The report: what was learned, in words, and the sums as they stood at the closing.
    lessons = models.TextField(_("檢討與改進"), blank=True)
    figures = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("重大事件")
        constraints = [
            models.CheckConstraint(name="incident_event_known", condition=Q(event__in=Event.values)),
            models.CheckConstraint(name="incident_named", condition=~Q(name="")),
            models.CheckConstraint(name="incident_in_order", condition=Q(until=None) | Q(until__gt=F("since"))),
            models.CheckConstraint(
                name="incident_circle_whole",
                condition=Q(lon=None, lat=None, metres=None)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90), metres__range=(1, MAX_METRES)),
            ),
            models.CheckConstraint(
                name="incident_one_area",
                condition=Q(districts=[], metres=None) | Q(districts=[], polygon=[]) | Q(metres=None, polygon=[]),
            ),
            models.CheckConstraint(
                name="incident_closed_whole",
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="incident_open", fields=["since"], condition=Q(closed_at__isnull=True))]

    def __str__(self) -> str:
        return in_language(self.name, self.name_en)

    @property
    def state(self) -> Incident.State:
        return self.State.CLOSED if self.closed_at else self.State.OPEN

    @property
    def public_text(self) -> str:
        """What the public is told, in the reader's language; Chinese where there is no English."""
        return in_language(self.public_zh, self.public_en)

    @property
    def gathering(self) -> Gathering:
        """By what it gathers, as the rules want it."""
        circle = (self.lon, self.lat, float(self.metres)) if self.metres else None
        return Gathering(
            since=self.since,
            until=self.until,
            kinds=frozenset(self.kind_codes),
            districts=frozenset(self.districts),
            circle=circle,  # type: ignore[arg-type]
            polygon=tuple((lon, lat) for lon, lat in self.polygon),
        )


class IncidentCase(models.Model):
    """A case of an incident. One that was taken out keeps its row, so that the rule does not bring it back."""

    class By(models.TextChoices):
        RULE = "rule", _("依範圍")
        HAND = "hand", _("人工加入")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="members", db_index=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="incidents")
    by = models.CharField(max_length=4, choices=By)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("重大事件的案件")
        constraints = [
            models.UniqueConstraint(name="incidentcase_once", fields=["incident", "case"]),
            models.CheckConstraint(name="incidentcase_by_known", condition=Q(by__in=["rule", "hand"])),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.case_id}"


class IncidentEvent(models.Model):
    """A line of an incident's log. Append-only, in the database too."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="events")
    at = models.DateTimeField(_("時間"))
    verb = models.CharField(max_length=12)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("重大事件紀錄")

    def __str__(self) -> str:
        return f"{self.incident_id} {self.verb}"

    @property
    def label(self) -> str:
        """The verb in words."""
        return str(VERBS.get(self.verb, self.verb))


VERBS = {
    "declare": _("成立"),
    "change": _("變更範圍或說明"),
    "note": _("紀事"),
    "add": _("加入案件"),
    "remove": _("移出案件"),
    "broadcast": _("發布通報"),
    "close": _("結束"),
}


class Broadcast(models.Model):
    """Something told to many at once: to the agencies concerned, to those who reported, or to both."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="broadcasts")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    to_agencies = models.BooleanField(_("通知各機關"), default=False)
    to_reporters = models.BooleanField(_("通知通報人"), default=False)
    text_zh = models.TextField(_("內容"))
    text_en = models.TextField(_("內容（英文）"), blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    # How many have been told; set by `servicerequests.actions.broadcasting.reached`.
    staff_told: int
    reporters_told: int

    class Meta:
        verbose_name = verbose_name_plural = _("重大事件通報")
        constraints = [
            models.CheckConstraint(name="broadcast_to_somebody", condition=Q(to_agencies=True) | Q(to_reporters=True)),
            models.CheckConstraint(name="broadcast_says_something", condition=~Q(text_zh="")),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.at:%F %T}"

    def text(self, language: str) -> str:
        """What it says in a language; Chinese where there is no English."""
        return self.text_en if language == "en" and self.text_en else self.text_zh


class Told(models.Model):
    """Who has been told of a broadcast, by the keyed digest of their address: nobody hears the same thing twice."""

    broadcast = models.ForeignKey(Broadcast, models.PROTECT, related_name="told", db_index=False)
    person = models.CharField(max_length=32)
    staff = models.BooleanField(default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("已通報的人")
        constraints = [models.UniqueConstraint(name="told_once", fields=["broadcast", "person"])]

    def __str__(self) -> str:
        return f"{self.broadcast_id}"
