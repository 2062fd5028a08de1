"""What the log comes to: by the day, as figures, on a system's page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser

from figures import actions as figures
from figures import queries
from figures.models import Touched
from figures.registry import Period
from foundation import clock
from identity.models import User
from organisation.models import Agency
from singlesignon.actions import counting, housekeeping, register
from singlesignon.models import DailyAuthentications, RelyingSystem
from singlesignon.tests.conftest import Relying

pytestmark = pytest.mark.django_db

MADE, SO_FAR, SYSTEMS = "identity.authentications_made", "identity.authentications", "identity.relying_systems"


@pytest.fixture
def venue(relying: Any) -> Relying:
    """A live system."""
    return relying()


def log(system: RelyingSystem, at: datetime, *, times: int = 1, environment: str = "live", **differs: Any) -> None:
    """Lines of the log, as the provider writes them."""
    line = {"methods": ["password"], "level": 1, "error": ""} | differs
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO singlesignon_authentication (at, system_id, environment, methods, level, error)"
            " SELECT %s, %s, %s, %s::varchar[], %s, %s FROM generate_series(1, %s)",
            [at, system.pk, environment, line["methods"], line["level"], line["error"], times],
        )


def test_a_day_of_the_log_is_counted_once_however_often_and_grows_with_it(venue: Relying) -> None:
    housekeeping.partitions(date(2022, 7, 1), date(2022, 8, 1))
    late = datetime(2022, 7, 31, 15, 59, 59, tzinfo=UTC)  # one second before midnight in Taipei
    log(venue.system, late, times=3)
    log(venue.system, late, times=2, error="access_denied")
    log(venue.system, late, times=7, environment="sandbox")
    log(venue.system, datetime(2022, 7, 31, 16, tzinfo=UTC), methods=["password", "totp"], level=2)
    july, august = date(2022, 7, 31), date(2022, 8, 1)
    assert counting.roll_up(july, august) == {july, august}
    assert counting.roll_up(july, august) == set()
    assert {(str(each.day), each.methods, each.error): each.number for each in DailyAuthentications.objects.all()} == {
        ("2022-07-31", "password", ""): 3,
        ("2022-07-31", "password", "access_denied"): 2,
        ("2022-08-01", "password+totp", ""): 1,
    }
    log(venue.system, late)
    Touched.objects.all().delete()
    assert counting.roll_up(july, august) == {july}
    assert {mark.day for mark in Touched.objects.filter(group=counting.GROUP)} == {july}


def test_the_figures_are_what_the_log_says(venue: Relying) -> None:
    system = venue.system
    housekeeping.partitions(date(2021, 1, 1), date(2022, 12, 31))
    log(system, datetime(2021, 3, 1, 4, tzinfo=UTC), times=10)
    log(system, datetime(2022, 3, 1, 4, tzinfo=UTC), times=20)
    log(system, datetime(2022, 9, 1, 4, tzinfo=UTC), times=5, level=3, methods=["fido"])
    log(system, datetime(2022, 9, 1, 4, tzinfo=UTC), times=99, error="access_denied")
    counting.roll_up(date(2021, 1, 1), date(2022, 12, 31))
    figures.drain()
    year, march = Period.year(2022), Period.month(2022, 3)
    assert queries.value(MADE, year).value == 25
    assert queries.value(MADE, year, assurance="3").value == 5
    assert queries.value(MADE, march, system=str(system.pk), agency=system.agency.code).value == 20
    assert queries.value(SO_FAR, Period.year(2021)).value == 10
    assert queries.value(SO_FAR, march).value == 30
    assert queries.value(SO_FAR, year).value == 35 == queries.recount(SO_FAR, year).value
    assert queries.value(SO_FAR, Period.year(clock.today().year + 1)).value is None
    assert sum(each.number for each in queries.records(MADE, year)) == 25


def test_a_system_counts_from_its_release_to_its_end(venue: Relying, reviewer: User, manager: User) -> None:
    RelyingSystem.objects.filter(pk=venue.system.pk).update(live_at=datetime(2022, 3, 10, tzinfo=UTC))
    figures.refresh([date(2022, 3, 10)], group=counting.SYSTEMS)
    assert queries.value(SYSTEMS, Period.month(2022, 2)).value == 0
    assert queries.value(SYSTEMS, Period.month(2022, 3)).value == 1
    this_year = Period.year(clock.today().year)
    assert queries.value(SYSTEMS, this_year).value == 1
    register.perform(reviewer, venue.system, "suspend", "查證中")
    assert queries.value(SYSTEMS, this_year).value == 1
    ended = register.perform(manager, venue.system, "end", "契約終止")
    assert ended.ended_at and queries.value(SYSTEMS, this_year).value == 0
    figures.drain()
    assert queries.value(SYSTEMS, Period.month(2022, 3)).value == 1
    with pytest.raises(IntegrityError, match="relying_system_ended_since"), transaction.atomic():
        RelyingSystem.objects.filter(pk=ended.pk).update(ended_at=None)


def test_the_page_of_a_system_draws_its_days(venue: Relying, reviewer: User) -> None:
    browser = Browser()
    browser.force_login(reviewer)
    at = f"/relying-systems/{venue.system.pk}/"
    assert "這段期間還沒有人進入正式環境。" in browser.get(at).content.decode()
    log(venue.system, clock.now(), times=1234, methods=["password", "totp"], level=2)
    log(venue.system, clock.now(), times=3, error="access_denied")
    counting.roll_up(clock.today(), clock.today())
    page = browser.get(at).content.decode()
    assert "<svg" in page and "密碼、驗證碼 App" in page and page.count("1,234") >= 3
    assert page.count('<th scope="row">') == 30  # a row a day, whatever happened


def test_totals_are_whole_numbers_of_all_agencies(venue: Relying) -> None:
    log(venue.system, clock.now(), times=2)
    counting.roll_up(clock.today(), clock.today())
    figures.drain()
    table = queries.table([MADE], Period.month(clock.today().year, clock.today().month), "agency")
    assert {row.member: row.reading.value for row in table.rows if row.reading.value} == {
        venue.system.agency.code: Decimal(2)
    }
    assert len(table.rows) == Agency.objects.count()
