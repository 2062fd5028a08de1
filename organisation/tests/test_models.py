"""What the database itself refuses, the directory in memory, and how people are appointed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from identity.factories import person
from identity.models import User
from organisation import directory
from organisation.actions import appoint, dismiss
from organisation.memory import forget
from organisation.models import Agency, CalendarOverride, City, District, Membership, Post, Unit
from organisation.pack import Pack
from organisation.permissions import grants_of

pytestmark = pytest.mark.django_db
LONG_AGO = date(2020, 1, 1)


def agency(code: str = "a", **values: Any) -> Agency:
    return Agency.objects.create(**{"code": code, "name": "甲局", "name_en": "Bureau A", **values})


def unit(code: str, of: Agency, **values: Any) -> Unit:
    return Unit.objects.create(**{"code": code, "agency": of, "name": "乙科", "name_en": "Section B", **values})


def member(**values: Any) -> Membership:
    return Membership.objects.create(**{"user": person(), "role": "auditor", "since": LONG_AGO, **values})


def override(**values: Any) -> CalendarOverride:
    good = {"date": LONG_AGO, "kind": "closed", "reason": "颱風", "source": "公告", "declared_at": timezone.now()}
    return CalendarOverride.objects.create(**{**good, **values})


def _twice(make: Callable[..., Any], **values: Any) -> None:
    make(**values)
    make(**values)


def _own_parent() -> None:
    it = unit("u", agency())
    Unit.objects.filter(pk=it.pk).update(parent=it)


def _post_twice() -> None:
    it = unit("u", agency())
    _twice(Post.objects.create, unit=it, title="科長", title_en="Chief")


def _member_twice() -> None:
    _twice(member, user=person())


def _post_of_another_unit() -> None:
    of = agency()
    post = Post.objects.create(unit=unit("u", of), title="科長", title_en="Chief")
    member(unit=unit("v", of), post=post)


BREACHES: dict[str, Callable[[], Any]] = {
    "agency_code_is_a_slug": lambda: agency("Agency A"),
    "organisation_agency_code": lambda: _twice(agency, code="a"),
    "agency_organ_code_belongs_to_one": lambda: [agency(code, organ_code="397110000G") for code in ("a", "b")],
    "agency_oid_belongs_to_one": lambda: [agency(code, oid="2.16.886") for code in ("a", "b")],
    "unit_code_is_a_slug": lambda: unit("Unit U", agency()),
    "organisation_unit_code": lambda: _twice(unit, code="u", of=agency()),
    "unit_is_not_its_own_parent": _own_parent,
    "unit_contractor_is_a_crew": lambda: unit("u", agency(), is_contractor=True),
    "unit_parent_is_of_the_same_agency": lambda: unit("v", agency("b"), parent=unit("u", agency())),
    "post_title_is_unique_in_its_unit": _post_twice,
    "membership_in_order": lambda: member(until=date(2019, 12, 31)),
    "membership_in_a_unit_or_in_an_agency": lambda: member(unit=unit("u", it := agency()), agency=it),
    "membership_post_has_unit": lambda: member(
        post=Post.objects.create(unit=unit("u", agency()), title="科長", title_en="Chief")
    ),
    "membership_post_is_of_the_same_unit": _post_of_another_unit,
    "membership_is_said_once": _member_twice,
    "calendaroverride_kind_is_known": lambda: override(kind="shut"),
    "calendaroverride_says_why_and_who_says": lambda: override(reason=""),
    "calendaroverride_in_order": lambda: override(revoked_at=timezone.now() - timezone.timedelta(days=1)),
    "calendaroverride_one_in_force": lambda: _twice(override),
    "city_is_one": lambda: City.objects.create(id=2, pack="p", digest="d", loaded_at=timezone.now()),
    "organisation_city_pkey": lambda: _twice(
        City.objects.create, id=1, pack="p", digest="d", loaded_at=timezone.now()
    ),
}  # fmt: skip


@pytest.mark.parametrize("constraint", BREACHES)
def test_the_database_refuses(constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BREACHES[constraint]()
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_every_constraint_of_the_models_is_tried() -> None:
    for model in (Agency, Unit, Post, Membership, CalendarOverride, City):
        for constraint in model._meta.constraints:
            assert constraint.name in BREACHES


def test_what_is_right_goes_in(no_city: None) -> None:
    of = agency(organ_code="397110000G")
    agency("b")  # a second one without organ code or OID
    above = unit("above", of)
    below = unit("below", of, parent=above)
    post = Post.objects.create(unit=below, title="科長", title_en="Chief")
    for values in ({"unit": below, "post": post}, {"agency": of}, {"until": LONG_AGO}):
        member(**values)
    first = override()
    CalendarOverride.objects.filter(pk=first.pk).update(revoked_at=timezone.now())
    override()
    City.objects.create(pack="p", digest="d", loaded_at=timezone.now())
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_names_come_in_the_language_of_the_page() -> None:
    of = agency()
    post = Post(unit=unit("u", of), title="科長", title_en="Chief")
    assert (str(of), str(post)) == ("甲局", "科長")
    with translation.override("en"):
        assert (str(of), str(post)) == ("Bureau A", "Chief")


def test_the_directory_is_read_once(city: Pack, django_assert_num_queries: Any) -> None:
    forget()
    with django_assert_num_queries(3):
        for _n in range(2):
            roads = directory.unit("pwb-roads")
            assert roads.agency.name == "工務局"
            assert directory.unit_by_id(roads.pk) is roads
            assert directory.agency("pwb").name == "工務局"
            assert directory.district("64000080").name == "苓雅區"
            assert directory.district("") is None
            assert len(directory.districts()) == 38
            assert [crew.code for crew in directory.crews(roads)] == [f"pwb-road-crew-{n}" for n in (1, 2, 3, 4)]
            assert len(directory.crews(directory.unit("pwb-buildings"))) == 9
            assert directory.crews(directory.unit("rdec-1999")) == []
    with pytest.raises(KeyError):
        directory.unit("no-such-unit")
    assert list(directory.units())[:2] == ["rdec-service", "rdec-1999"]


def test_what_is_switched_off_is_not_offered_and_still_found(city: Pack) -> None:
    Unit.objects.filter(code="pwb-roads").update(active=False)
    District.objects.filter(code="64000080").update(active=False)
    forget()
    assert "pwb-roads" not in directory.units()
    assert directory.unit("pwb-roads").name
    assert "64000080" not in directory.districts()
    assert directory.district("64000080") is not None


def test_the_heads_of_a_unit_are_the_nearest_above(city: Pack) -> None:
    crew, roads, office = (directory.unit(code) for code in ("pwb-road-crew-1", "pwb-roads", "pwb-maintenance"))
    assert directory.heads_of(crew.pk) == []
    assert directory.heads_of(0) == []
    bureau, chief, head, gone = person(), person(), person(), person(is_active=False)
    for user, role, place in (
        (bureau, "agency_head", {"agency": crew.agency}), (chief, "unit_head", {"unit": office}),
        (gone, "unit_head", {"unit": crew}), (person(), "case_officer", {"unit": crew}),
    ):  # fmt: skip
        appoint(None, user, role, since=LONG_AGO, **place)
    assert directory.heads_of(crew.pk) == [chief]
    assert directory.heads_of(directory.unit("pwb-buildings").pk) == [bureau]
    appoint(None, head, "unit_head", unit=roads, since=LONG_AGO)
    assert directory.heads_of(crew.pk) == [head]


def test_the_officers_of_units(city: Pack, django_assert_num_queries: Any) -> None:
    roads, lights = directory.unit("pwb-roads"), directory.unit("pwb-lights")
    officer, head = person(name="王大明"), person(name="林小美")
    for place in (roads, lights):
        appoint(None, officer, "case_officer", unit=place, since=LONG_AGO)
    appoint(None, head, "unit_head", unit=roads, since=LONG_AGO)
    appoint(None, person(), "crew", unit=roads, since=LONG_AGO)
    appoint(None, person(), "case_officer", unit=roads, since=LONG_AGO, until=LONG_AGO)
    with django_assert_num_queries(1):
        assert directory.officers_of([roads.pk, lights.pk]) == [(head.pk, "林小美"), (officer.pk, "王大明")]


@pytest.fixture
def administrator() -> User:
    return member(role="system_administrator").user


def test_a_person_is_appointed_and_dismissed(administrator: User) -> None:
    of = agency()
    roads = unit("roads", of)
    post = Post.objects.create(unit=roads, title="科長", title_en="Chief")
    user = person()
    held = appoint(administrator, user, "unit_head", unit=roads, post=post, since=LONG_AGO)
    assert grants_of(User.objects.get(pk=user.pk)).scope("cases:read").units == {roads.pk}
    dismiss(administrator, held, date(2020, 6, 30))
    assert not grants_of(User.objects.get(pk=user.pk)).scope("cases:read").units


@pytest.mark.parametrize(
    ("role", "field", "place"),
    [
        ("emperor", "role", {}),
        ("case_officer", "unit", {}),
        ("crew", "unit", {"agency": True}),
        ("agency_head", "agency", {}),
        ("case_officer", "agency", {"unit": True, "agency": True}),
        ("case_officer", "post", {"unit": True, "post": True}),
        ("auditor", "until", {"until": date(2019, 1, 1)}),
    ],
)
def test_an_appointment_that_would_reach_nothing_is_refused(
    administrator: User, role: str, field: str, place: dict[str, Any]
) -> None:
    of = agency()
    there, elsewhere = unit("roads", of), unit("lights", of)
    known = {"unit": there, "agency": of, "post": Post(unit=elsewhere, title="科長", title_en="Chief")}
    values = {name: known[name] if value is True else value for name, value in place.items()}
    with pytest.raises(ValidationError) as refused:
        appoint(administrator, person(), role, since=LONG_AGO, **values)
    assert list(refused.value.message_dict) == [field]


def test_only_who_manages_memberships_may_appoint(administrator: User) -> None:
    user, stranger = person(), person()
    with pytest.raises(PermissionDenied):
        appoint(stranger, user, "call_agent", since=LONG_AGO)
    held = appoint(administrator, user, "call_agent", since=LONG_AGO)
    with pytest.raises(PermissionDenied):
        dismiss(stranger, held, LONG_AGO)
    with pytest.raises(ValidationError):
        dismiss(administrator, held, date(2019, 1, 1))
