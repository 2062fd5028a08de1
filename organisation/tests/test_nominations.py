"""The strongest roles take two people; posts give roles and are handed on."""

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from identity.models import User
from identity.permissions import STRONG
from organisation import directory
from organisation.actions import appoint, confirm, propose, refuse, succeed
from organisation.models import AuthorityEvent, Membership, Nomination, Post
from organisation.permissions import grants_of
from organisation.tests import letters

TODAY = date(2022, 7, 25)


@pytest.fixture
def first(staff: Any) -> User:
    return staff("system_administrator", name="甲")


@pytest.fixture
def second(staff: Any) -> User:
    return staff("system_administrator", name="乙")


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(STRONG))
def test_one_administrator_alone_gives_no_strong_role(first: User, second: User, staff: Any, role: str) -> None:
    person = staff("citizen", name="丙")
    with pytest.raises(ValidationError):
        appoint(first, person, role, since=TODAY)
    made = propose(first, person, role, since=TODAY, reason="業務需要")
    assert not Membership.objects.filter(user=person).exists()
    assert letters.notices() == ["organisation.waits"]  # to the second alone
    for concerned in (first, person):
        with pytest.raises(PermissionDenied):
            confirm(concerned, made)
    confirm(second, made)
    assert role in grants_of(User.objects.get(pk=person.pk)).roles
    made.refresh_from_db()
    assert (made.decision, made.decided_by, made.membership.user) == ("confirmed", second, person)
    told = AuthorityEvent.objects.filter(user=person).order_by("pk").values_list("verb", "actor__name", "reason")
    assert list(told) == [("proposed", "甲", "業務需要"), ("confirmed", "乙", "業務需要")]


@pytest.mark.django_db
def test_a_refusal_has_a_reason_and_gives_nothing(first: User, second: User, staff: Any) -> None:
    person = staff("citizen")
    made = propose(first, person, "auditor", since=TODAY)
    with pytest.raises(ValidationError):
        propose(second, person, "auditor", since=TODAY)  # the same waits already
    with pytest.raises(ValidationError):
        refuse(second, made, "")
    refuse(second, made, "職務還沒有核定")
    with pytest.raises(ValidationError, match="乙已經決定了"):
        confirm(second, made)
    assert not Membership.objects.filter(user=person).exists()
    assert letters.notices().count("organisation.decided") == 2
    propose(first, person, "auditor", since=TODAY)  # may be put forward again


@pytest.mark.django_db
def test_the_database_takes_no_decision_of_one_person(first: User, second: User, staff: Any) -> None:
    person = staff("citizen")
    made = propose(first, person, "auditor", since=TODAY)
    held = Membership.objects.create(user=person, role="auditor", since=TODAY)
    at = {"decision": "confirmed", "decided_at": made.proposed_at, "membership": held}
    for wrong in ({"decided_by": first}, {"decided_by": person}, {"decided_by": second, "membership": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Nomination.objects.filter(pk=made.pk).update(**(at | wrong))
    Nomination.objects.filter(pk=made.pk).update(**at, decided_by=second)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_is_told(staff: Any) -> None:
    first, second, third = (staff("system_administrator", name=name) for name in "甲乙丙")
    made = propose(first, staff("citizen"), "auditor", since=TODAY)
    gate, said = Barrier(2), []

    def decide(actor: User) -> None:
        try:
            gate.wait(10)
            confirm(actor, made)
            said.append("confirmed")
        except ValidationError:
            said.append("told")
        finally:
            connection.close()

    threads = [Thread(target=decide, args=[actor]) for actor in (second, third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(said) == ["confirmed", "told"]
    assert Membership.objects.filter(role="auditor").count() == 1


@pytest.mark.django_db
def test_where_there_is_one_administrator_the_operator_is_the_second(first: User, staff: Any, capsys: Any) -> None:
    person = staff("citizen", name="丙")
    made = propose(first, person, "system_administrator", since=TODAY)
    call_command("confirm_nomination")
    assert f"{made.pk}" in capsys.readouterr().out
    call_command("confirm_nomination", made.pk)
    assert grants_of(User.objects.get(pk=person.pk)).has("city:memberships:manage")
    with pytest.raises(CommandError):
        call_command("confirm_nomination", made.pk)


# -- Posts -----------


@pytest.mark.django_db
def test_a_post_gives_its_role_for_the_time_that_it_is_held(first: User, staff: Any) -> None:
    roads = directory.unit("pwb-roads")
    chief = Post.objects.get(unit=roads, title="科長")
    assert chief.role == "unit_head"
    held = appoint(first, staff("citizen"), unit=roads, post=chief, since=TODAY, until=date(2022, 12, 31))
    assert held.role == "unit_head"
    with pytest.raises(ValidationError, match="單位主管"):
        appoint(first, staff("citizen"), "case_officer", unit=roads, post=chief, since=TODAY)


@pytest.mark.django_db
def test_a_post_is_handed_on_in_one_deed(first: User, staff: Any) -> None:
    roads = directory.unit("pwb-roads")
    chief = Post.objects.get(unit=roads, title="科長")
    before, after = staff("citizen", name="前任"), staff("citizen", name="接任")
    held = appoint(first, before, unit=roads, post=chief, since=date(2020, 1, 1))
    for wrong in (date(2020, 1, 1), date(2019, 1, 1)):
        with pytest.raises(ValidationError):
            succeed(first, held, after, wrong)
    with pytest.raises(ValidationError):
        succeed(first, held, before, TODAY)
    with pytest.raises(PermissionDenied):
        succeed(before, held, after, TODAY)
    new = succeed(first, held, after, TODAY, reason="退休")
    held.refresh_from_db()
    assert (held.until, new.since, new.role, new.post) == (date(2022, 7, 24), TODAY, "unit_head", chief)
    with pytest.raises(ValidationError):
        succeed(first, held, staff("citizen"), date(2022, 8, 1))  # it has passed on already
    told = AuthorityEvent.objects.order_by("pk").values_list("user__name", "verb", "reason")
    assert list(told)[1:] == [("前任", "dismissed", "退休"), ("接任", "appointed", "退休")]
