"""Putting right what the register says of a work."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from organisation import directory
from publicworks.actions.finding import TOPIC, body_of, title_of
from publicworks.models import Correction, Work
from publicworks.models.work import Stage
from publicworks.rules import sides
from search import actions as search

# What files and hands both say of a work, by its fields; the place goes as one, under ``lon``.
BY_HAND = (
    "name", "agency_name", "unit", "contractor", "budget", "planned_start", "planned_end", "state", "address",
    "district", "lon",
)  # fmt: skip
PLACE = ("lon", "lat", "line", "west", "south", "east", "north")


@transaction.atomic
def correct(actor: Any, work: Work, seen: str, **facts: Any) -> bool:
    """Write what a person says of a work, and what it said before; False, and nothing written, if it is not any more
    as they saw it. From now on files leave it as it is, until somebody takes what they say (`take_from_file`).

    ``seen`` is the work's ``digest`` then. A point comes with ``lon`` and ``lat`` and without a line.
    """
    now = _locked(work, seen)
    if now is None:
        return False
    changes = _changes(now, facts)
    if not changes:
        return True
    if "lon" in facts:
        point = facts["lon"], facts["lat"]
        facts |= sides([] if None in point else [point])
    changed = {"lon" if name == "lat" else name for name in changes}
    _write(actor, now, changes, facts | {"by_hand": now.by_hand | dict.fromkeys(changed & set(BY_HAND))})
    return True


@transaction.atomic
def take_from_file(actor: Any, work: Work, seen: str, name: str) -> bool:
    """What the newest file said takes the place of what was typed by hand, and files correct the field again.

    False as in `correct`, and where no file says otherwise. Raises ValidationError where it does not go with the rest.
    """
    now = _locked(work, seen)
    if now is None or now.by_hand.get(name) is None:
        return False
    facts = _facts(name, now.by_hand[name])
    start, end = (facts.get(each, getattr(now, each)) for each in ("planned_start", "planned_end"))
    if start and end and end < start:
        raise ValidationError(_("預定完工早於預定開工"))
    left = {each: value for each, value in now.by_hand.items() if each != name}
    _write(actor, now, _changes(now, {each: facts[each] for each in facts if each in SAID}), facts | {"by_hand": left})
    return True


def _facts(name: str, said: Any) -> dict[str, Any]:
    """What a file said of a field, as JSON keeps it, as values of the record."""
    match name:
        case "lon":
            return {column: said.get(column) for column in PLACE}
        case "unit":
            return {name: directory.unit_by_id(said)}
        case "district":
            return {name: directory.districts()[said]}
        case "planned_start" | "planned_end":
            return {name: date.fromisoformat(said)}
        case _:
            return {name: said}


def in_words(name: str, said: Any) -> str:
    """What a file said of a field, in words; empty for none."""
    match name:
        case "unit":
            return str(directory.unit_by_id(said)) if said in directory.units_by_id() else ""
        case "district":
            return str(directory.districts().get(said, ""))
        case "state":
            return str(Stage(said).label)
        case "budget":
            return "" if said is None else f"{said:,}"
        case "lon":
            return f"{said['lat']}, {said['lon']}" if said and "lon" in said else ""
        case _:
            return "" if said is None else str(said)


SAID = frozenset({*BY_HAND, "lat"})  # what a correction tells of: not the line, not the box


def _locked(work: Work, seen: str) -> Work | None:
    now = Work.objects.select_for_update().get(pk=work.pk)
    return now if now.digest == seen else None


def _changes(now: Work, facts: dict[str, Any]) -> dict[str, list[str]]:
    """What of these differs, as (before, after) in words: a record keeps them in Chinese."""
    with override(settings.LANGUAGE_CODE):
        told = {name: [_told(name, getattr(now, name)), _told(name, value)] for name, value in facts.items()}
    return {name: [before, after] for name, (before, after) in told.items() if before != after}


def _write(actor: Any, now: Work, changes: dict[str, list[str]], facts: dict[str, Any]) -> None:
    if changes:
        Correction.objects.create(work=now, by=actor, changes=changes)
    for name, value in facts.items():
        setattr(now, name, value)
    now.save(update_fields=[*facts])
    body = body_of(now.agency_name, now.contractor, now.address)
    search.index(TOPIC, now.pk, title_of(now.tender_number, now.name), body)


def _told(name: str, value: Any) -> str:
    """A field's value in words; empty for none."""
    words = Stage(value).label if name == "state" else value
    return "" if words is None else str(words)
