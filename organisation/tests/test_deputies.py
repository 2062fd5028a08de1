"""Deputies: who may be one, for how long, what they may do meanwhile, and that nothing of it is left afterwards."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import TAIPEI
from identity.models import User
from identity.permissions import ROLES, STRONG, capacities_of
from organisation import directory
from organisation.actions import appoint, confirm, dismiss, end_deputyship, name_deputy, refuse
from organisation.models import AuthorityEvent, Deputyship, Membership
from organisation.permissions import grants_of
from organisation.rules import Held, acts, may_deputise, too_long
from organisation.tests import letters

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
PLACES = st.builds(
    Held, st.one_of(st.none(), st.integers(1, 3)), st.one_of(st.none(), st.integers(1, 4)), st.booleans()
)
MONDAY = datetime(2022, 7, 25, 10, tzinfo=TAIPEI)


# -- The rules -----------


@given(MOMENTS, MOMENTS, st.one_of(st.none(), MOMENTS), MOMENTS)
def test_nobody_acts_outside_the_period_or_after_its_end(
    begins: datetime, ends: datetime, ended: datetime | None, at: datetime
) -> None:
    if acts(begins, ends, ended, at):
        assert begins <= at < ends and (ended is None or at < ended)
    elif begins <= at < ends:
        assert ended is not None and ended <= at


@given(PLACES, st.lists(PLACES, max_size=4))
def test_a_deputy_is_of_the_same_agency_and_a_contractor_stays_among_its_own(of: Held, holds: list[Held]) -> None:
    allowed = may_deputise(of, holds)
    assert not may_deputise(of, [])  # who holds nothing is no staff
    if not of.contractor:
        assert allowed == (of.agency in {held.agency for held in holds if not held.contractor})
    else:
        assert allowed == (of.unit in {held.unit for held in holds})


@given(PLACES, st.lists(PLACES, max_size=3), PLACES)
def test_to_hold_more_never_makes_a_worse_deputy(of: Held, holds: list[Held], more: Held) -> None:
    assert may_deputise(of, [*holds, more]) or not may_deputise(of, holds)


@given(MOMENTS, st.integers(0, 1000), st.integers(1, 400))
def test_a_period_may_be_as_long_as_the_rule_says_and_no_longer(begins: datetime, days: int, longest: int) -> None:
    assert too_long(begins, begins + timedelta(days=days), longest) == (days > longest)


# -- The deeds -----------


@pytest.fixture
def monday(city: Any) -> Iterator[Any]:
    """It is Monday, 25 July 2022, ten in the morning."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def head(monday: Any, staff: Any) -> User:
    return staff("unit_head", "pwb-roads", name="李大華")


@pytest.fixture
def officer(monday: Any, staff: Any) -> User:
    return staff("case_officer", "pwb-lights", name="王小明")


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def named(head: User, deputy: User, actor: User | None = None, **said: Any) -> Deputyship:
    said = {"begins_at": MONDAY, "ends_at": MONDAY + timedelta(days=3), "cause": "leave"} | said
    (made,) = name_deputy(actor or head, [head.memberships.get()], deputy, **said)
    return made


@pytest.mark.django_db
def test_a_deputy_has_the_reach_of_the_other_for_the_period(monday: Any, head: User, officer: User) -> None:
    roads = directory.unit("pwb-roads")
    assert not grants_of(officer).has("unit:cases:approve")
    made = named(head, officer, begins_at=MONDAY + timedelta(hours=1))
    assert not grants_of(fresh(officer)).has("unit:cases:approve")
    monday.move_to(made.begins_at)
    acting = grants_of(fresh(officer))
    assert roads.pk in acting.scope("cases:approve").units
    assert acting.acting_for("cases:approve", roads.pk, roads.agency_id) == head.pk
    assert acting.words()[-1] == "代理李大華：單位主管（工務局養護工程處道路養護科）"
    assert "代理李大華" in capacities_of(fresh(officer))[-1]
    monday.move_to(made.ends_at)
    assert not grants_of(fresh(officer)).has("unit:cases:approve")


@pytest.mark.django_db
def test_what_is_ones_own_right_is_done_in_person(head: User, officer: User) -> None:
    named(head, officer)
    acting, lights = grants_of(fresh(officer)), directory.unit("pwb-lights")
    assert acting.acting_for("cases:answer", lights.pk, lights.agency_id) is None
    assert acting.acting_for("cases:approve", lights.pk, lights.agency_id) is None  # nor is it within the other's reach
    assert not acting.in_person.has("unit:cases:approve")


@pytest.mark.django_db
def test_grants_still_cost_one_statement(head: User, officer: User) -> None:
    named(head, officer)
    with CaptureQueriesContext(connection) as queries:
        grants_of(fresh_user := fresh(officer)).words()
        grants_of(fresh_user).acting_for("cases:approve")
    assert len(queries) == 2  # the person, and what they may do


@pytest.mark.django_db
def test_it_ends_at_once_by_either_of_the_two_and_both_are_told(head: User, officer: User, staff: Any) -> None:
    made = named(head, officer)
    assert letters.notices() == ["organisation.deputy"] * 2
    with pytest.raises(PermissionDenied):
        end_deputyship(staff("case_officer", "pwb-roads"), made)
    end_deputyship(officer, made)
    end_deputyship(head, made)  # again: nothing
    assert not grants_of(fresh(officer)).has("unit:cases:approve")
    assert letters.notices().count("organisation.deputy_ended") == 2
    verbs = AuthorityEvent.objects.filter(user=officer).order_by("pk").values_list("verb", "actor_id")
    assert list(verbs) == [("deputy_named", head.pk), ("deputy_ended", officer.pk)]
    named(head, officer)  # and may begin again


