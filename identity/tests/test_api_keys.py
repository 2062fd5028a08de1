"""Keys of programs: issued once, counted exactly, refused in time."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from foundation import clock
from identity import actions
from identity.actions import KeyRefused, QuotaSpent
from identity.factories import person
from identity.models import AccountEvent, ApiKey, ApiUse, User
from identity.rules import seconds_to_wait
from identity.tests.conftest import queries

NOON = "2026-03-05 12:00:00+08:00"
FILE, TRACK = "public:cases:file", "public:cases:track"


@pytest.fixture
def keeper(holder: Any) -> User:
    return holder("system_administrator", username="keeper", name="陳管理")


@pytest.fixture
def issue(keeper: User) -> Callable[..., tuple[ApiKey, str]]:
    def issue(**differs: Any) -> tuple[ApiKey, str]:
        owner = differs.pop("owner", None) or person(name="林開發")
        terms = {"name": "里長 App", "scopes": [FILE], "per_minute": 5, "per_day": 20} | differs
        return actions.issue_key(keeper, owner, **terms)

    return issue


@pytest.mark.django_db
def test_a_key_opens_what_it_was_issued_for_and_is_not_stored(issue: Any, keeper: User) -> None:
    key, text = issue()
    assert actions.admit(text, FILE) == key.pk
    with pytest.raises(KeyRefused, match="scope"):
        actions.admit(text, TRACK)
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_apikey::text FROM identity_apikey")
        (row,) = cursor.fetchone()
    assert text not in row and text.split("_")[2] not in row and key.prefix in row
    (event,) = AccountEvent.objects.filter(user=key.owner)
    assert (event.verb, event.actor, event.detail) == ("key_issued", keeper, str(key))
    assert (ApiUse.objects.get().count, ApiUse.objects.get().refused) == (1, 0), "a refused scope is not counted"


@pytest.mark.django_db
def test_a_wider_scope_opens_the_narrower_door(issue: Any) -> None:
    key, text = issue(scopes=["own:cases:comment"])
    assert actions.admit(text, "own:cases:comment") == key.pk
    ApiKey.objects.update(scopes=["unit:cases:comment"])
    assert actions.admit(text, "own:cases:comment") == key.pk
    with pytest.raises(ValueError, match="no key may have"):
        issue(scopes=["city:users:manage"])


@pytest.mark.django_db
def test_what_is_unknown_withdrawn_expired_or_without_an_owner_is_refused(issue: Any, keeper: User) -> None:
    for text in ("", "och_00000000_" + "0" * 40, "och", "鑰", "x" * 5000):
        with pytest.raises(KeyRefused, match="unknown"):
            actions.admit(text, FILE)
    key, text = issue(expires_on=date(2026, 3, 5))
    with time_machine.travel("2026-03-05 23:59:00+08:00", tick=False):
        assert actions.admit(text, FILE) == key.pk, "the last day is whole, as days are in Taipei"
    with time_machine.travel("2026-03-06 00:00:01+08:00", tick=False), pytest.raises(KeyRefused, match="expired"):
        actions.admit(text, FILE)
    key, text = issue()
    User.objects.filter(pk=key.owner_id).update(is_active=False)
    with pytest.raises(KeyRefused, match="owner"):
        actions.admit(text, FILE)
    User.objects.filter(pk=key.owner_id).update(is_active=True)
    actions.admit(text, FILE)
    actions.withdraw_key(keeper, key)
    actions.withdraw_key(keeper, key)
    with pytest.raises(KeyRefused, match="withdrawn"):
        actions.admit(text, FILE)
    assert AccountEvent.objects.filter(verb="key_withdrawn").count() == 1


@pytest.mark.django_db
def test_the_minute_slides_and_what_is_refused_does_not_count_against_it(issue: Any) -> None:
    _key, text = issue()
    with time_machine.travel(NOON, tick=False) as traveller:
        for _ in range(5):
            actions.admit(text, FILE)
        for _ in range(3):
            with pytest.raises(QuotaSpent) as spent:
                actions.admit(text, FILE)
        assert (spent.value.allowed, spent.value.daily) == (5, False)
        traveller.shift(spent.value.wait - 1)
        with pytest.raises(QuotaSpent):
            actions.admit(text, FILE)
        traveller.shift(1)
        actions.admit(text, FILE)
        use = ApiUse.objects.get()
        assert (use.count, use.refused) == (6, 4)
        traveller.shift(600)
        for _ in range(5):
            actions.admit(text, FILE)


@pytest.mark.django_db
def test_a_day_ends_at_midnight_in_taipei(issue: Any) -> None:
    key, text = issue(per_minute=6, per_day=6)
    with time_machine.travel("2026-03-05 23:50:00+08:00", tick=False) as traveller:
        for _ in range(6):
            actions.admit(text, FILE)
        traveller.shift(300)
        with pytest.raises(QuotaSpent) as spent:
            actions.admit(text, FILE)
        assert (spent.value.daily, spent.value.wait) == (True, 300)
        traveller.shift(300)
        actions.admit(text, FILE)
    assert list(key.uses.values_list("day", "count", "refused")) == [
        (date(2026, 3, 6), 1, 0),
        (date(2026, 3, 5), 6, 1),
    ]


@pytest.mark.django_db
def test_letting_in_is_one_statement(issue: Any, django_assert_num_queries: Any) -> None:
    _key, text = issue()
    for _ in range(2):
        with django_assert_num_queries(1):
            actions.admit(text, FILE)


@pytest.mark.django_db(transaction=True)
def test_quotas_hold_when_many_workers_ask_at_once(issue: Any) -> None:
    """Twelve connections ask for eight places each; exactly the quota is let in, and the commit waits for no disk."""
    _key, text = issue(per_minute=50, per_day=50)
    came: Counter[str] = Counter()
    lock, start = threading.Lock(), threading.Barrier(12)

    def one() -> None:
        try:
            start.wait(20)
            for _ in range(8):
                try:
                    actions.admit(text, FILE)
                    outcome = "in"
                except QuotaSpent:
                    outcome = "spent"
                with lock:
                    came[outcome] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert came == {"in": 50, "spent": 46}
    use = ApiUse.objects.get()
    assert (use.count, use.refused) == (50, 46)


@pytest.mark.django_db
def test_a_transaction_of_the_caller_keeps_its_durability(issue: Any) -> None:
    _key, text = issue()
    with transaction.atomic(), connection.cursor() as cursor:
        actions.admit(text, FILE)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)


@given(
    allowed=st.integers(1, 1000),
    previous=st.integers(0, 1000),
    count=st.integers(0, 1000),
    second=st.floats(0, 59.9),
)
def test_after_the_wait_one_more_fits_and_a_second_before_it_does_not(
    allowed: int, previous: int, count: int, second: float
) -> None:
    previous, count = min(previous, allowed), min(count, allowed)

    def fits(at: float) -> bool:
        minute, rest = divmod(at, 60)
        now, before = (count, previous) if minute == 100 else (0, count) if minute == 101 else (0, 0)
        return 1 + now + before * (1 - rest / 60) <= allowed + 1e-9

    at = 6000 + second
    if fits(at):
        return
    wait = seconds_to_wait(allowed, at, 100, count, previous)
    assert 1 <= wait <= 121
    assert fits(at + wait)
    assert wait == 1 or not fits(at + wait - 1 - 1e-6)


@pytest.mark.django_db
def test_the_database_refuses_what_makes_no_sense(issue: Any) -> None:
    key, _text = issue()
    for wrong in ({"scopes": []}, {"per_minute": 0}, {"per_day": 4}, {"withdrawn_at": clock.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiKey.objects.filter(pk=key.pk).update(**wrong)


# --- The pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(as_: Callable[..., Client], keeper: User) -> Client:
    return as_(keeper)


@pytest.mark.django_db
def test_a_key_is_issued_on_a_page_shown_once_and_withdrawn(office: Client) -> None:
    person(username="lin", name="林開發")
    form = {"name": "里長 App", "owner": "Lin", "scopes": [FILE], "per_minute": "60", "per_day": "5000"}
    for wrong, said in (
        ({"owner": "nobody"}, "沒有這個使用中的帳號"),
        ({"per_day": "5"}, "每日上限不能小於每分鐘上限"),
        ({"scopes": []}, "請選擇「可以做的事」"),
        ({"expires_on": str(clock.today() - timedelta(days=1))}, "不能早於今天"),
    ):
        refused = office.post("/api-keys/new/", form | wrong)
        assert refused.status_code == 422 and said in refused.content.decode()
        assert "里長 App" in refused.content.decode(), "what was typed is kept"
    assert not ApiKey.objects.exists()
    shown = office.post("/api-keys/new/", form)
    text = shown.content.decode().split('<code class="break">')[1].split("</code>")[0]
    assert "no-store" in shown["Cache-Control"]
    key = ApiKey.objects.get()
    assert actions.admit(text, FILE) == key.pk
    page = office.get(f"/api-keys/{key.pk}/").content.decode()
    assert text not in page and key.prefix in page and "林開發" in page
    assert "里長 App" in office.get("/api-keys/").content.decode()
    office.post(f"/api-keys/{key.pk}/withdrawal/")
    with pytest.raises(KeyRefused, match="withdrawn"):
        actions.admit(text, FILE)
    assert "已停用" in office.get("/api-keys/").content.decode()


@pytest.mark.django_db
def test_the_list_takes_as_many_statements_for_one_key_as_for_twenty(office: Client, issue: Any) -> None:
    issue()
    few = queries(office, "/api-keys/")
    for _ in range(19):
        _key, text = issue()
        actions.admit(text, FILE)
    assert queries(office, "/api-keys/") == few


@pytest.mark.django_db
def test_the_terms_of_a_key_are_changed_and_the_key_goes_on(office: Client, issue: Any) -> None:
    key, text = issue(per_minute=5, per_day=50, expires_on=clock.today() - timedelta(days=1))
    address = f"/api-keys/{key.pk}/change/"
    terms = {"name": "里長 App 2", "scopes": [FILE], "per_minute": "7", "per_day": "70", "expires_on": ""}
    refused = office.post(address, terms | {"per_day": "6", "name": "里" * 81})
    assert refused.status_code == 422 and "「用途」最多 80 個字" in refused.content.decode()
    assert office.post(address, terms | {"expires_on": str(key.expires_on)}).status_code == 302, "what was so may stay"
    assert office.post(address, terms).status_code == 302
    assert actions.admit(text, FILE) == key.pk
    key.refresh_from_db()
    assert (key.name, key.per_minute, key.per_day, key.expires_on) == ("里長 App 2", 7, 70, None)
    said = [event.detail for event in key.owner.events.filter(verb="key_changed")]
    assert len(said) == 2 and any("per_day: 50 → 70" in each for each in said)
    office.post(f"/api-keys/{key.pk}/withdrawal/")
    office.post(address, terms | {"name": "again"})
    assert ApiKey.objects.get().name == "里長 App 2"
