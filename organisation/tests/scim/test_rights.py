"""Who may speak SCIM, how far a program reaches, and what is written down of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from identity.actions import issue_key, withdraw_key
from identity.models import AccountEvent, ApiKey, User
from identity.permissions import PROVISION, ROLES
from identity.tests import letters
from organisation import directory
from organisation.models import Membership, StaffRecord
from organisation.rules import PROVISIONED_ROLES
from organisation.tests.scim.conftest import ENTERPRISE, Scim, person

pytestmark = pytest.mark.django_db


def answer_to(key: str) -> int:
    return Client(headers={"Authorization": f"Bearer {key}"}).get("/scim/v2/Users").status_code


def test_only_a_key_for_it_whose_owner_answers_for_it_opens(staff: Callable[..., Any], program: str) -> None:
    assert answer_to(program) == 200
    key = ApiKey.objects.get()
    stranger = Client().get("/scim/v2/Users")
    assert stranger.status_code == 401 and stranger["WWW-Authenticate"].startswith("Bearer")
    assert answer_to("och_nothing") == 401
    quota = {"per_minute": 5, "per_day": 9}
    _key, other = issue_key(key.owner, key.owner, name="通報", scopes=["public:cases:file"], **quota)
    assert answer_to(other) == 403
    admin = staff("system_administrator")
    _key, not_theirs = issue_key(admin, admin, name="人事", scopes=[PROVISION], **quota)
    assert answer_to(not_theirs) == 403, "an administrator keeps keys and has no personnel system"
    for _time in range(4):
        answer_to(not_theirs)
    assert answer_to(not_theirs) == 429
    client = Client()
    client.force_login(key.owner)
    assert client.get("/scim/v2/Users").status_code == 401, "a session is no key"
    withdraw_key(admin, key)
    assert answer_to(program) == 401


def test_the_owner_who_loses_the_role_takes_the_key_along(program: str) -> None:
    Membership.objects.filter(role="personnel_officer").delete()
    assert answer_to(program) == 403


def test_the_strongest_roles_are_not_given_and_citizens_are_not_seen(scim: Scim, staff: Callable[..., Any]) -> None:
    made = scim.hire()
    joining = {"op": "add", "path": "members", "value": [{"value": made["id"]}]}
    numbers = [each["id"] for each in scim("GET", "/Groups?count=1000").json()["Resources"]]
    total = scim("GET", "/Groups?count=0").json()["totalResults"]
    assert len(numbers) == min(total, 200) and total > 50
    assert {number.rpartition(".")[2] for number in numbers} <= set(PROVISIONED_ROLES)
    for role in ROLES.keys() - set(PROVISIONED_ROLES):
        assert scim.patch(f"/Groups/pwb-roads.{role}", joining).status_code == 404
    assert scim.patch("/Groups/city.case_officer", joining).status_code == 404
    assert scim("POST", "/Groups", {"schemas": [], "displayName": "新的"}).status_code == 403
    assert scim("DELETE", "/Groups/pwb-roads.unit_head").status_code == 403
    assert not Membership.objects.filter(user__username="ua001").exists()
    citizen = staff("citizen")
    assert [each["userName"] for each in scim.find("userName pr")] == ["ua001"] != [citizen.username]
    wrong = {"op": "add", "path": "members", "value": [{"value": str(citizen.pk)}, {"value": made["id"]}]}
    assert scim.patch("/Groups/pwb-roads.unit_head", wrong).json()["scimType"] == "invalidValue"
    assert not Membership.objects.filter(user__username="ua001").exists()


def test_the_way_into_a_protected_account_stays_as_it_is(scim: Scim) -> None:
    made = scim.hire(emails=[{"value": "a@a.example"}])
    user = User.objects.get(username="ua001")
    Membership.objects.create(user=user, role="system_administrator", since="2020-01-01")
    path = f"/Users/{made['id']}"
    for name, value in (("userName", "mine"), ("emails", [{"value": "thief@a.example"}])):
        answer = scim.patch(path, {"op": "replace", "path": name, "value": value})
        assert answer.status_code == 403, answer.text
    assert scim.patch(path, {"op": "replace", "path": "title", "value": "主任"}).status_code == 204
    assert scim.patch(path, {"op": "replace", "path": "active", "value": False}).status_code == 204
    assert scim.patch(path, {"op": "replace", "path": "active", "value": True}).status_code == 403
    user.refresh_from_db()
    assert (user.username, user.email, user.is_active) == ("ua001", "a@a.example", False)


def test_nobody_changes_their_own_by_their_key(scim: Scim) -> None:
    owner = ApiKey.objects.get().owner
    staff = StaffRecord.objects.create(user=owner, employee_number="P1", since="2020-01-01")
    joining = {"op": "add", "path": "members", "value": [{"value": str(staff.uid)}]}
    assert scim.patch("/Groups/pwb-roads.unit_head", joining).status_code == 403
    assert scim("DELETE", f"/Users/{staff.uid}").status_code == 403
    owner.refresh_from_db()
    assert owner.is_active


def test_every_change_is_written_down_with_the_program(scim: Scim, settings: Any) -> None:
    settings.LETTERS = "identity.tests.letters.keep"
    letters.SENT.clear()
    key = ApiKey.objects.get()
    made = scim.hire(emails=[{"value": "ming@cityhall.example"}])
    group = "/Groups/pwb-roads.case_officer"
    scim.patch(group, {"op": "add", "path": "members", "value": [{"value": made["id"]}]})
    scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": "科員"})
    scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": "科員"})
    scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": True})
    scim.patch(group, {"op": "remove", "path": f'members[value eq "{made["id"]}"]'})
    events = list(AccountEvent.objects.filter(user__username="ua001").order_by("pk"))
    assert [each.verb for each in events] == ("created link_issued joined changed deactivated activated left".split())
    assert {(each.actor, each.source) for each in events} == {(key.owner, f"scim {key.prefix}")}
    assert events[2].detail == "pwb-roads case_officer" and events[3].detail == "title"
    (letter,) = letters.SENT
    assert (letter.notice, letter.to, letter.topic_id) == (
        "identity.opened",
        "ming@cityhall.example",
        events[0].user_id,
    )
    assert Client().get(letter.context["path"]).status_code == 200


def test_a_membership_is_begun_and_ended_and_never_rewritten(scim: Scim) -> None:
    made = scim.hire()
    staff = StaffRecord.objects.get()
    unit = directory.unit("pwb-roads")
    old = Membership.objects.create(user=staff.user, role="case_officer", unit=unit, since="2020-01-01")
    path = "/Groups/pwb-roads.case_officer"
    assert [each["value"] for each in scim("GET", path).json()["members"]] == [made["id"]]
    out = {"op": "remove", "path": "members"}
    back = {"op": "add", "path": "members", "value": [{"value": made["id"]}]}
    assert scim.patch(path, out).status_code == 204 and "members" not in scim("GET", path).json()
    for _time in range(2):
        assert scim.patch(path, back).status_code == 204
        assert [each["value"] for each in scim("GET", path).json()["members"]] == [made["id"]]
        assert scim.patch(path, out).status_code == 204
        assert "members" not in scim("GET", path).json()
    first, second = Membership.objects.filter(user=staff.user).order_by("since")
    assert first.pk == old.pk and first.until < second.since == second.until


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_of_one_version_one_is_refused(scim: Scim) -> None:
    made = scim.hire(department="道路科")
    barrier = Barrier(2)

    def change(title: str) -> int:
        other = Scim(scim.key)
        barrier.wait()
        try:
            operation = {"op": "replace", "path": "title", "value": title}
            return other.patch(f"/Users/{made['id']}", operation, **{"If-Match": made["meta"]["version"]}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(change, ["甲", "乙"]))
    assert codes == [204, 412]
    assert scim("GET", f"/Users/{made['id']}").json()[ENTERPRISE]["department"] == "道路科"


@pytest.mark.django_db(transaction=True)
def test_of_two_people_of_one_number_one_is_made(scim: Scim) -> None:
    barrier = Barrier(2)

    def hire(name: str) -> int:
        other = Scim(scim.key)
        barrier.wait()
        try:
            return other("POST", "/Users", person("A001", userName=name)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(hire, ["one", "two"])) == [201, 409]
    assert StaffRecord.objects.count() == 1 and User.objects.filter(username__in=["one", "two"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_changes_of_one_group_at_once_lose_nobody(scim: Scim) -> None:
    made = [scim.hire(f"A{number}")["id"] for number in range(2)]
    barrier = Barrier(2)

    def add(uid: str) -> int:
        other = Scim(scim.key)
        barrier.wait()
        try:
            joining = {"op": "add", "path": "members", "value": [{"value": uid}]}
            code = other.patch("/Groups/pwb-roads.case_officer", joining).status_code
            return code if code == 204 else other.patch("/Groups/pwb-roads.case_officer", joining).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(add, made)) == {204}
    members = scim("GET", "/Groups/pwb-roads.case_officer").json()["members"]
    assert sorted(each["value"] for each in members) == sorted(made)
