"""Pages about who may do what: deputies, nominations, posts, the table of permissions, and who holds them and why."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from foundation.clock import TAIPEI
from identity.models import Disclosure, User
from identity.permission_words import ACTIONS, RESOURCES, SCOPES
from identity.permissions import PERMISSIONS, ROLES
from identity.rules import parse
from organisation.models import Deputyship, Membership, Nomination, Post
from organisation.permissions import grants_of

pytestmark = pytest.mark.django_db
NAMED = {
    "membership": "", "deputy": "", "begins": "2022-07-25T10:00", "ends": "2022-07-27T17:30", "cause": "travel",
    "reason": "",
}  # fmt: skip


@pytest.fixture
def monday(city: Any) -> Iterator[None]:
    """It is Monday, 25 July 2022, ten in the morning."""
    with time_machine.travel(datetime(2022, 7, 25, 10, tzinfo=TAIPEI), tick=False):
        yield


@pytest.fixture
def keeper(monday: None, staff: Any) -> User:
    return staff("system_administrator", name="蔡管理")


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# -- Deputies -----------


def test_an_officer_names_a_colleague_and_ends_it(monday: None, staff: Any) -> None:
    officer, colleague = (
        staff("case_officer", "pwb-roads", name="王小明"),
        staff("unit_head", "pwb-lights", name="林科長"),
    )
    stranger = staff("case_officer", "transport-signals", name="外人")
    client = at(officer)
    assert "現在沒有人代理您。" in client.get("/deputies/").content.decode()
    page = client.get("/deputies/new/").content.decode()
    assert "林科長" in page and "外人" not in page
    said = NAMED | {"membership": officer.memberships.get().pk, "deputy": colleague.pk}
    for wrong, words in (
        ({"ends": "2022-07-25T09:00"}, "結束時間要晚於開始時間。"),
        ({"ends": "2023-07-25T09:00"}, "一次最多 180 天"),
        ({"ends": "tomorrow"}, "日期或時間的格式不正確"),
        ({"deputy": ""}, "請選擇「代理人」"),
        ({"deputy": stranger.pk}, "代理人"),
    ):
        refused = client.post("/deputies/new/", said | wrong)
        assert refused.status_code == 422 and words in refused.content.decode()
        assert not Deputyship.objects.exists()
    done = client.post("/deputies/new/", said, follow=True).content.decode()
    assert "林科長將代理王小明，已經寄信通知雙方。" in done and "代理中" in done
    assert "王小明" in at(colleague).get("/deputies/").content.decode()
    twice = client.post("/deputies/new/", said)
    assert twice.status_code == 422 and "在這段期間已經有代理人" in twice.content.decode()
    made = Deputyship.objects.get()
    assert at(stranger).post(f"/deputies/{made.pk}/end/").status_code == 404
    assert client.get(f"/deputies/{made.pk}/end/").status_code == 405
    assert "已經結束" in client.post(f"/deputies/{made.pk}/end/", follow=True).content.decode()
    assert grants_of(fresh(colleague)).in_person.roles == grants_of(fresh(colleague)).roles


def test_a_head_names_deputies_for_the_people_of_the_unit_and_for_nobody_else(monday: None, staff: Any) -> None:
    head, officer = staff("unit_head", "pwb-roads"), staff("case_officer", "pwb-roads", name="王小明")
    other, elsewhere = staff("case_officer", "pwb-roads"), staff("case_officer", "pwb-lights")
    client = at(head)
    assert f'<option value="{officer.pk}">王小明</option>' in client.get("/deputies/").content.decode()
    said = NAMED | {"membership": officer.memberships.get().pk, "deputy": other.pk}
    assert client.post(f"/deputies/new/?for={officer.pk}", said).status_code == 302
    for number in (elsewhere.pk, "x", "999999999"):
        assert client.get(f"/deputies/new/?for={number}").status_code == 404
    assert at(officer).get(f"/deputies/new/?for={other.pk}").status_code == 404
    assert Deputyship.objects.get().proposed_by == head


def test_all_memberships_are_deputised_at_once(monday: None, staff: Any) -> None:
    officer, colleague = staff("case_officer", "pwb-roads"), staff("case_officer", "pwb-lights")
    Membership.objects.create(user=officer, role="unit_head", unit=Post.objects.get(
        unit__code="pwb-parks", title="科長").unit, since=date(2022, 1, 1))  # fmt: skip
    said = NAMED | {"membership": "all", "deputy": colleague.pk}
    assert at(officer).post("/deputies/new/", said).status_code == 302
    assert Deputyship.objects.count() == 2
    assert grants_of(fresh(colleague)).has("unit:cases:approve")


def test_the_list_of_deputies_takes_as_many_statements_for_one_as_for_many(monday: None, staff: Any) -> None:
    head, people = staff("unit_head", "pwb-roads"), [staff("case_officer", "pwb-roads") for _n in range(6)]

    def name(officer: User, deputy: User) -> None:
        said = NAMED | {"membership": officer.memberships.get().pk, "deputy": deputy.pk}
        assert at(head).post(f"/deputies/new/?for={officer.pk}", said).status_code == 302

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert at(head).get("/deputies/").status_code == 200
        return len(queries)

    name(people[0], people[1])
    few = statements()
    for officer, deputy in zip(people[1:], people, strict=False):
        name(officer, deputy)
    assert statements() == few


# -- Two people -----------


def test_a_strong_role_is_proposed_on_the_page_and_confirmed_by_another(keeper: User, staff: Any) -> None:
    second, person = staff("system_administrator", name="另一位"), staff("citizen", name="陳海")
    said = {"role": "auditor", "place": "city", "post": "", "since": "2022-07-25", "until": "", "reason": "派令1號"}
    page = at(keeper).post(f"/people/{person.pk}/roles/", said, follow=True).content.decode()
    assert "另一位系統管理員同意之後才會生效。" in page and "等另一位系統管理員同意" in page
    made = Nomination.objects.get()
    address = f"/nominations/role/{made.pk}/"
    assert "您是提名人" in at(keeper).get(address).content.decode()
    at(keeper).post(address, {"decision": "confirmed"})
    assert not Membership.objects.filter(user=person).exists()
    assert "陳海" in at(second).get("/nominations/").content.decode()
    refused = at(second).post(address, {"decision": "refused", "words": ""})
    assert refused.status_code == 422 and "請填寫不同意的理由。" in refused.content.decode()
    done = at(second).post(address, {"decision": "confirmed", "words": ""}, follow=True).content.decode()
    assert "已經同意" in done and Membership.objects.get(user=person).role == "auditor"
    assert "這一項已經決定了。" in at(second).get(address).content.decode()
    assert at(second).get("/nominations/planet/1/").status_code == 404
    assert "沒有等待同意的職權" in at(second).get("/nominations/").content.decode()


# -- Posts -----------


def test_a_post_is_found_vacant_taken_up_and_handed_on(keeper: User, staff: Any) -> None:
    chief = Post.objects.get(unit__code="pwb-roads", title="科長")
    first, second = staff("citizen", name="前任"), staff("citizen", name="接任")
    client = at(keeper)
    assert "出缺" in client.get("/posts/?q=道路養護科&state=vacant").content.decode()
    said = {"account": first.username, "instead": "", "since": "2022-07-01", "until": "", "reason": ""}
    for account in ("nobody", keeper.username):
        refused = client.post(f"/posts/{chief.pk}/", said | {"account": account})
        assert refused.status_code == 422 and account in refused.content.decode()
    assert client.post(f"/posts/{chief.pk}/", said).status_code == 302
    held = Membership.objects.get(user=first)
    assert (held.role, held.post) == ("unit_head", chief)
    over = {"account": second.username, "instead": held.pk, "since": "2022-08-01", "until": "", "reason": "退休"}
    early = client.post(f"/posts/{chief.pk}/", over | {"since": "2022-07-01"})
    assert early.status_code == 422 and "交接日要晚於現任的起始日。" in early.content.decode()
    page = client.post(f"/posts/{chief.pk}/", over, follow=True).content.decode()
    held.refresh_from_db()
    assert held.until == date(2022, 7, 31) and "接任從起始日起擔任「科長」。" in page
    assert "前任" in client.get("/posts/?q=科長&agency=pwb&state=held").content.decode()


def test_a_post_chosen_in_the_appointment_brings_its_role(keeper: User, staff: Any) -> None:
    person = staff("citizen")
    said = {"role": "", "place": "unit:pwb-roads", "post": "科長", "since": "2022-07-25", "until": ""}
    other = at(keeper).post(f"/people/{person.pk}/roles/", said | {"role": "case_officer"})
    assert other.status_code == 422 and "這個職位給的職務是「單位主管」" in other.content.decode()
    nothing = at(keeper).post(f"/people/{person.pk}/roles/", said | {"post": ""})
    assert nothing.status_code == 422 and "請選擇「職務」" in nothing.content.decode()
    assert at(keeper).post(f"/people/{person.pk}/roles/", said).status_code == 302
    assert Membership.objects.get(user=person).role == "unit_head"


# -- The table of permissions -----------


def test_every_permission_has_words() -> None:
    parsed = [parse(permission) for permission in PERMISSIONS]
    assert {each.resource for each in parsed} == set(RESOURCES)
    assert {each.action for each in parsed} == set(ACTIONS)
    assert set(SCOPES) == {"public", "own", "unit", "agency", "city"}


def test_the_table_says_who_may_do_what_and_how_far(keeper: User, staff: Any) -> None:
    page = at(staff("auditor")).get("/permissions/").content.decode()
    assert all(f"<code>{parse(permission).deed}</code>" in page for permission in PERMISSIONS)
    assert all(str(role.label) in page for role in ROLES.values())
    some = at(keeper).get("/permissions/?q=核定").content.decode()
    assert "cases:approve" in some and "cases:answer" not in some
    assert "沒有符合的權限" in at(keeper).get("/permissions/?q=zzz").content.decode()
    lines = b"".join(at(keeper).get("/permissions.csv?q=cases:approve").streaming_content).decode().splitlines()
    header, row = lines[0].lstrip("\ufeff").split(","), lines[1].split(",")
    assert len(lines) == 2 and row[:3] == ["cases:approve", "案件", "核定"]
    cells = dict(zip(header[3:], row[3:], strict=True))
    assert (cells["單位主管"], cells["機關首長"], cells["承辦人員"]) == ("單位", "機關", "")


def test_who_holds_it_and_why(keeper: User, staff: Any) -> None:
    person, deputy = staff("citizen", name="陳海"), staff("case_officer", "pwb-lights", name="王小明")
    said = {
        "role": "",
        "place": "unit:pwb-roads",
        "post": "科長",
        "since": "2022-07-25",
        "until": "",
        "reason": "派令7號",
    }
    at(keeper).post(f"/people/{person.pk}/roles/", said)
    named = NAMED | {"membership": person.memberships.get().pk, "deputy": deputy.pk}
    at(keeper).post(f"/deputies/new/?for={person.pk}", named)
    client = at(staff("auditor", name="稽核"))
    for query in ("role=unit_head", "permission=unit:cases:approve"):
        page = client.get(f"/permissions/holders/?{query}").content.decode()
        for words in ("陳海", "因擔任「科長」", "蔡管理", "派令7號", "王小明 代理 陳海"):
            assert words in page, words
    assert client.get("/permissions/holders/?role=emperor").status_code == 404
    theirs = client.get(f"/people/{deputy.pk}/permissions/").content.decode()
    assert "代理陳海：單位主管" in theirs and "核定" in theirs
    assert Disclosure.objects.filter(subject="user", subject_id=str(deputy.pk), actor__name="稽核").exists()
    # The auditor watches and changes nothing.
    assert client.post(f"/posts/{Post.objects.first().pk}/").status_code == 403
    assert client.get(f"/people/{person.pk}/roles/").status_code == 403


def test_the_pages_are_in_english_too(keeper: User, staff: Any) -> None:
    client = at(keeper)
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        for address in ("/deputies/", "/posts/", "/permissions/", "/nominations/", f"/people/{keeper.pk}/permissions/"):
            text = client.get(address).content.decode()
            assert 'lang="en"' in text


def test_a_period_of_a_deputyship_is_shown_as_it_was(monday: None, staff: Any) -> None:
    officer, colleague = staff("case_officer", "pwb-roads"), staff("case_officer", "pwb-lights")
    said = NAMED | {"membership": officer.memberships.get().pk, "deputy": colleague.pk}
    at(officer).post("/deputies/new/", said)
    made = Deputyship.objects.get()
    assert made.is_acting and made.may_be_ended and not made.is_to_come
    with time_machine.travel(made.ends_at + timedelta(seconds=1), tick=False):
        assert not made.is_acting and not made.may_be_ended
        assert "已結束" in at(officer).get("/deputies/").content.decode()
