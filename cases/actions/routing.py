"""Which unit answers for a report that comes in, and how a controller changes the rules for it.

The rules are those of the city pack (kinds.toml, routing.toml) and, above them, the version that the city has put in
force. A process remembers both, so that filing costs no statement more; a version comes into force a little later than
any process can still be without it, so that all of them change at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from cases.models import Case
from cases.models.routing import RoutingCancellation, RoutingDraft, RoutingVersion
from cases.registry import Kind, kinds
from cases.routing import Facts, Route, Routing, clashes, digest
from foundation.clock import TAIPEI, now
from organisation import directory
from organisation.calendar import working_calendar
from organisation.memory import SECONDS, Remembered, forget
from organisation.pack import Pack, pack
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from identity.models import User

CHANGE = "city:routing:change"
TRIAL_DAYS = 30
MOST_TRIED = 50_000
EXAMPLES = 5  # of cases for each pair of units
NOTICE = timedelta(seconds=SECONDS + 5)  # the least between a decision and its coming into force
FOR_KIND, FOR_DISTRICT = 0, 10  # priorities of what kinds.toml says


class Decided(NamedTuple):
    """The unit's code, and by which rule of which version: ``3@5f0c2a91`` is version 3 on that pack."""

    unit: str
    rule: str
    version: str


class _Kept(NamedTuple):
    """What a process has made of the pack and the versions: sets of routes by number."""

    pack: Pack | None
    units: Mapping[int, Any] | None  # the directory that they were made with: a unit that is no more is left out
    made: dict[int, Routing]
    roads: Mapping[tuple[str, str], str]


_versions = Remembered(lambda: RoutingVersion.objects.timeline())
_kept = _Kept(None, None, {}, {})


def by_reference(kind: Kind, values: Mapping[str, Any]) -> Decided | None:
    """The unit of the record that a report says it is about (the works that somebody complains of); it comes before
    every rule. None where the kind asks for none, or the record has no unit."""
    unit = kind.unit_of_reference(values)
    return Decided(unit, "reference", "") if unit else None


def decide(kind_code: str, district: str, address: str, text: str, at: datetime) -> Decided:
    """Which unit answers for a report received at a moment, by the rules in force then; the district may be ""."""
    routing = routing_at(at)
    route = routing.decide(facts(kind_code, district, address, text, at))
    return Decided(route.unit, route.code, routing.version)


def facts(kind_code: str, district: str, address: str, text: str, at: datetime) -> Facts:
    """What rules may ask about a report."""

    def working() -> bool:
        return working_calendar(district or None).elapsed(local, local + timedelta(minutes=1), "working_hours") > 0

    local = at.astimezone(TAIPEI)
    return Facts(kind_code, district or "", address, text, local, working, _of_pack().roads)


def routing_at(at: datetime) -> Routing:
    """The rules in force at a moment."""
    number = next((number for since, number in _versions() if since <= at), 0)
    made = _of_pack().made
    if number not in made:
        rules = RoutingVersion.objects.get(number=number).rules if number else []
        made[number] = compiled(rules, number)
    return made[number]


def compiled(rules: Iterable[Mapping[str, Any]], number: int = 0) -> Routing:
    """Rules of the city on top of the pack's.

    A rule whose unit is no more is left out: what is below it answers then.
    """
    city = [route for route in map(Route.from_json, rules) if route.unit in directory.units()]
    return Routing([*base_routes(), *city], f"{number}@{pack().digest[:8]}")


def base_routes() -> list[Route]:
    """What the city pack says: each kind's unit, its districts' units, and routing.toml."""
    found = [Route.from_json(rule) for rule in pack().routing]
    for kind in kinds().values():
        of_kind = frozenset({kind.code})
        found.append(Route(kind.code, kind.default_unit, FOR_KIND, "kinds.toml", kinds=of_kind))
        by_unit: dict[str, set[str]] = {}
        for district, unit in kind.unit_by_district.items():
            by_unit.setdefault(unit, set()).add(district)
        for unit, districts in by_unit.items():
            found.append(
                Route(
                    f"{kind.code}/{unit}", unit, FOR_DISTRICT, "kinds.toml", kinds=of_kind,
                    districts=frozenset(districts),
                )
            )  # fmt: skip
    return found


def _of_pack() -> _Kept:
    global _kept
    units = directory.units_by_id()
    if _kept.pack is not pack() or _kept.units is not units:
        same = _kept.pack is pack()
        roads = _kept.roads if same else {(row.district, row.road): row.road_class for row in pack().roads}
        _kept = _Kept(pack(), units, {}, roads)
    return _kept


# -- Changing them -----------


def draft(actor: User) -> RoutingDraft:
    """Begin a change, from the rules of the newest version. Raises PermissionDenied without ``city:routing:change``."""
    _check(actor)
    newest = RoutingVersion.objects.standing().newest_first().first()
    return RoutingDraft.objects.create(
        based_on=newest.number if newest else 0, rules=newest.rules if newest else [], by=actor, changed_at=now()
    )


def set_rule(actor: User, change: RoutingDraft, route: Route, replaces: str = "") -> None:
    """Put a rule into a draft, in place of the one with the code ``replaces`` if that is given.

    Raises ValidationError by field for a code that is there already and for a clash with another rule.
    """
    _check(actor)
    with transaction.atomic():
        change = RoutingDraft.objects.select_for_update().get(pk=change.pk)
        others = [rule for rule in change.rules if rule["code"] != replaces]
        standing = [*base_routes(), *map(Route.from_json, others)]
        if route.code in {each.code for each in standing}:
            raise ValidationError({"code": _("已經有「%(code)s」這條規則，請換一個名稱。") % {"code": route.code}})
        if found := [pair for pair in clashes([*standing, route]) if route.code in pair]:
            other = next(code for code in found[0] if code != route.code)
            raise ValidationError(
                {
                    "priority": _("與「%(code)s」優先順序相同且可能同時成立，卻分到不同單位；請改優先順序。")
                    % {"code": other}
                }
            )
        _save(change, [*others, route.to_json()])


