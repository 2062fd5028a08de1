"""A person's memberships: who may begin and end them, what is nonsense, and that nobody serves themselves."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.clock import TAIPEI
from identity.factories import person
from identity.models import Disclosure, User
from identity.permissions import ROLES
from organisation import directory
from organisation.models import Agency, Membership, Post
from organisation.pages.appointment import AppointmentForm
from organisation.permissions import grants_of

TODAY = date(2022, 7, 25)
SAID = {"role": "case_officer", "place": "unit:pwb-roads", "post": "技士", "since": "2022-07-25", "until": ""}


@pytest.fixture
def monday(city: Any) -> Iterator[None]:
    """It is Monday, 25 July 2022, ten in the morning."""
    with time_machine.travel(datetime(2022, 7, 25, 10, tzinfo=TAIPEI), tick=False):
        yield


@pytest.fixture
def keeper(monday: None, staff: Any) -> User:
    return staff("system_administrator", name="蔡管理")


@pytest.fixture
def office(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


@pytest.fixture
def hai(monday: None) -> User:
    return person("hai", name="陳海", email="hai@example.tw")


def held(user: User, role: str = "case_officer", unit: str = "pwb-roads", **said: Any) -> Membership:
    said = {"since": date(2020, 1, 1), "unit": directory.unit(unit) if unit else None} | said
    return Membership.objects.create(user=user, role=role, **said)


def test_a_person_is_appointed_and_may_do_it_with_the_next_request(office: Client, hai: User) -> None:
    address = f"/people/{hai.pk}/roles/"
    assert "沒有任職。" in office.get(address).content.decode()
    assert not grants_of(User.objects.get(pk=hai.pk)).has("unit:cases:answer")
    done = office.post(address, SAID, follow=True)
    text = done.content.decode()
    assert done.redirect_chain == [(address, 302)]
    assert "陳海已經任職為「承辦人員」。" in text and "工務局 養護工程處道路養護科，技士" in text
    assert "111 年 7 月 25 日 起" in text
    membership = Membership.objects.get(user=hai)
    roads = directory.unit("pwb-roads")
    assert (membership.role, membership.unit, membership.agency, membership.post) == (
        "case_officer", roads, None, Post.objects.get(unit=roads, title="技士"),
    )  # fmt: skip
    assert (membership.since, membership.until) == (TODAY, None)
    assert roads.pk in grants_of(User.objects.get(pk=hai.pk)).units("unit:cases:answer")


@pytest.mark.parametrize(
    ("role", "place", "unit", "agency"),
    [
        ("agency_head", "agency:pwb", None, "pwb"),
        ("controller", "city", None, None),
        ("controller", "unit:rdec-evaluation", "rdec-evaluation", None),
        ("crew", "unit:pwb-road-crew-1", "pwb-road-crew-1", None),
        ("crew", "unit:pwb-roads", "pwb-roads", None),  # over the crews below it
    ],
)
def test_a_role_is_held_in_a_unit_in_an_agency_or_in_the_city(
    office: Client, hai: User, role: str, place: str, unit: str | None, agency: str | None
) -> None:
    said = {"role": role, "place": place, "post": "", "since": "2022-08-01", "until": "2022-12-31"}
    assert office.post(f"/people/{hai.pk}/roles/", said).status_code == 302
    membership = Membership.objects.get(user=hai)
    assert membership.unit == (directory.unit(unit) if unit else None)
    assert membership.agency == (Agency.objects.get(code=agency) if agency else None)
    assert (membership.since, membership.until) == (date(2022, 8, 1), date(2022, 12, 31))
    text = office.get(f"/people/{hai.pk}/roles/").content.decode()
    assert "尚未開始" in text and "111 年 8 月 1 日 至 111 年 12 月 31 日" in text


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"role": "", "post": ""}, "role", "請選擇「職務」，"),
        ({"role": "mayor"}, "role", "mayor"),
        ({"role": "citizen"}, "role", "citizen"),
        ({"place": ""}, "place", "請選擇「任職處」。"),
        ({"place": "unit:nowhere"}, "place", "unit:nowhere"),
        ({"place": "agency:pwb", "post": ""}, "place", "這個角色要指定單位。"),
        ({"place": "city", "post": ""}, "place", "這個角色要指定單位。"),
        ({"role": "agency_head", "place": "city", "post": ""}, "place", "這個角色要指定機關。"),
        ({"role": "crew", "place": "unit:rdec-1999", "post": ""}, "place", "沒有外勤隊"),
        ({"post": "市長"}, "post", "市長"),
        ({"post": "稽查員"}, "post", "養護工程處道路養護科沒有這個職位；那裡有：科長、股長、技士。"),
        ({"role": "controller", "place": "city"}, "post", "職位屬於單位"),
        ({"since": ""}, "since", "請填寫「起始日」。"),
        ({"since": "0111-07-25"}, "since", "起始日要在"),
        ({"since": "1950-01-01"}, "since", "起始日要在"),
        ({"since": "2024-01-01"}, "since", "起始日要在"),
        ({"since": "yesterday"}, "since", "例如 2026-07-24"),
        ({"until": "2022-07-24"}, "until", "結束日早於起始日。"),
        ({"since": "2020-01-01", "until": "2022-07-24"}, "until", "結束日已經過了"),
    ],
)
def test_nonsense_is_refused_by_field_and_nothing_typed_is_lost(
    office: Client, hai: User, change: dict[str, Any], field: str, words: str
) -> None:
    response = office.post(f"/people/{hai.pk}/roles/", SAID | change)
    form = response.context["form"]
    assert response.status_code == 422
    assert set(form.errors) == {field} and words in form.errors[field][0]
    assert all(form[name].value() == value for name, value in (SAID | change).items())
    assert not Membership.objects.filter(user=hai).exists()


def test_the_same_is_not_held_twice_at_a_time(office: Client, hai: User, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"/people/{hai.pk}/roles/"
    held(hai, until=date(2022, 8, 31))
    for since, until in (("2022-07-25", ""), ("2022-08-31", "2022-12-31"), ("2019-01-01", "2022-09-30")):
        refused = office.post(address, SAID | {"since": since, "until": until})
        assert refused.status_code == 422 and "這段期間已經有同樣的任職。" in refused.content.decode()
    for other in ({"place": "unit:pwb-lights"}, {"role": "unit_head", "post": ""}, {"since": "2022-09-01"}):
        assert office.post(address, SAID | other).status_code == 302
    # Another administrator was quicker, between the look and the deed: the database has the last word.
    monkeypatch.setattr(AppointmentForm, "_holds_already", lambda self: False)
    late = office.post(address, SAID | {"since": "2022-09-01"})
    assert late.status_code == 422 and "這段期間已經有同樣的任職。" in late.content.decode()
    assert Membership.objects.filter(user=hai).count() == 4


def test_nobody_changes_their_own_rights(office: Client, keeper: User, staff: Any) -> None:
    own = keeper.memberships.get()
    before = list(Membership.objects.values())
    page = office.get(f"/people/{keeper.pk}/roles/")
    assert page.context["form"] is None and "不能變更自己的任職" in page.content.decode()
    assert "/dismissal/" not in page.content.decode()
    wider = {"role": "controller", "place": "city", "post": "", "since": "2022-07-25", "until": ""}
    for response in (
        office.post(f"/people/{keeper.pk}/roles/", wider, follow=True),
        office.post(f"/people/{keeper.pk}/roles/{own.pk}/dismissal/", {"until": "2022-07-25"}, follow=True),
        office.get(f"/people/{keeper.pk}/roles/{own.pk}/dismissal/", follow=True),
    ):
        assert "不能變更自己的任職，請由另一位系統管理員處理。" in response.content.decode()
    assert list(Membership.objects.values()) == before
    # Another one may.
    other = Client()
    other.force_login(staff("system_administrator"))
    assert other.post(f"/people/{keeper.pk}/roles/", wider).status_code == 302
    assert keeper.memberships.filter(role="controller").exists()


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"system_administrator"}))
def test_no_other_role_gets_in(monday: None, staff: Any, hai: User, role: str) -> None:
    membership = held(hai)
    client = Client()
    client.force_login(staff(role, "pwb-roads"))
    for address in (f"/people/{hai.pk}/roles/", f"/people/{hai.pk}/roles/{membership.pk}/dismissal/"):
        assert client.get(address).status_code == 403
        assert client.post(address, SAID | {"role": "system_administrator", "place": "city"}).status_code == 403
    assert Membership.objects.filter(user=hai).count() == 1


def test_a_membership_is_ended_and_never_made_longer(office: Client, hai: User) -> None:
    membership = held(hai, post=Post.objects.get(unit__code="pwb-roads", title="科長"))
    address = f"/people/{hai.pk}/roles/{membership.pk}/dismissal/"
    form = office.get(address).context["form"]
    assert form["until"].value() == TODAY
    for until, words in (
        ("", "請填寫「最後一天」。"),
        ("2019-12-31", "結束日早於起始日（109 年 1 月 1 日）。"),
        ("2023-08-01", "這一天還太遠"),
    ):
        refused = office.post(address, {"until": until})
        assert refused.status_code == 422 and words in refused.context["form"].errors["until"][0]
    membership.refresh_from_db()
    assert membership.until is None

    done = office.post(address, {"until": "2022-08-31"}, follow=True)
    assert "陳海的「承辦人員」任職已經設定結束日。" in done.content.decode()
    longer = office.post(address, {"until": "2022-09-01"})
    assert longer.status_code == 422 and "原本就到 111 年 8 月 31 日 為止" in longer.content.decode()
    assert grants_of(User.objects.get(pk=hai.pk)).has("unit:cases:answer")

    assert office.post(address, {"until": "2022-07-24"}).status_code == 302
    assert not grants_of(User.objects.get(pk=hai.pk)).has("unit:cases:answer")
    over = office.post(address, {"until": "2022-07-23"}, follow=True)
    assert "這項任職已經結束。" in over.content.decode()
    membership.refresh_from_db()
    assert membership.until == date(2022, 7, 24)
    page = office.get(f"/people/{hai.pk}/roles/")
    assert [each["role"] for each in page.context["past"]] == ["承辦人員"] and page.context["present"] == []


def test_a_membership_belongs_to_the_person_in_the_address(office: Client, hai: User) -> None:
    membership = held(person("mei"))
    address = f"/people/{hai.pk}/roles/{membership.pk}/dismissal/"
    assert office.get(address).status_code == office.post(address, {"until": "2022-07-25"}).status_code == 404
    assert office.get("/people/999999999/roles/").status_code == 404
    membership.refresh_from_db()
    assert membership.until is None


def test_a_closed_account_gets_nothing_new_and_what_it_has_can_be_ended(office: Client, hai: User) -> None:
    membership = held(hai)
    User.objects.filter(pk=hai.pk).update(is_active=False)
    page = office.get(f"/people/{hai.pk}/roles/")
    assert page.context["form"] is None and "這個帳號已經停用" in page.content.decode()
    office.post(f"/people/{hai.pk}/roles/", SAID | {"place": "unit:pwb-lights"})
    assert Membership.objects.filter(user=hai).count() == 1
    assert office.post(f"/people/{hai.pk}/roles/{membership.pk}/dismissal/", {"until": "2022-07-24"}).status_code == 302
    membership.refresh_from_db()
    assert membership.until == date(2022, 7, 24)


def test_a_role_that_no_list_knows_any_more_is_still_shown(office: Client, hai: User) -> None:
    held(hai, role="town_crier", unit="")
    page = office.get(f"/people/{hai.pk}/roles/")
    assert [(each["role"], each["place"]) for each in page.context["present"]] == [("town_crier", "全市")]


def test_looking_is_written_down_and_the_page_of_the_account_leads_here(
    office: Client, keeper: User, hai: User
) -> None:
    assert f'href="/people/{hai.pk}/roles/"' in office.get(f"/people/{hai.pk}/").content.decode()
    count = Disclosure.objects.count()
    office.get(f"/people/{hai.pk}/roles/")
    office.get(f"/people/{keeper.pk}/roles/")
    assert Disclosure.objects.count() == count + 1
    entry = Disclosure.objects.latest("pk")
    assert (entry.actor, entry.subject_id, entry.purpose) == (keeper, str(hai.pk), "任職管理")
    assert entry.fields == ["username", "name"]


def test_it_costs_the_same_for_one_membership_and_for_twenty(office: Client, hai: User) -> None:
    def statements() -> int:
        address = f"/people/{hai.pk}/roles/"
        office.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert office.get(address).status_code == 200
        return len(captured)

    held(hai)
    at_one = statements()
    for n in range(20):
        held(hai, unit="pwb-lights", since=TODAY + timedelta(days=n), until=TODAY + timedelta(days=n))
    assert statements() == at_one
