"""A pack comes into the database: what is new is added, what changed is changed, what is gone is switched off."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from foundation.clock import now
from organisation.actions.closures import recompute
from organisation.memory import forget
from organisation.models import Agency, CalendarOverride, City, District, Post, Unit, Village
from organisation.pack import Pack, pack
from organisation.pack.boundaries import read_boundaries
from organisation.pack.records import CrewRow


class WrongCity(Exception):
    """The database holds one city, and the settings name the pack of another."""


@dataclass
class Changes:
    """How many records a load added, changed and switched off, by model."""

    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    retired: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them; 0 when the pack was there already."""
        return sum(sum(counts.values()) for counts in (self.created, self.changed, self.retired))


def check_city() -> bool:
    """Whether this database holds the pack of the settings as it is in its folder; False: it wants loading.

    Raises WrongCity when it holds another city: serving that would put one city's cases under another's name.
    """
    return _is_loaded(pack(), City.objects.first())


def _is_loaded(wanted: Pack, city: City | None) -> bool:
    if city is not None and city.pack != wanted.code:
        raise WrongCity(
            _(
                "這個資料庫屬於城市包「%(held)s」，設定的卻是「%(wanted)s」。"
                "請以 CITYHALL_PACK=%(held)s 執行，或讓 DATABASE_URL 指向另一個資料庫。"
            )
            % {"held": city.pack, "wanted": wanted.code}
        )
    return city is not None and city.digest == wanted.digest


def load_pack(wanted: Pack | None = None) -> Changes:
    """Bring a pack, by default that of the settings, into the database, in one transaction.

    Loading the same pack twice changes nothing. What a pack no longer names is switched off, not deleted: old cases
    still refer to it. PackError when the pack cannot be used, WrongCity when the database holds another city; both
    before anything is written.
    """
    wanted = wanted or pack()
    read_boundaries(wanted)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('organisation.load_pack'))")
        same = _is_loaded(wanted, City.objects.first())
        changes = Changes()
        _load_directory(wanted, changes)
        _load_overrides(wanted, changes)
        if changes.total or not same:
            City.objects.update_or_create(
                id=1, defaults={"pack": wanted.code, "digest": wanted.digest, "loaded_at": now()}
            )
        forget()
        transaction.on_commit(forget)
    return changes


def _load_directory(wanted: Pack, changes: Changes) -> None:
    _sync(
        Agency,
        {
            row.code: {
                "code": row.code, "name": row.name, "name_en": row.name_en,
                "organ_code": row.organ_code, "oid": row.oid, "order": order,
            }
            for order, row in enumerate(wanted.agencies)
        },
        lambda agency: agency.code,
        changes,
    )  # fmt: skip
    agencies = dict(Agency.objects.values_list("code", "id"))
    _load_units(wanted, agencies, changes)
    units = dict(Unit.objects.values_list("code", "id"))
    _sync(
        Post,
        {
            (units[row.unit], row.title): {
                "unit_id": units[row.unit], "title": row.title, "title_en": row.title_en, "role": row.role
            }
            for row in wanted.posts
        },
        lambda post: (post.unit_id, post.title),
        changes,
    )  # fmt: skip
    _sync(
        District,
        {
            row.code: {
                "code": row.code, "name": row.name, "name_en": row.name_en, "zip3": row.zip3,
                "lon": row.lon, "lat": row.lat, "order": order,
            }
            for order, row in enumerate(wanted.districts)
        },
        lambda district: district.code,
        changes,
    )  # fmt: skip
    _sync(
        Village,
        {
            row.code: {
                "code": row.code, "district_id": row.district, "name": row.name, "name_en": row.name_en,
                "lon": row.lon, "lat": row.lat,
            }
            for row in wanted.villages
        },
        lambda village: village.code,
        changes,
    )  # fmt: skip