def remove_rule(actor: User, change: RoutingDraft, code: str) -> None:
    """Take a rule out of a draft; one that is not there is no fault."""
    _check(actor)
    with transaction.atomic():
        change = RoutingDraft.objects.select_for_update().get(pk=change.pk)
        _save(change, [rule for rule in change.rules if rule["code"] != code])


def discard(actor: User, change: RoutingDraft) -> None:
    """Throw a draft away."""
    _check(actor)
    change.delete()


def try_out(actor: User, change: RoutingDraft) -> dict[str, Any]:
    """Route the cases of the last 30 days by a draft and by the rules in force now, and keep how they differ."""
    _check(actor)
    rules = change.rules
    result = compare(routing_at(now()), compiled(rules)) | {"digest": digest(rules)}
    # The rules may have been changed meanwhile; the digest tells.
    RoutingDraft.objects.filter(pk=change.pk).update(trial=result)
    return result


def compare(before: Routing, after: Routing) -> dict[str, Any]:
    """How two sets of rules differ on the cases of the last 30 days: totals, and from where to where with examples."""
    at = now()
    since = at - timedelta(days=TRIAL_DAYS)
    total = 0
    moved: dict[tuple[str, str], list[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for number, *known in Case.objects.routed_since(since, MOST_TRIED):
        asked = facts(*known)
        total += 1
        pair = (before.decide(asked).unit, after.decide(asked).unit)
        if pair[0] != pair[1]:
            counts[pair] = counts.get(pair, 0) + 1
            if len(examples := moved.setdefault(pair, [])) < EXAMPLES:
                examples.append(number)
    return {
        "since": since.isoformat(),
        "at": at.isoformat(),
        "total": total,
        "moved": sum(counts.values()),
        "pairs": [
            {"from": pair[0], "to": pair[1], "count": count, "examples": moved[pair]}
            for pair, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        ],
    }


def put_in_force(actor: User, change: RoutingDraft, since: datetime | None, reason: str) -> RoutingVersion:
    """Make a draft the next version, from a moment on (None: as soon as every process can know, 15 seconds).

    Raises ValidationError: for a draft whose rules as they stand were not tried out, one that began before the newest
    version, no reason, a moment that is past or before that of the newest version.
    """
    _check(actor)
    if not reason.strip():
        raise ValidationError({"reason": _("請寫明原因。")})
    with transaction.atomic():
        _one_at_a_time()
        change = RoutingDraft.objects.select_for_update().get(pk=change.pk)
        newest = RoutingVersion.objects.standing().newest_first().first()
        if change.based_on != (newest.number if newest else 0):
            raise ValidationError(_("起草之後已有新的版本，或依據的版本取消了；請以最新版本另起草案。"))
        if not change.trial or change.trial["digest"] != digest(change.rules):
            raise ValidationError(_("規則改過之後還沒有試算，請先試算再生效。"))
        soonest = now() + NOTICE
        since = soonest if since is None else since
        if since < soonest - NOTICE:
            raise ValidationError({"since": _("生效時間已經過去，請填以後的時間，或留空表示立即生效。")})
        since = max(since, soonest)
        if newest and since < newest.since:
            raise ValidationError({"since": _("第 %(n)d 版預定在這之後生效，請填更晚的時間。") % {"n": newest.number}})
        version = RoutingVersion.objects.create(
            number=RoutingVersion.objects.count() + 1, since=since, rules=change.rules, trial=change.trial,
            reason=reason.strip(), by=actor, decided_at=now(),
        )  # fmt: skip
        change.delete()
        forget()
        transaction.on_commit(forget)
    return version


def cancel(actor: User, number: int, reason: str) -> RoutingVersion:
    """A version that was to come into force does not. What cases were routed by in between is not touched.

    Raises LookupError for a number that there is not; ValidationError without a reason, for a version that is in force
    or will be before every process can have heard (15 seconds), and for one that another builds on.
    """
    _check(actor)
    if not reason.strip():
        raise ValidationError({"reason": _("請寫明原因。")})
    with transaction.atomic():
        _one_at_a_time()
        version = RoutingVersion.objects.filter(number=number).first()
        if version is None:
            raise LookupError(number)
        newest = RoutingVersion.objects.standing().newest_first().first()
        if newest is None or newest.number < number or RoutingCancellation.objects.filter(version=version).exists():
            raise ValidationError(_("第 %(n)d 版已經取消。") % {"n": number})
        if newest.number > number:
            raise ValidationError(_("第 %(n)d 版以這一版為底，請先取消那一版。") % {"n": newest.number})
        if version.since <= now() + NOTICE:
            raise ValidationError(_("第 %(n)d 版已經生效，或幾秒內就要生效；請另起草案改回來。") % {"n": number})
        RoutingCancellation.objects.create(version=version, reason=reason.strip(), by=actor, at=now())
        forget()
        transaction.on_commit(forget)
    return version


def _save(change: RoutingDraft, rules: list[dict[str, Any]]) -> None:
    change.rules, change.changed_at = rules, now()
    change.save(update_fields=["rules", "changed_at"])


def _check(actor: User) -> None:
    if not grants_of(actor).everywhere(CHANGE):
        raise PermissionDenied(CHANGE)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('cases.routingversion'))")
