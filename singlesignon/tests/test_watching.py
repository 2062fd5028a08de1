"""The watch over sign-ins: its rules, what it finds in the logs, and the page of the security officer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from foundation import clock
from identity.models import SignInAttempt, User
from messages.models import Message
from singlesignon.actions import watching
from singlesignon.models import Anomaly, Watch
from singlesignon.places import place_of
from singlesignon.suspicion import Place, Seen, bursts, is_impossible, is_new_country, kilometres
from singlesignon.tests.conftest import Relying

KAOHSIUNG, TOKYO = Place("TW", 22.63, 120.30), Place("JP", 35.68, 139.69)
NOON = datetime(2022, 7, 1, 4, tzinfo=UTC)
places = st.builds(Place, st.just("XX"), st.floats(-90, 90), st.floats(-180, 180))


@given(places, places, places)
def test_distances_are_those_of_a_globe(one: Place, other: Place, third: Place) -> None:
    assert 0 <= kilometres(one, other) <= 20016
    assert kilometres(one, other) == pytest.approx(kilometres(other, one), abs=1e-6)
    assert kilometres(one, third) <= kilometres(one, other) + kilometres(other, third) + 1e-3
    assert kilometres(KAOHSIUNG, TOKYO) == pytest.approx(2380, abs=30)


@given(st.floats(0, 20), st.booleans())
def test_nobody_flies_faster_than_the_rule(hours: float, turned: bool) -> None:
    first, second = Seen(NOON, KAOHSIUNG), Seen(NOON + timedelta(hours=hours), TOKYO)
    before, after = (second, first) if turned else (first, second)
    took = (second.at - first.at).total_seconds() / 3600
    assert is_impossible(before, after, speed=900, least=500) == (kilometres(KAOHSIUNG, TOKYO) > took * 900)
    assert not is_impossible(before, after, speed=900, least=3000), "too near to compare"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60)), max_size=40), st.integers(0, 6))
def test_a_burst_is_the_fullest_time_of_a_subject(failures: list[tuple[str, int]], most: int) -> None:
    moments = [(subject, NOON + timedelta(minutes=minute)) for subject, minute in failures]
    found = {each.subject: each for each in bursts(moments, most=most, within=timedelta(minutes=15))}
    for subject in "abc":
        times = [at for each, at in moments if each == subject]
        fullest = max((sum(timedelta(0) <= at - start <= timedelta(minutes=15) for at in times) for start in times),
                      default=0)  # fmt: skip
        assert (subject in found) == (fullest > most)
        if subject in found:
            assert found[subject].number == fullest


def test_the_first_country_is_not_new() -> None:
    assert not is_new_country([], "TW") and not is_new_country(["TW"], "TW") and is_new_country(["TW"], "JP")


@pytest.fixture
def where(tmp_path: Path, settings: Any) -> None:
    """A database of places as an operator supplies one: a network in Kaohsiung and one in Tokyo."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="City")
    for network, place in (("203.0.113.0/24", KAOHSIUNG), ("2001:db8::/32", KAOHSIUNG), ("198.51.100.0/24", TOKYO)):
        location = {"latitude": place.lat, "longitude": place.lon}
        writer.insert_network(IPSet([network]), {"country": {"iso_code": place.country}, "location": location})
    path = tmp_path / "places.mmdb"
    writer.to_db_file(str(path))
    settings.PLACES = str(path)


def test_a_place_is_known_by_its_network(where: None, settings: Any) -> None:
    assert place_of("203.0.113.0/24") == KAOHSIUNG == place_of("2001:db8:1::/48") == place_of("203.0.113.77")
    assert place_of("192.0.2.0/24") is None and place_of("") is None and place_of("nonsense") is None
    settings.PLACES = ""
    assert place_of("203.0.113.0/24") is None


@pytest.fixture
def enter(relying: Callable[..., Relying]) -> Callable[..., None]:
    """``enter(user, minutes ago, network)``: a line of the log."""
    system = relying().system

    def enter(user: User, ago: int, network: str, *, error: str = "", times: int = 1) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO singlesignon_authentication (at, system_id, environment, user_id, methods, level, error,"
                " place) SELECT %s, %s, 'live', %s, '{password}', 1, %s, %s FROM generate_series(1, %s)",
                [clock.now() - timedelta(minutes=ago), system.pk, user.pk, error, network, times],
            )

    return enter


