"""Sets of shares on boards, shares rounded as their sets are, and published values that were corrected."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client

from dashboard import tabling, words
from dashboard.choosing import Choice
from dashboard.models import Board, Chart
from dashboard.picturing import picture
from dashboard.reading import shape_of, tell
from dashboard.rules import offered
from dashboard.told import Told
from figures import actions as figures
from figures import queries
from figures.registry import Manual, Period, Ratio, ShareSet, registry
from foundation.clock import TAIPEI

YEAR, CHOSEN = Period.year(2022), Choice(2022)
PARTS = [f"sets.{letter}" for letter in "abcdefghi"]


@pytest.fixture
def sets(db):
    """Nine amounts with their whole as a set, the shares of two of them, and three percentages as another."""
    one = Manual(code="sets.all", label="全部", unit="案", definition="測試用。")
    amounts = {code: replace(one, code=code, label=code[-1].upper()) for code in PARTS} | {one.code: one}
    percents = {f"{code}p": replace(amounts[code], code=f"{code}p", unit="%", decimals=2) for code in PARTS[:3]}
    share = Ratio(
        code="sets.a_share", label="A 占比", definition="測試用。", numerator="sets.a", denominator="sets.all"
    )
    declared = {
        "sets.nine": ShareSet(code="sets.nine", label="九類", parts=tuple(PARTS), whole="sets.all"),
        "sets.three": ShareSet(code="sets.three", label="三類占比", parts=tuple(percents), decimals=2),
    }
    with (
        patch.dict(registry._figures, amounts | percents | {share.code: share}),
        patch.dict(registry._share_sets, declared),
        time_machine.travel(datetime(2023, 7, 1, 12, tzinfo=TAIPEI), tick=False),
    ):
        yield


def enter(values: dict[str, str], year: int = 2022) -> None:
    for code, value in values.items():
        period = Period.year(year)
        again = queries.value(code, period).value is not None
        figures.enter(registry.figure(code), period, Decimal(value), "表", reason="更正" if again else "")


def told(kind: str, codes: list[str], **more: str) -> tuple[Told, str, str]:
    """A chart as a table, its sentence, and its picture with the legend's words."""
    chart = Chart(board=Board(slug="x"), kind=kind, figures=codes, title="題", **more)
    (found,) = tell([chart], CHOSEN)
    drawn = picture(chart, found, CHOSEN)
    return found, words.sentence(chart, found), drawn.body + " ".join(m.label for m in drawn.legend) if drawn else ""


def test_only_all_parts_of_a_set_are_offered_as_a_ring_and_as_stacked_shares(sets) -> None:
    assert {"donut"} <= set(offered(shape_of(Chart(figures=PARTS))))
    assert {"stacked"} <= set(offered(shape_of(Chart(figures=PARTS[::-1], by="time"))))
    for fewer in (Chart(figures=PARTS[1:]), Chart(figures=[*PARTS, "sets.all"]), Chart(figures=PARTS[:1])):
        assert "donut" not in offered(shape_of(fewer))


def test_a_ring_has_shares_that_add_up_however_they_round(sets) -> None:
    enter(dict.fromkeys(PARTS[:3], "1") | dict.fromkeys(PARTS[3:], "0") | {"sets.all": "3"})
    found, sentence, drawn = told("donut", PARTS)
    shares = [line.cells[1].value for line in found.lines]
    assert sum(shares) == 100 and shares[:3] == [Decimal("33.4"), Decimal("33.3"), Decimal("33.3")]
    assert "A 33.4%" in drawn and "B 33.3%" in drawn and ">3<" in drawn
    assert sentence == "民國 111 年最多的是A，占 33.4%。"
    assert [cell.value for cell in found.total] == [3, 100]
    # The share that is shown alone is the one of the ring, not 33.3 by itself; so is the figure's own page.
    (alone,) = tell([Chart(board=Board(slug="x"), kind="number", figures=["sets.a_share"], title="題")], CHOSEN)
    assert alone.value == Decimal("33.4") == queries.value("sets.a_share", YEAR).value


def test_more_parts_than_colours_are_put_together_and_still_add_up(sets) -> None:
    enter({code: str(n) for n, code in enumerate(PARTS, 1)} | {"sets.all": "45"})
    found, _sentence, drawn = told("stacked", PARTS, by="time", span="years5")
    (line,) = (line for line in found.lines if line.key == "2022")
    assert len(found.columns) == 7 and found.columns[-1].label == "其他"
    assert sum(cell.value for cell in line.cells) == 100 and "其他" in drawn
    assert "colspan" not in tabling.table(Chart(by="time", kind="stacked", title="題", board=Board(slug="x")), found)


def test_a_set_that_does_not_add_up_draws_nothing_and_says_why(sets) -> None:
    enter({"sets.ap": "33.74", "sets.bp": "37.22"})
    percents = ["sets.ap", "sets.bp", "sets.cp"]
    found, sentence, drawn = told("donut", percents)
    assert (drawn, sentence) == ("", "民國 111 年還缺「C」，合計不了，所以不畫圖。")
    enter({"sets.cp": "32.73"})
    found, sentence, drawn = told("donut", percents)
    assert (drawn, sentence) == ("", "民國 111 年各部分合計 103.69，應為 100，所以不畫圖。")
    assert [cell.value for cell in found.total] == [Decimal("103.69")]
    enter({"sets.cp": "29.04"})
    assert "C 29.04%" in told("donut", percents)[2]
    enter(dict.fromkeys(PARTS, "1"))
    assert "沒有整體的數字" in told("donut", PARTS)[1]
    enter({"sets.all": "10"})
    assert told("donut", PARTS)[1:] == ("民國 111 年各部分合計 9，應為 10，所以不畫圖。", "")
    assert told("stacked", PARTS, by="time", span="years5")[1:] == (
        "民國 111 年各部分合計 9，應為 10，所以不畫圖。",
        "",
    )
    assert queries.value("sets.a_share", YEAR).value == Decimal("10.0")  # alone it is what it is


@pytest.mark.django_db
def test_a_published_value_that_was_corrected_shows_both(year, report) -> None:
    figures.freeze(YEAR)
    page = Client().get("/dashboard/requests/?year=2022").text
    assert "figure-corrected" not in page
    report("pothole", received_at=datetime(2022, 3, 9, 9, tzinfo=TAIPEI), lon=120.3121, lat=22.6205)
    figures.rebuild(2022)
    page = Client().get("/dashboard/requests/?year=2022").text
    number = page[page.index("受理案件") :]
    assert 'title="這個數字怎麼算的"><span class="figure-number">8</span>' in number[:900]
    assert "更正：現為 9" in number[:900]
    months = page[page.index("每月受理與完成") :]
    assert "個公布的數字後來更正" in months and "更正：現為 3" in months  # March
    half = Client().get("/dashboard/requests/?year=2022&from=1&to=6").text  # put together from months
    assert "更正：現為 6" in half
    later = Client().get("/dashboard/requests/?year=2022&from=7&to=12").text
    assert "更正：現為" not in later[later.index("受理案件") :][:900]
