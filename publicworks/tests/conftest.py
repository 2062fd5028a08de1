from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cases.models import Case
from organisation import directory
from organisation.geography import locate
from publicworks.actions.finding import TOPIC, body_of, title_of
from publicworks.models import Work
from search.actions import index

HERE = (120.3121, 22.6205)  # where the fixture `report` reports from, in 苓雅區


@pytest.fixture
def work(city: Any) -> Callable[..., Work]:
    """``work("111-0001", unit="water-maintenance")``: a work of the register, at HERE unless said otherwise."""

    def make(number: str = "111-0001", *, unit: str = "water-maintenance", at: Any = HERE, **facts: Any) -> Work:
        place = {}
        if at:
            lon, lat = at
            place = {"lon": lon, "lat": lat, "west": lon, "south": lat, "east": lon, "north": lat,
                     "district_id": locate(lon, lat).district_code}  # fmt: skip
        made = Work.objects.create(
            **{
                "tender_number": number, "name": f"四維三路雨水下水道工程{number}", "agency_name": "水利局",
                "unit": directory.unit(unit) if unit else None, "contractor": "愛河營造有限公司", "budget": 12_000_000,
                "planned_start": date(2022, 1, 10), "planned_end": date(2022, 12, 20), "state": "building", **place,
            } | facts
        )  # fmt: skip
        index(TOPIC, made.pk, title_of(made.tender_number, made.name), body_of(made.agency_name, made.contractor))
        return made

    return make


@pytest.fixture
def about(report: Callable[..., Case]) -> Callable[..., Case]:
    """``about(work)``: a report on a work, as the doors file it; ``about(None)``: on none of the register."""

    def make(subject: Work | None, kind: str = "works_quality", **facts: Any) -> Case:
        fields = {"issue": "concrete"} if kind == "works_quality" else {}
        return report(kind, fields=fields | ({"work": subject.tender_number} if subject else {}), **facts)

    return make
