"""The public directory: every agency with its units, found in either language, in a fixed number of statements."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organisation.models import Agency, Unit
from organisation.pages.agencies import Branch, Entry


def page(query: str = "", language: str = "") -> Any:
    client = Client(headers={"accept-language": language} if language else None)
    response = client.get(f"/agencies/{query}")
    assert response.status_code == 200
    return response


def flat(branches: list[Branch]) -> list[str]:
    return [code for branch in branches for code in (branch.unit.code, *flat(branch.below))]


def found(response: Any) -> dict[str, list[str]]:
    entries: list[Entry] = response.context["entries"]
    return {entry.agency.code: flat(entry.units) for entry in entries}


def test_every_agency_is_there_with_all_its_units_as_a_tree(city: Any) -> None:
    response = page()
    assert list(found(response)) == list(Agency.objects.values_list("code", flat=True)) and len(found(response)) == 71
    assert sorted(code for codes in found(response).values() for code in codes) == sorted(
        Unit.objects.values_list("code", flat=True)
    )
    works = next(entry for entry in response.context["entries"] if entry.agency.code == "pwb")
    office = next(branch for branch in works.units if branch.unit.code == "pwb-maintenance")
    roads = next(branch for branch in office.below if branch.unit.code == "pwb-roads")
    assert [branch.unit.code for branch in roads.below] == [f"pwb-road-crew-{n}" for n in (1, 2, 3, 4)]
    assert works.count == Unit.objects.filter(agency__code="pwb").count()
    text = response.content.decode()
    assert "71 個機關" in text and f"{Unit.objects.count()} 個單位" in text and "397110000G" in text
    # No unit is open before somebody opens it: a phone shows the names of the agencies.
    assert not re.search(r"<details[^>]*\bopen\b", text)


@pytest.mark.parametrize("word", ["道路養護科", "路養護", "ROAD MAINTENANCE", "ｒｏａｄ　ｍａｉｎｔｅｎａｎｃｅ"])
def test_a_unit_is_found_in_either_language_with_what_stands_above_it(city: Any, word: str) -> None:
    response = page(f"?q={word}")
    assert found(response) == {"pwb": ["pwb-maintenance", "pwb-roads"]}
    assert re.search(r"<details[^>]*\bopen\b", response.content.decode())


def test_an_agency_is_found_with_all_its_units_closed(city: Any) -> None:
    response = page("?q=交通局")
    assert found(response) == {"transport": found(page())["transport"]}
    assert not response.context["entries"][0].is_open


def test_what_is_not_there_is_said_and_what_is_typed_stays(city: Any) -> None:
    response = page("?q=<script>alert(1)</script>")
    text = response.content.decode()
    assert found(response) == {} and "沒有這個名稱的機關或單位" in text
    assert "&lt;script&gt;alert(1)" in text and "<script>alert" not in text
    too_long = page("?q=" + "養" * 61)
    assert "q" in too_long.context["form"].errors and len(found(too_long)) == 71


def test_what_the_pack_no_longer_names_is_not_shown(city: Any) -> None:
    Agency.objects.filter(code="hakka").update(active=False)
    Unit.objects.filter(code="pwb-road-crew-4").update(active=False)
    shown = found(page())
    assert "hakka" not in shown and "pwb-road-crew-4" not in shown["pwb"]


def test_it_speaks_english(city: Any) -> None:
    text = page(language="en").content.decode()
    assert "Agencies and units" in text and "Public Works Bureau" in text and "工務局" not in text


def test_it_costs_two_statements_and_is_only_for_reading(city: Any) -> None:
    def statements(query: str = "") -> int:
        with CaptureQueriesContext(connection) as captured:
            page(query)
        return len(captured)

    assert statements() == statements("?q=隊") == 2
    agency = Agency.objects.get(code="pwb")
    Unit.objects.bulk_create(
        Unit(agency=agency, code=f"more-{n}", name=f"第{n}科", name_en=f"Section {n}") for n in range(20)
    )
    assert statements() == 2
    assert Client().post("/agencies/").status_code == 405
