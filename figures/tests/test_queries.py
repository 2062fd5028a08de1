"""Values as they are read: counts, shares, means, medians, stocks, rules."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from figures import actions, queries
from figures.models import Observation
from figures.registry import Period
from figures.tests.slips import Slip
from foundation.clock import TAIPEI

YEAR, AUGUST = Period.year(2022), Period.month(2022, 8)


def moment(*when: int) -> datetime:
    return datetime(*when, tzinfo=TAIPEI)


def slip(received: datetime, done: datetime | None = None, hours: int | None = 4, **facts: Any) -> Slip:
    """A slip with a promise of some hours."""
    return Slip.objects.create(
        **({"kind": "pothole", "district": "E"} | facts),
        received_at=received,
        received_on=received.astimezone(TAIPEI).date(),
        due_at=received + timedelta(hours=hours) if hours else None,
        done_at=done,
        done_on=done and done.astimezone(TAIPEI).date(),
    )


@pytest.fixture(autouse=True)
def year(slips: None) -> None:
    """Six slips of 2022, in the summer of 2023."""
    with time_machine.travel(moment(2023, 7, 1, 12), tick=False):
        slip(moment(2022, 8, 5, 9), moment(2022, 8, 5, 11))
        slip(moment(2022, 8, 5, 9), moment(2022, 8, 5, 15), kind="light")
        slip(moment(2022, 8, 31, 23, 30), moment(2022, 9, 1, 3), district="W")
        slip(moment(2022, 9, 2, 9), kind="light", district=None)
        slip(moment(2022, 12, 31, 23, 30), moment(2023, 1, 1, 1))
        slip(moment(2022, 12, 31, 12), moment(2022, 12, 31, 13), kind="new kind")
        actions.rebuild()
        yield


def number(code: str, period: Period, **dims: str) -> Decimal | None:
    return queries.value(code, period, **dims).value


def test_counts() -> None:
    assert number("slips.received", YEAR) == 6
    assert number("slips.received", AUGUST) == 3
    assert number("slips.received", AUGUST, kind="pothole") == 2
    assert number("slips.received", AUGUST, kind="pothole", district="W") == 1
    assert number("slips.received", Period.day(date(2022, 8, 5))) == 2
    assert (
        number("slips.received", Period.day(date(2022, 8, 5)), kind="light", district="E") == 1
    )  # counted on the spot
    assert number("slips.received", Period.month(2022, 7)) == 0
    assert number("slips.done", YEAR) == 4


def test_a_record_without_a_value_counts_in_the_total_and_by_itself() -> None:
    assert number("slips.received", YEAR, district="") == 1
    table = queries.table(["slips.received"], YEAR, "district")
    assert [(row.label, row.reading.value) for row in table.rows] == [
        ("東區", 4),
        ("西區", 1),
        ("北區", 0),
        ("未記載", 1),
    ]
    assert table.total.reading.value == 6 == sum(row.reading.value for row in table.rows)
    assert queries.records("slips.received", YEAR, district="").get().kind == "light"


def test_a_value_that_no_member_has_is_shown_as_it_is() -> None:
    table = queries.table(["slips.received"], YEAR, "kind")
    assert [(row.label, row.reading.value) for row in table.rows] == [("路面坑洞", 3), ("路燈不亮", 2), ("new kind", 1)]
    assert queries.member_label("kind", "new kind") == "new kind"
    assert queries.member_label("kind", "light") == "路燈不亮"


def test_shares_and_their_want() -> None:
    assert number("slips.on_time_share", AUGUST) == Decimal("50.0")
    nothing = queries.value("slips.on_time_share", Period.month(2022, 7))
    assert nothing.value is None
    assert nothing.text == "－"
    by_kind = queries.table(["slips.on_time_share", "slips.done"], YEAR, "kind")
    assert [[r.value for r in row.readings] for row in by_kind.rows] == [[100, 2], [0, 1], [100, 1]]


def test_the_monthly_mean_of_a_year() -> None:
    assert queries.value("slips.per_month", YEAR).exact == Decimal(6) / 12
    assert number("slips.per_month", YEAR) == 1  # a half is rounded up
    assert number("slips.per_month", YEAR, kind="light") == 0  # 2 / 12
    with pytest.raises(LookupError, match="by month"):
        queries.value("slips.per_month", AUGUST)


def test_the_monthly_mean_while_the_year_runs_is_of_the_months_that_are_over() -> None:
    for day in (3, 4, 5, 6):
        slip(moment(2023, 5, day, 9))
    slip(moment(2023, 7, 1, 9))  # this month is not over
    actions.rebuild()
    assert queries.value("slips.per_month", Period.year(2023)).exact == Decimal(4) / 6
    with time_machine.travel(moment(2023, 1, 20), tick=False):
        assert number("slips.per_month", Period.year(2023)) is None


def test_medians() -> None:
    assert number("slips.hours", AUGUST) == 4  # of 2 and 6
    assert number("slips.hours", YEAR) == Decimal("2.8")  # of 1, 2, 3.5 and 6: 2.75
    assert number("slips.hours", YEAR, kind="pothole") == Decimal("2.8")
    assert number("slips.hours", YEAR, kind="pothole", district="W") == Decimal("3.5")  # counted on the spot
    assert number("slips.hours", Period.month(2022, 7)) is None
    assert [row.reading.value for row in queries.table(["slips.hours"], AUGUST, "kind").rows] == [2, 6]


def test_stocks_at_the_end_of_a_period() -> None:
    assert number("slips.open", AUGUST) == 1
    assert number("slips.open", Period.month(2022, 9)) == 1
    assert number("slips.open", YEAR) == 2  # one of 2 September, one of the last half hour
    assert number("slips.open", YEAR, district="") == 1
    assert number("slips.late", AUGUST) == 0
    assert number("slips.late", Period.month(2022, 9)) == 1
    assert number("slips.late", YEAR) == 1


def test_stocks_of_now() -> None:
    now = Period.year(2023)
    assert number("slips.open", now) == number("slips.open", Period.month(2023, 7)) == 1
    assert number("slips.late", now) == 1
    slip(moment(2023, 7, 1, 9), hours=2)  # due at 11, now it is 12
    slip(moment(2023, 7, 1, 9), hours=4)
    assert number("slips.open", now) == 3
    assert number("slips.late", now) == 2
    assert [row.reading.value for row in queries.table(["slips.late"], now, "kind").rows] == [1, 1]


def test_a_stock_that_is_not_stored_yet_is_counted() -> None:
    Observation.objects.filter(figure="slips.open").delete()
    assert number("slips.open", YEAR) == 2
    assert number("slips.open", YEAR, district="") == 1


def test_months_that_went_by_without_a_change_are_stored_with_the_next_one() -> None:
    """A stock changes with time alone: what is late now was not late when the last record changed."""
    with time_machine.travel(moment(2023, 11, 20, 12), tick=False):
        actions.touch("slips", {date(2023, 11, 20)})
        actions.drain()
        stored = Observation.objects.filter(figure="slips.late", grain="month", by="", period__year=2023)
        assert [(o.period.month, o.value) for o in stored.order_by("period")] == [(n, 1) for n in range(1, 11)]


def test_what_has_not_begun_has_no_value() -> None:
    assert number("slips.received", Period.month(2023, 8)) is None
    assert number("slips.open", Period.year(2024)) is None
    assert number("slips.limit", Period.year(2024)) == 4  # a rule can be known before
    assert [r.value for r in queries.series("slips.received", Period.year(2023).months)][6:8] == [0, None]


def test_rules() -> None:
    reading = queries.value("slips.limit", YEAR)
    assert (reading.text, reading.unit) == ("4", "小時")


def test_series() -> None:
    assert [r.value for r in queries.series("slips.received", YEAR.months)] == [0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 2]
    days = queries.series("slips.received", AUGUST.days, kind="pothole", district="E")
    assert [r.value for r in days] == [1 if n == 4 else 0 for n in range(31)]
    by_kind = queries.series_by("slips.done", [AUGUST, Period.month(2022, 9)], "kind")
    assert [[r.value for r in row.readings] for row in by_kind.rows] == [[1, 1], [1, 0]]
    assert [r.value for r in by_kind.total.readings] == [2, 1]


def test_several_figures_at_once(django_assert_num_queries) -> None:
    codes = ["slips.received", "slips.on_time_share", "slips.per_month", "slips.hours", "slips.open", "slips.limit"]
    with django_assert_num_queries(2):  # what is stored; which stocks are
        found = queries.values(codes, YEAR)
    assert [found[code].text for code in codes] == ["6", "75.0", "1", "2.8", "2", "4"]


def test_reading_asks_as_often_for_many_as_for_one(django_assert_num_queries) -> None:
    for periods in ([AUGUST], YEAR.months):
        with django_assert_num_queries(1):
            queries.series("slips.on_time_share", periods)
        with django_assert_num_queries(1):
            queries.series_by("slips.received", periods, "kind", district="E")
    for days in (AUGUST.days[4:5], AUGUST.days):
        with django_assert_num_queries(1):
            queries.series("slips.received", days, kind="light", district="E")


@pytest.mark.parametrize(
    "code", ["slips.received", "slips.done", "slips.on_time", "slips.hours", "slips.open", "slips.late"]
)
@pytest.mark.parametrize("dims", [{}, {"kind": "pothole"}, {"district": ""}, {"kind": "pothole", "district": "E"}])
def test_the_records_are_those_that_were_counted(code: str, dims: dict[str, str]) -> None:
    for period in (YEAR, AUGUST, Period.month(2022, 9), Period.year(2023), Period.month(2023, 7)):
        reading, found = queries.value(code, period, **dims), queries.records(code, period, **dims)
        assert queries.recount(code, period, **dims).current == reading.current
        if code != "slips.hours":
            assert found.count() == reading.value
        else:
            assert bool(found) == (reading.value is not None)


def test_readings_lead_to_their_page() -> None:
    assert queries.value("slips.received", AUGUST).url == "/figures/slips.received/2022-08/"
    member = queries.table(["slips.received"], YEAR, "district", kind="light").rows[0].reading
    assert member.url == "/figures/slips.received/2022/?district=E&kind=light"


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: queries.value("slips.nothing", YEAR), "no figure"),
        (lambda: queries.value("slips.received", YEAR, colour="red"), "no dimension colour"),
        (lambda: queries.table(["slips.limit"], YEAR, "kind"), "no dimension kind"),
        (lambda: queries.table(["slips.received"], YEAR, "kind", kind="light"), "within one kind"),
        (lambda: queries.records("slips.on_time_share", YEAR), "slips.on_time, slips.done"),
        (lambda: queries.value("slips.open", Period.day(date(2022, 8, 5))), "by day"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask, complaint: str) -> None:
    with pytest.raises(LookupError, match=complaint):
        ask()


def test_up_to_date() -> None:
    assert queries.up_to_date_at() == moment(2023, 7, 1, 12)
    actions.touch("slips", {date(2022, 8, 5)})
    assert queries.up_to_date_at() != moment(2023, 7, 1, 12)  # the mark's own time: the database's clock
    actions.drain()
    assert queries.up_to_date_at() == moment(2023, 7, 1, 12)
