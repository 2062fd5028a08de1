"""Forecasts: the method against series of which the truth is known, when nothing is said, and where it is shown."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from figures import forecasts, holt_winters
from figures.holt_winters import NAIVE, SMOOTHED, outlook
from figures.models import Observation
from figures.registry import DAY, MONTH, Period, registry
from foundation.clock import TAIPEI

WEEK = (20, 22, 21, 20, 24, -45, -62)


def days(length: int, noise: float, seed: int = 4) -> list[float]:
    """So many days around 300 with a week in them, and chance."""
    chance = random.Random(seed)
    return [300 + WEEK[day % 7] + chance.gauss(0, noise) for day in range(length)]


def test_the_smoothing_finds_the_week_under_the_noise_and_its_band_holds_four_of_five() -> None:
    inside, closer = 0, 0
    for seed in range(20):
        series = days(379, 12, seed)
        found = outlook(series[:365], 7, 14, least=0)
        assert found and found.method == SMOOTHED and found.error < 0.9  # less noise than last week's alone
        truth = [300 + WEEK[day % 7] for day in range(365, 379)]
        closer += sum(abs(p.value - t) < 10 for p, t in zip(found.points, truth, strict=True))
        inside += sum(p.low <= came <= p.high for p, came in zip(found.points, series[365:], strict=True))
    assert closer > 0.9 * 280
    assert 0.72 < inside / 280 < 0.88


def test_the_naive_forecast_is_used_where_nothing_beats_it() -> None:
    found = outlook([float(WEEK[day % 7]) for day in range(140)], 7, 14)
    assert found and (found.method, found.error) == (NAIVE, 1.0)
    assert [point.value for point in found.points] == [WEEK[day % 7] for day in range(14)]
    assert all(point.low == point.value == point.high for point in found.points)


def test_two_years_of_months_are_enough_and_less_is_not() -> None:
    months = [100 + 10 * (month % 12) + (month % 5) for month in range(24)]
    assert outlook(months, 12, 6) is not None
    assert outlook(months[1:], 12, 6) is None
    assert outlook([5.0] * 365, 7, 14) is None  # what never varies needs no forecast


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=14, max_size=60), st.integers(1, 20))
def test_a_forecast_stays_within_its_bounds_and_is_never_worse_than_naive(series: list[int], ahead: int) -> None:
    found = outlook(list(map(float, series)), 7, ahead, 0, 100)
    if found is None:
        assert min(series) == max(series)
        return
    assert len(found.points) == ahead and found.error <= 1
    assert all(0 <= point.low <= point.value <= point.high <= 100 for point in found.points)
    tested = holt_winters.tested_steps(len(series), 7)
    assert found.tried == sum(min(ahead, left) for left in range(1, tested + 1))


def test_a_gap_of_a_season_ends_what_is_known() -> None:
    figure = registry.figure("servicerequests.requests")
    of = [Period.day(date(2022, 1, 1) + timedelta(days=n)) for n in range(365)]
    values = [Decimal(round(value)) for value in days(365, 12)]
    whole = forecasts.from_values(figure, of, values)
    assert whole and len(whole.known) == 365 and whole.points[0].period == Period.parse("2023-01-01")
    since_march = forecasts.from_values(figure, of, [Decimal(0)] * 60 + values[60:])
    assert since_march and since_march.known[0] == Period.parse("2022-03-02")
    assert forecasts.from_values(figure, of, [*values[:300], *[Decimal(0)] * 7, *values[307:]]) is None  # 58 days left
    assert forecasts.from_values(figure, of, [*values[:-7], *[Decimal(0)] * 7]) is None
    rate = registry.figure("servicerequests.on_time_rate")
    months = [Period.parse(f"{2020 + n // 12}-{n % 12 + 1:02}") for n in range(30)]
    shares = [Decimal(80 + n % 12) for n in range(30)]
    assert forecasts.from_values(rate, months, shares)
    assert forecasts.from_values(rate, months, [*shares[:20], None, *shares[21:]]) is None


def test_what_is_forecast_and_by_what() -> None:
    assert forecasts.grains(registry.figure("servicerequests.requests")) == (DAY, MONTH)
    assert forecasts.grains(registry.figure("servicerequests.on_time_rate")) == (MONTH,)
    assert all(p.is_over and p.next == q for p, q in pairwise(forecasts.periods(DAY)))
    with time_machine.travel(datetime(2023, 3, 15, 12, tzinfo=TAIPEI), tick=False):
        assert str(forecasts.periods(MONTH)[-1]) == "2023-02"
        assert str(forecasts.periods(DAY)[-1]) == "2023-03-14"
        assert str(forecasts.periods(MONTH, date(2022, 12, 31))[-1]) == "2022-12"
        assert str(forecasts.periods(MONTH, date(2022, 12, 30))[-1]) == "2022-11"


@pytest.fixture
def counted(city: None) -> list[int]:
    """The requests of 120 days up to yesterday, 14 March 2023, as they are stored."""
    values = [round(value) for value in days(120, 12)]
    last = date(2023, 3, 14)
    Observation.objects.bulk_create(
        Observation(
            figure="servicerequests.requests", grain=DAY, period=last - timedelta(days=119 - n), value=value,
            computed_at=datetime(2023, 3, 15, tzinfo=TAIPEI),
        )
        for n, value in enumerate(values)
    )  # fmt: skip
    return values


@time_machine.travel(datetime(2023, 3, 15, 12, tzinfo=TAIPEI), tick=False)
def test_a_forecast_is_told_by_page_program_and_shell(counted: list[int], capsys: pytest.CaptureFixture) -> None:
    page = Client().get("/figures/servicerequests.requests/?year=2023").content.decode()
    assert "推估：接下來的 14 天" in page and "民國 112 年 3 月 28 日" in page and 'class="line l1 ahead"' in page
    assert "試推" in page
    before = Client().get("/figures/servicerequests.requests/?year=2022").content.decode()
    assert "推估：" not in before  # 49 days of 2022 are no twelve weeks
    address = "/api/figures/servicerequests.requests/forecast"
    found = Client().get(address).json()
    assert (found["grain"], found["until"], len(found["values"])) == ("day", "2023-03-14", 14)
    assert found["values"][0]["low"] <= found["values"][0]["value"] <= found["values"][0]["high"]
    assert Client().get(f"{address}?until=2022").json()["values"] == []
    assert Client().get(f"{address}?by=year").json()["error"]["parameter"] == "by"
    assert Client().get("/api/figures/cases.nothing/forecast").status_code == 404
    call_command("figures", "forecast", "servicerequests.requests")
    said = capsys.readouterr().out
    assert "forecast from 2022-11-15 to 2023-03-14" in said and "2023-03-28" in said and "80 %" in said
    call_command("figures", "explain", "servicerequests.requests", "2023-03-14")
    assert "forecast from" in capsys.readouterr().out
    with pytest.raises(CommandError, match="too little is known"):
        call_command("figures", "forecast", "servicerequests.requests", "--until", "2022-12-31")
    with pytest.raises(CommandError, match="is not forecast by day"):
        call_command("figures", "forecast", "servicerequests.on_time_rate", "--by", "day")
