"""A public work: what is built where, by whom, for whom."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from publicworks.querysets import WorkQuerySet
from publicworks.rules import Point, metres_to


class Stage(models.TextChoices):
    """How far a work has come."""

    PLANNED = "planned", _("規劃設計中")
    TENDERING = "tendering", _("招標中")
    AWARDED = "awarded", _("已決標")
    BUILDING = "building", _("施工中")
    SUSPENDED = "suspended", _("停工中")
    COMPLETED = "completed", _("已完工")
    ACCEPTED = "accepted", _("已驗收")
    TERMINATED = "terminated", _("已終止契約")


# 在建工程: begun and not completed yet, also while the work rests.
IN_CONSTRUCTION = frozenset({Stage.BUILDING, Stage.SUSPENDED})


class Work(models.Model):
    """One work of the register. ``tender_number`` is what the tender was published under: it identifies the work."""

    tender_number = models.CharField(_("標案案號"), max_length=40, unique=True)
    name = models.CharField(_("工程名稱"), max_length=200)
    # The source's own words; a work of somebody whom the city's directory does not know has no unit.
    agency_name = models.CharField(_("主辦機關"), max_length=80, blank=True)
    unit = models.ForeignKey(
        "organisation.Unit", models.PROTECT, null=True, blank=True, related_name="works", verbose_name=_("主辦單位")
    )
    contractor = models.CharField(_("施工廠商"), max_length=200, blank=True)
    budget = models.BigIntegerField(_("預算或契約金額（元）"), null=True, blank=True)
    planned_start = models.DateField(_("預定開工"), null=True, blank=True)
    planned_end = models.DateField(_("預定完工"), null=True, blank=True)
    state = models.CharField(_("辦理階段"), max_length=12, choices=Stage, default=Stage.BUILDING)
    address = models.CharField(_("施工地點"), max_length=200, blank=True)
    district = models.ForeignKey("organisation.District", models.PROTECT, null=True, blank=True, related_name="+")
    # Where its pin stands; a road or a pipe also has a line. The box around it is what nearness is asked of.
    lon = models.FloatField(_("經度"), null=True, blank=True)
    lat = models.FloatField(_("緯度"), null=True, blank=True)
    line = models.JSONField(_("路線"), null=True, blank=True)
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    source = models.CharField(_("資料來源"), max_length=40, blank=True)
    # What was typed by hand since a file last said it, by field (``lon``: the place); with what the newest file says
    # instead, where that differs (`publicworks.imports.works`).
    by_hand = models.JSONField(default=dict, db_default={}, blank=True, editable=False)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("工程")
        verbose_name_plural = _("工程")
        constraints = [
            models.CheckConstraint(name="work_has_number_and_name", condition=~Q(tender_number="") & ~Q(name="")),
            models.CheckConstraint(name="work_state_known", condition=Q(state__in=Stage.values)),
            models.CheckConstraint(name="work_budget_not_negative", condition=Q(budget=None) | Q(budget__gte=0)),
            models.CheckConstraint(
                name="work_ends_after_its_start",
                condition=Q(planned_start=None) | Q(planned_end=None) | Q(planned_end__gte=F("planned_start")),
            ),
            models.CheckConstraint(
                name="work_point_whole_and_in_its_box",
                # A comparison with NULL is not false, so that all are there must be said.
                condition=Q(lon=None, lat=None, line__isnull=True, west=None, south=None, east=None, north=None)
                | Q(
                    lon__isnull=False, lat__isnull=False, west__isnull=False, south__isnull=False, east__isnull=False,
                    north__isnull=False, west__lte=F("lon"), east__gte=F("lon"), south__lte=F("lat"),
                    north__gte=F("lat"), west__gte=-180, east__lte=180, south__gte=-90, north__lte=90,
                ),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(name="work_box", fields=["south", "west"], condition=Q(south__isnull=False)),
            models.Index(F("planned_start").desc(nulls_last=True), F("id").desc(), name="work_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its public page."""
        return reverse("work", args=[self.pk])

    @property
    def in_construction(self) -> bool:
        """在建工程: under construction now, resting or not."""
        return self.state in IN_CONSTRUCTION

    def said(self, name: str) -> Any:
        """What the register says of a field, as `by_hand` keeps what a file says of it; of ``lon`` the place."""
        if name == "lon":
            return None if self.lon is None else {"lon": self.lon, "lat": self.lat}
        return getattr(self, f"{name}_id" if name in {"unit", "district"} else name)

    @property
    def digest(self) -> str:
        """What the register says of it, as one short text: another one if any of it has changed."""
        said = [getattr(self, field.attname) for field in self._meta.concrete_fields if field.name != "by_hand"]
        return sha256(repr(said).encode()).hexdigest()[:32]

    @property
    def shape(self) -> list[Point]:
        """Its line, or its point as a line of one; empty without a place."""
        if self.lon is None or self.lat is None:
            return []
        return [(lon, lat) for lon, lat in self.line] if self.line else [(self.lon, self.lat)]

    @property
    def agency_in_charge(self) -> str:
        """Who has it built, in the reader's language where the directory knows it."""
        return str(self.unit.agency) if self.unit else self.agency_name

    @property
    def place(self) -> str:
        """Where, in words: district and address."""
        district, address = self.district, self.address
        if district is not None:
            address = address.removeprefix(district.name)  # addresses are Chinese whatever the page's language
        return " ".join(part for part in (str(district or ""), address) if part)

    def metres_from(self, lon: float, lat: float) -> float:
        """How far it is from a point. Infinite for a work without a place."""
        return metres_to(lon, lat, self.shape) if self.shape else float("inf")

    def is_behind(self, on: date) -> bool:
        """Past its planned end and still under construction."""
        return self.in_construction and self.planned_end is not None and self.planned_end < on
