"""The directory in memory: agencies, units and districts by code or number, without asking the database each time.

The directory changes when a pack is loaded, so a process may remember it for a moment (``organisation.memory``). The
objects are shared: read them, do not write to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Prefetch

from foundation.clock import now, today
from identity.permissions import ROLES
from organisation.memory import Remembered, forget
from organisation.models import Agency, Deputyship, District, Membership, Unit
from organisation.pack import pack

if TYPE_CHECKING:
    from identity.models import User


__all__ = [
    "agency",
    "crews",
    "district",
    "districts",
    "forget",
    "heads_of",
    "house_words",
    "officers_of",
    "unit",
    "unit_by_id",
    "units",
    "units_by_id",
]


class _Directory(NamedTuple):
    agencies: dict[str, Agency]
    units: dict[str, Unit]
    units_by_id: dict[int, Unit]
    units_in_order: dict[str, Unit]
    districts: dict[str, District]


def _read() -> _Directory:
    agencies = list(Agency.objects.all())
    by_id = {agency.pk: agency for agency in agencies}
    units = {unit.pk: unit for unit in Unit.objects.all()}
    for unit in units.values():
        unit.agency = by_id[unit.agency_id]
    in_order = sorted(units.values(), key=lambda unit: (unit.agency.order, unit.order, unit.code))
    return _Directory(
        {agency.code: agency for agency in agencies},
        {unit.code: unit for unit in units.values()},
        units,
        {unit.code: unit for unit in in_order if unit.active},
        {district.code: district for district in District.objects.all()},
    )


_directory = Remembered(_read)


def agency(code: str) -> Agency:
    """The agency with that code. KeyError for an unknown one."""
    return _directory().agencies[code]


def unit(code: str) -> Unit:
    """The unit with that code, with its agency. KeyError for an unknown one."""
    return _directory().units[code]


def unit_by_id(number: int) -> Unit:
    """The unit with that primary key, with its agency. KeyError for an unknown one."""
    return _directory().units_by_id[number]


def units_by_id() -> Mapping[int, Unit]:
    """Every unit by its primary key, with its agency."""
    return _directory().units_by_id


def units() -> Mapping[str, Unit]:
    """The units that exist now by code, agency by agency in the order of the pack."""
    return _directory().units_in_order


def crews(of: Unit) -> list[Unit]:
    """The crews that a unit may send: those of the units below it, and if there are none those of its agency."""
    all_crews = [unit for unit in units().values() if unit.is_crew and unit.agency_id == of.agency_id]
    below = [crew for crew in all_crews if of.pk in {unit.pk for unit in _line(crew.pk)}]
    return below or all_crews


def district(code: str | None) -> District | None:
    """The district with that code; None for no code and for an unknown one."""
    return _directory().districts.get(code or "")


def districts() -> dict[str, District]:
    """The districts that exist now by code, in their official order."""
    return {code: district for code, district in _directory().districts.items() if district.active}


def heads_of(unit_id: int) -> list[User]:
    """The heads of a unit; where it has none, of the nearest unit above it that has; else the heads of its agency.

    Whoever is a head's deputy at the moment is among them, after the head.
    """
    line = _line(unit_id)
    if not line:
        return []
    ids = [unit.pk for unit in line]
    heads: dict[int | None, list[User]] = {}
    acting = Deputyship.objects.acting(now()).filter(deputy__is_active=True).select_related("deputy")
    heading = Membership.objects.heading(ids, line[0].agency_id, today())
    for membership in heading.prefetch_related(Prefetch("deputyships", acting)):
        deputies = [each.deputy for each in membership.deputyships.all()]
        heads.setdefault(membership.unit_id, []).extend([membership.user, *deputies])
    return next((heads[place] for place in [*ids, None] if place in heads), [])


def officers_of(unit_ids: Iterable[int]) -> list[tuple[int, str]]:
    """Who may be given the cases of these units, as (primary key, name) in the order of names; one statement."""
    answering = [role.code for role in ROLES.values() if "unit:cases:answer" in role.permissions]
    held = Membership.objects.in_force(today()).filter(unit_id__in=list(unit_ids), role__in=answering)
    people = held.filter(user__is_active=True).order_by().values_list("user_id", "user__name").distinct()
    return sorted(people, key=lambda person: (person[1], person[0]))


def _line(unit_id: int) -> list[Unit]:
    """A unit, the one above it, and so on to the top; nothing for a number that no unit has."""
    units, line = _directory().units_by_id, []
    unit = units.get(unit_id)
    while unit is not None and unit not in line:
        line.append(unit)
        unit = units.get(unit.parent_id) if unit.parent_id else None
    return line


def house_words() -> set[str]:
    """What everybody calls this house: the product, the city and its agencies, in both languages."""
    city, agencies = pack().city, _directory().agencies.values()
    ours = {"opencityhall", "cityhall", city.code, city.name, city.name_en, *city.aliases}
    ours |= {city.brand, city.brand_en, *city.name_en.split()}
    return {word for word in ours | {each.name for each in agencies} | {each.code for each in agencies} if word}
