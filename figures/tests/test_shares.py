"""Shares of a whole: they add up to 100 % or are not published."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from unittest.mock import patch

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from figures import actions, queries
from figures.models import Freeze
from figures.registry import Manual, Period, Ratio, Registry, ShareSet, registry
from figures.registry.city import Said, said
from figures.rules import largest_remainder
from figures.shares import broken, shares
from foundation.clock import TAIPEI

YEAR = Period.year(2022)
amounts = st.lists(st.decimals(0, 10**9, places=2, allow_nan=False), min_size=1, max_size=8)


@given(amounts, st.integers(0, 4))
def test_rounded_shares_add_up_and_none_is_off_by_a_whole_place(parts: list[Decimal], decimals: int) -> None:
    found = largest_remainder(parts, decimals)
    if not sum(parts):
        assert found == []
        return
    assert sum(found) == 100
    place = Decimal(1).scaleb(-decimals)
    for part, share in zip(parts, found, strict=True):
        assert share >= 0 and share % place == 0
        assert abs(part * 100 / sum(parts) - share) < place + Decimal("1e-20")


@given(amounts, st.integers(0, 4), st.randoms())
def test_a_larger_part_never_has_the_smaller_share(parts: list[Decimal], decimals: int, random) -> None:
    shuffled = random.sample(parts, len(parts))
    pairs = sorted(zip(shuffled, largest_remainder(shuffled, decimals), strict=False))
    assert [share for _part, share in pairs] == sorted(share for _part, share in pairs)


def test_thirds_and_refusals() -> None:
    assert largest_remainder([Decimal(1)] * 3, 1) == [Decimal("33.4"), Decimal("33.3"), Decimal("33.3")]
    with pytest.raises(ValueError, match="below zero"):
        largest_remainder([Decimal(-1), Decimal(2)], 1)


PARTS = ("slips.a", "slips.b", "slips.c")


@pytest.fixture
def wholes(slips: None):
    """Three amounts and their whole, and three percentages, as sets."""
    visits = registry.figure("slips.visits")
    amounts = {code: replace(visits, code=code, label=code) for code in (*PARTS, "slips.all")}
    percents = {f"{code}p": replace(visits, code=f"{code}p", label=f"{code}p", unit="%", decimals=2) for code in PARTS}
    sets = {
        "slips.by_amount": ShareSet(code="slips.by_amount", label="依數量", parts=PARTS, whole="slips.all"),
        "slips.by_share": ShareSet(code="slips.by_share", label="依占比", parts=tuple(percents), decimals=2),
    }
    with (
        patch.dict(registry._figures, amounts | percents),
        patch.dict(registry._share_sets, sets),
        time_machine.travel(datetime(2023, 7, 1, 12, tzinfo=TAIPEI), tick=False),
    ):
        yield


def enter(**values: str) -> None:
    for name, value in values.items():
        figure = registry.figure(f"slips.{name}")
        assert isinstance(figure, Manual)
        again = queries.value(figure.code, YEAR).value is not None
        actions.enter(figure, YEAR, Decimal(value), "表", reason="更正" if again else "")


def test_amounts_that_make_the_whole_have_shares_that_add_up(wholes: None) -> None:
    assert shares("slips.by_amount", YEAR).adds_up  # of nothing there is nothing to publish
    enter(a="1", b="1", c="1", all="3")
    found = shares("slips.by_amount", YEAR)
    assert found.adds_up and [part.share for part in found.parts] == [Decimal("33.4"), Decimal("33.3"), Decimal("33.3")]
    enter(all="4")
    found = shares("slips.by_amount", YEAR)
    assert not found.adds_up and found.difference == -1 and {part.share for part in found.parts} == {None}


def test_the_three_shares_that_were_printed_are_refused_at_the_closing(wholes: None) -> None:
    enter(ap="33.74", bp="37.22")
    assert [r.figure.code for r in shares("slips.by_share", YEAR).missing] == ["slips.cp"]
    with pytest.raises(ValidationError, match=r"依占比.*還缺.*slips.cp"):
        actions.freeze(YEAR)
    enter(cp="32.73")
    assert [each.share_set.code for each in broken(YEAR)] == ["slips.by_share"]
    with pytest.raises(ValidationError, match=r"依占比.*103.69.*100"):
        actions.freeze(YEAR)
    assert not Freeze.objects.exists()
    page = Client().get("/figures/shares/slips.by_share/?year=2022").text
    assert "103.69" in page and "多了 3.69" in page and page.count('<rect class="part-') == 6
    assert "合計不符" in Client().get("/figures/shares/?year=2022").text
    enter(cp="29.04")
    assert broken(YEAR) == []
    actions.freeze(YEAR)
    assert Freeze.objects.get().period == YEAR


def test_an_unknown_set_and_one_of_closed_figures_are_not_found(wholes: None, client: Client) -> None:
    assert client.get("/figures/shares/slips.nothing/").status_code == 404
    closed = replace(registry.figure("slips.a"), public=False)
    with patch.dict(registry._figures, {"slips.a": closed}):
        assert client.get("/figures/shares/slips.by_amount/").status_code == 404
        assert "依數量" not in client.get("/figures/shares/").text


def test_a_set_that_cannot_be_is_refused() -> None:
    fresh = Registry(city=Said)
    with pytest.raises(ImproperlyConfigured, match="two parts"):
        fresh.register_share_set(ShareSet(code="x.y", label="", parts=("slips.a",)))
    with pytest.raises(ImproperlyConfigured, match=r"no figure slips\.a, slips\.b"):
        fresh.register_share_set(ShareSet(code="x.y", label="", parts=("slips.a", "slips.b")))


def test_the_sets_of_the_pack_fit() -> None:
    assert {code: problem for code, each in said().share_sets.items() if (problem := registry.misfit(each))} == {}
    for each in said().share_sets.values():
        figures = [registry.figure(code) for code in each.parts]
        assert each.whole or all(str(f.unit) == "%" and f.decimals == each.decimals for f in figures), each.code
        assert not any(isinstance(figure, Ratio) for figure in figures)