@pytest.mark.django_db
def test_it_ends_with_the_membership_and_with_the_account(head: User, officer: User, staff: Any) -> None:
    named(head, officer)
    head.is_active = False
    head.save()
    assert not grants_of(fresh(officer)).has("unit:cases:approve")
    head.is_active = True
    head.save()
    assert grants_of(fresh(officer)).has("unit:cases:approve")
    dismiss(staff("system_administrator"), head.memberships.get(), date(2022, 7, 24))
    assert not grants_of(fresh(officer)).has("unit:cases:approve")


@pytest.mark.django_db
def test_a_deputy_of_a_deputy_gets_nothing_of_the_first(head: User, officer: User, staff: Any) -> None:
    """No chains; nor does a deputy name one for the absent, or make their own time longer."""
    second = staff("case_officer", "pwb-parks")
    made = named(head, officer)
    named(officer, second)
    acting = grants_of(fresh(second))
    assert acting.has("unit:cases:answer") and not acting.has("unit:cases:approve")
    with pytest.raises(PermissionDenied):
        named(head, second, actor=fresh(officer), begins_at=made.ends_at, ends_at=made.ends_at + timedelta(days=1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"ends_at": MONDAY}, "ends"),
        ({"begins_at": MONDAY - timedelta(days=9), "ends_at": MONDAY - timedelta(days=1)}, "ends"),
        ({"ends_at": MONDAY + timedelta(days=181)}, "ends"),
    ],
)
def test_a_period_out_of_order_past_or_too_long_is_refused(
    head: User, officer: User, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        named(head, officer, **said)
    assert field in refusal.value.message_dict
    assert not Deputyship.objects.exists() and not letters.SENT


@pytest.mark.django_db
def test_who_is_no_deputy(head: User, officer: User, staff: Any) -> None:
    for other in (head, staff("case_officer", "transport-signals"), staff("citizen"), staff("controller")):
        with pytest.raises(ValidationError) as refusal:
            named(head, other)
        assert "deputy" in refusal.value.message_dict
    with pytest.raises(PermissionDenied):
        named(head, officer, actor=officer)
    named(head, officer)
    with pytest.raises(ValidationError) as refusal:  # one at a time
        named(head, staff("case_officer", "pwb-parks"), begins_at=MONDAY + timedelta(days=1))
    assert "begins" in refusal.value.message_dict


@pytest.mark.django_db
def test_a_head_and_who_appoints_people_name_deputies_for_others(head: User, staff: Any) -> None:
    below, other = staff("case_officer", "pwb-roads"), staff("case_officer", "pwb-roads")
    named(below, other, actor=head)
    named(other, below, actor=staff("system_administrator"))
    with pytest.raises(PermissionDenied):
        named(staff("case_officer", "pwb-lights"), below, actor=head)


@pytest.mark.django_db
def test_the_database_holds_it_too(head: User, officer: User, staff: Any) -> None:
    made = named(head, officer)
    for wrong in ({"deputy": head}, {"absent": officer, "deputy": head}, {"ends_at": made.begins_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Deputyship.objects.filter(pk=made.pk).update(**wrong)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    copy = Deputyship.objects.get(pk=made.pk)
    copy.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorityEvent.objects.update(reason="")


@pytest.mark.django_db
def test_heads_are_written_to_with_whoever_acts_for_them(monday: Any, head: User, officer: User) -> None:
    roads = directory.unit("pwb-roads")
    assert directory.heads_of(roads.pk) == [head]
    made = named(head, officer)
    assert directory.heads_of(roads.pk) == [head, officer]
    monday.move_to(made.ends_at)
    assert directory.heads_of(roads.pk) == [head]


@pytest.mark.django_db
def test_a_strong_role_is_deputised_by_two_people(monday: Any, staff: Any) -> None:
    first, second, third = (staff("system_administrator", name=name) for name in ("甲", "乙", "丙"))
    clerk = staff("call_agent", name="丁")
    made = named(first, clerk)
    assert made.strong and not grants_of(fresh(clerk)).has("city:users:manage")
    for concerned in (first, clerk):
        with pytest.raises(PermissionDenied):
            confirm(fresh(concerned), made)
    with pytest.raises(ValidationError):
        refuse(second, made, " ")
    confirm(second, made)
    assert grants_of(fresh(clerk)).has("city:users:manage")
    with pytest.raises(ValidationError, match="乙"):
        confirm(third, made)
    # What the deputy of an administrator does with that right names both.
    appoint(fresh(clerk), staff("citizen", name="戊"), "call_agent", since=date(2022, 7, 25))
    told = AuthorityEvent.objects.get(user__name="戊")
    assert (told.actor, told.acting_for) == (clerk, first)


def test_strong_roles_are_those_that_watch_over_the_others() -> None:
    watching = ("city:memberships:manage", "city:users:manage", "city:disclosures:read", "city:authentications:read")
    assert {code for code, role in ROLES.items() if any(role.may(each) for each in watching)} == STRONG


@pytest.mark.django_db
def test_memberships_of_staff_may_be_deputised_by_their_holder(staff: Any, monday: Any) -> None:
    """All but the strongest and that of a counter, whose holders ask an administrator, name their own deputies."""
    assert {code for code, role in ROLES.items() if not role.may("own:deputies:name")} == {
        "citizen", "auditor", "security_officer", "counter_officer",
    }  # fmt: skip
    assert Membership.objects.count() == 0