def _load_units(wanted: Pack, agencies: Mapping[str, int], changes: Changes) -> None:
    """Units in two steps, for a parent has its number only when it is there; a new unit's parent is no change."""
    before = set(Unit.objects.values_list("code", flat=True))
    parents = {unit.code: unit.parent.code if unit.parent else "" for unit in Unit.objects.select_related("parent")}
    moved = [row.code for row in wanted.units if row.code in before and parents[row.code] != row.parent]
    # Whoever moves is set free first, so that a new tree never meets the old one half way.
    Unit.objects.filter(code__in=moved).update(parent=None)
    crews = {row.unit: row for row in wanted.crews}
    plain = CrewRow("", is_contractor=False, depot=None)
    _sync(
        Unit,
        {
            row.code: {
                "code": row.code, "agency_id": agencies[row.agency], "name": row.name, "name_en": row.name_en,
                "is_crew": row.is_crew, "order": order,
                "is_contractor": crews.get(row.code, plain).is_contractor,
                **dict(zip(("lon", "lat"), crews.get(row.code, plain).depot or (None, None), strict=True)),
            }
            for order, row in enumerate(wanted.units)
        },
        lambda unit: unit.code,
        changes,
    )  # fmt: skip
    units = {unit.code: unit for unit in Unit.objects.all()}
    hung = [
        (units[row.code], units[row.parent].pk)
        for row in wanted.units
        if row.parent and units[row.code].parent_id != units[row.parent].pk
    ]
    for unit, parent_id in hung:
        unit.parent_id = parent_id
    Unit.objects.bulk_update([unit for unit, _parent in hung], ["parent"])
    _count(changes.changed, Unit, len(moved))


def _sync[M: (Agency, Unit, Post, District, Village)](
    model: type[M], wanted: Mapping[Hashable, Mapping[str, Any]], key: Callable[[M], Hashable], changes: Changes
) -> None:
    """Make a table hold what is wanted, by key; rows that are not wanted any more become inactive."""
    existing = {key(row): row for row in model._default_manager.all()}
    new, changed, touched = [], [], set()
    for identity, values in wanted.items():
        values = {**values, "active": True}
        row = existing.get(identity)
        if row is None:
            new.append(model(**values))
        elif different := {name for name, value in values.items() if getattr(row, name) != value}:
            for name in different:
                setattr(row, name, values[name])
            touched |= different
            changed.append(row)
    retired = [row for identity, row in existing.items() if identity not in wanted and row.active]
    for row in retired:
        row.active = False
    model._default_manager.bulk_create(new, batch_size=1000)
    if changed:
        model._default_manager.bulk_update(changed, sorted(touched), batch_size=500)
    model._default_manager.bulk_update(retired, ["active"], batch_size=500)
    _count(changes.created, model, len(new))
    _count(changes.changed, model, len(changed))
    _count(changes.retired, model, len(retired))


def _load_overrides(wanted: Pack, changes: Changes) -> None:
    """The pack's closures. What an officer declared in the system for a day goes before what the pack says of it."""
    standing = {(row.date, row.district_id or ""): row for row in CalendarOverride.objects.in_force()}
    rows = {(row.date, row.district): row for row in wanted.overrides}
    gone = [row for key, row in standing.items() if row.from_pack and key not in rows]
    new = []
    for key, row in rows.items():
        old = standing.get(key)
        if old and (not old.from_pack or (old.kind, old.reason, old.source) == (row.kind, row.reason, row.source)):
            continue
        if old:
            gone.append(old)
        new.append(row)
    moment = now()
    for old in gone:
        old.revoked_at = moment
    CalendarOverride.objects.bulk_update(gone, ["revoked_at"])
    CalendarOverride.objects.bulk_create(
        CalendarOverride(
            date=row.date,
            district_id=row.district or None,
            kind=row.kind,
            reason=row.reason,
            source=row.source,
            from_pack=True,
            declared_at=moment,
        )
        for row in new
    )
    _count(changes.created, CalendarOverride, len(new))
    _count(changes.retired, CalendarOverride, len(gone))
    if new or gone:
        recompute(_("城市包的行事曆更新"), None)


def _count(counts: dict[str, int], model: type[models.Model], number: int) -> None:
    if number:
        name = str(model._meta.model_name)
        counts[name] = counts.get(name, 0) + number
