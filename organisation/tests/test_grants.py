"""Who may act where, by role and membership."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from foundation.clock import today
from identity.factories import person
from identity.models import User
from identity.permissions import PUBLIC, ROLES
from organisation.models import Agency, Membership, Unit
from organisation.permissions import Scope, grants_of

pytestmark = pytest.mark.django_db
LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def house(no_city: None) -> dict[str, Unit]:
    """One agency with a tree of three levels, and another one beside it."""
    works = Agency.objects.create(code="pwb", name="工務局", name_en="Public Works Bureau")
    traffic = Agency.objects.create(code="transport", name="交通局", name_en="Transportation Bureau")

    def unit(code: str, agency: Agency, parent: Unit | None = None) -> Unit:
        return Unit.objects.create(code=code, agency=agency, parent=parent, name=f"單位{code}", name_en=code.title())

    maintenance = unit("maintenance", works)
    roads = unit("roads", works, maintenance)
    crew = unit("crew", works, roads)
    return {
        "maintenance": maintenance, "roads": roads, "crew": crew, "lights": unit("lights", works, maintenance),
        "signals": unit("signals", traffic),
    }  # fmt: skip


def holding(role: str, unit: Unit | None = None, agency: Agency | None = None, since: date = LONG_AGO,
            until: date | None = None) -> User:  # fmt: skip
    user = person()
    Membership.objects.create(user=user, role=role, unit=unit, agency=agency, since=since, until=until)
    return User.objects.get(pk=user.pk)


def test_an_anonymous_visitor_has_what_is_public_and_no_role() -> None:
    grants = grants_of(AnonymousUser())
    assert grants.roles == frozenset()
    assert grants.permissions == PUBLIC
    assert not grants.scope("cases:read")
    assert not grants.has("own:cases:read")


def test_whoever_signs_in_is_a_citizen(house: dict[str, Unit]) -> None:
    citizen = grants_of(person())
    assert citizen.roles == {"citizen"}
    assert citizen.scope("cases:read") == Scope(own=True)
    officer = grants_of(holding("case_officer", house["roads"]))
    assert officer.roles == {"citizen", "case_officer"}
    assert officer.scope("cases:read").own


def test_unit_scope_reaches_the_unit_and_the_units_below(house: dict[str, Unit]) -> None:
    ids = {name: unit.pk for name, unit in house.items()}
    officer = grants_of(holding("case_officer", house["roads"]))
    assert officer.units("unit:cases:read") == {ids["roads"], ids["crew"]}
    assert officer.scope("cases:read") == Scope(units=frozenset({ids["roads"], ids["crew"]}), own=True)
    head = grants_of(holding("unit_head", house["maintenance"]))
    assert head.units("unit:cases:extend") == {ids[name] for name in ("maintenance", "roads", "crew", "lights")}
    assert officer.units("unit:cases:extend") == frozenset()
    assert not officer.has("unit:cases:extend")


def test_agency_scope_reaches_the_agency_of_the_membership(house: dict[str, Unit]) -> None:
    works = house["roads"].agency_id
    by_agency = grants_of(holding("agency_head", agency=house["roads"].agency))
    by_unit = grants_of(holding("agency_head", unit=house["roads"]))
    for grants in (by_agency, by_unit):
        assert grants.agencies("agency:cases:read") == {works}
        assert grants.scope("cases:read").agencies == {works}
        assert not grants.everywhere("agency:cases:read")
    assert by_agency.units("unit:cases:read") == frozenset()


def test_city_scope_reaches_everywhere_and_includes_the_narrower_ones() -> None:
    agent = grants_of(holding("call_agent"))
    assert agent.scope("cases:read").city
    assert agent.everywhere("city:cases:read")
    assert agent.has("unit:cases:read")
    assert not agent.has("city:users:manage")


def test_roles_add_up(house: dict[str, Unit]) -> None:
    user = holding("case_officer", house["lights"])
    Membership.objects.create(user=user, role="unit_head", unit=house["signals"], since=LONG_AGO)
    grants = grants_of(user)
    assert grants.scope("cases:read").units == {house["lights"].pk, house["signals"].pk}
    assert grants.units("unit:workload:read") == {house["signals"].pk}


@pytest.mark.parametrize(
    ("since", "until", "held"), [(0, 0, True), (-9, -1, False), (1, None, False), (-9, None, True)]
)
def test_a_membership_counts_from_its_first_to_its_last_day(
    house: dict[str, Unit], since: int, until: int | None, held: bool
) -> None:
    last = today() + timedelta(days=until) if until is not None else None
    user = holding("case_officer", house["roads"], since=today() + timedelta(days=since), until=last)
    assert ("case_officer" in grants_of(user).roles) is held


def test_who_is_switched_off_has_nothing(house: dict[str, Unit]) -> None:
    user = holding("case_officer", house["roads"])
    user.is_active = False
    assert grants_of(user).roles == frozenset()


def test_a_role_that_this_version_does_not_know_brings_nothing(house: dict[str, Unit]) -> None:
    grants = grants_of(holding("emperor", house["roads"]))
    assert grants.roles == {"citizen"}
    assert "emperor" not in ROLES


def test_grants_cost_one_statement_however_much_is_asked(house: dict[str, Unit]) -> None:
    user = holding("unit_head", house["maintenance"])
    Membership.objects.create(user=user, role="agency_head", agency=house["signals"].agency, since=LONG_AGO)
    with CaptureQueriesContext(connection) as queries:
        for permission in ("unit:cases:read", "agency:cases:read", "city:cases:read"):
            grants_of(user).has(permission)
            grants_of(user).units(permission)
            grants_of(user).scope("cases:read")
        grants_of(user).words()
    assert len(queries) == 1


def test_memberships_in_words(house: dict[str, Unit]) -> None:
    user = holding("case_officer", house["roads"])
    assert grants_of(user).words() == ("市民", "承辦人員（工務局單位roads）")
    with translation.override("en"):
        assert grants_of(user).words()[1].endswith("(Roads, Public Works Bureau)")


def test_memberships_are_visible_to_their_holder_and_to_who_appoints(house: dict[str, Unit]) -> None:
    officer, administrator = holding("case_officer", house["roads"]), holding("system_administrator")
    assert [m.user_id for m in Membership.objects.visible_to(officer)] == [officer.pk]
    assert Membership.objects.visible_to(administrator).count() == 2