@pytest.mark.django_db
def test_a_journey_that_nobody_makes_and_a_new_country_are_found_once(
    where: None, enter: Callable[..., None], citizen: User, staff: Callable[..., User]
) -> None:
    guard = staff("security_officer")
    User.objects.filter(pk=guard.pk).update(email="guard@cityhall.example")
    enter(citizen, 60, "203.0.113.0/24")
    enter(citizen, 30, "198.51.100.0/24")
    found = watching.watch()
    assert {each.kind for each in found} == {"travel", "country"}
    travel = Anomaly.objects.get(kind="travel")
    assert (travel.user, travel.facts["from"], travel.facts["country"]) == (citizen, "TW", "JP")
    assert travel.facts["minutes"] == 30 and 2300 < travel.facts["km"] < 2450
    assert [each.recipient for each in Message.objects.filter(notice="singlesignon.anomalies")] == [
        "guard@cityhall.example"
    ]
    Watch.objects.update(until=clock.now() - timedelta(hours=2))
    assert watching.watch() == [], "what is known is not found again"
    # Back at home at once: a journey again, but no new country, and no second letter within the hour.
    enter(citizen, 20, "203.0.113.0/24")
    Watch.objects.update(until=clock.now() - timedelta(minutes=25))
    assert [each.kind for each in watching.watch()] == ["travel"]
    assert Message.objects.filter(notice="singlesignon.anomalies").count() == 1


@pytest.mark.django_db
def test_a_slow_journey_and_an_unknown_network_are_nothing(
    where: None, enter: Callable[..., None], citizen: User
) -> None:
    enter(citizen, 60, "203.0.113.0/24")
    enter(citizen, 30, "192.0.2.0/24")
    enter(citizen, 20, "203.0.113.0/24")
    assert watching.watch() == []


@pytest.mark.django_db
def test_the_city_halls_own_sign_ins_are_watched_too(where: None, citizen: User) -> None:
    for ago, client in ((50, "203.0.113.5"), (10, "198.51.100.7")):
        SignInAttempt.objects.create(
            at=clock.now() - timedelta(minutes=ago), account="x", user=citizen, client=client, outcome="succeeded"
        )
    assert {each.kind for each in watching.watch()} == {"travel", "country"}


@pytest.mark.django_db
def test_many_failures_are_found_without_any_place(enter: Callable[..., None], citizen: User) -> None:
    for _time in range(21):
        SignInAttempt.objects.create(
            at=clock.now() - timedelta(minutes=5), account="x", user=None, client="198.51.100.7", outcome="failed"
        )
    enter(citizen, 5, "", error="access_denied", times=20)
    assert [each.kind for each in watching.watch()] == ["network"], "twenty are not more than twenty"
    enter(citizen, 4, "", error="access_denied")
    Watch.objects.update(until=clock.now() - timedelta(minutes=6))
    assert sorted(each.kind for each in watching.watch()) == ["person", "system"]


@pytest.mark.django_db
def test_the_officer_notes_what_came_of_it_and_nobody_else_sees_it(staff: Callable[..., User], citizen: User) -> None:
    guard, other = staff("security_officer"), staff("security_officer")
    found = Anomaly.objects.create(kind="person", key="person 1", at=clock.now(), user=citizen,
                                   facts={"minutes": 3, "number": 21})  # fmt: skip
    browser = Browser()
    browser.force_login(guard)
    page = browser.get("/anomalies/").content.decode()
    assert "3 分鐘內 21 次" in page and citizen.username in page and "CITYHALL_PLACES" in page
    empty = browser.post(f"/anomalies/{found.pk}/", {"text": ""})
    assert empty.status_code == 422 and "請填寫「處理情形」" in empty.content.decode()
    assert browser.post(f"/anomalies/{found.pk}/", {"text": "本人忘記密碼，已電話確認。"}).status_code == 302
    found.refresh_from_db()
    assert (found.looked_by, found.note) == (guard, "本人忘記密碼，已電話確認。")
    with pytest.raises(watching.Settled):
        watching.settle(other, found, "晚了一步")
    assert "沒有待查看的異常登入" in browser.get("/anomalies/").content.decode()
    assert guard.name in browser.get("/anomalies/?all=1").content.decode()
    browser.force_login(staff("system_manager"))
    assert browser.get("/anomalies/").status_code == 403 == browser.get(f"/anomalies/{found.pk}/").status_code
    with pytest.raises(IntegrityError, match="anomaly_looked_at"), transaction.atomic():
        Anomaly.objects.create(kind="person", key="x", at=clock.now(), looked_at=clock.now(), looked_by=guard)
