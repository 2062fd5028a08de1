"""A case as a program may know it: what is public of it, and to the key that filed it also what that key sent.

Public is where a case stands, not what was written nor by whom: the same facts as on ``/track/<number>/``. Of a
sensitive kind it is kind, district, state and time alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Attachment, CaseEvent
from cases.models.case import Outcome
from cases.models.event import told
from cases.registry import kinds
from cases.states import EVERY_STATE
from cases.wording import promise_in_words, unit_in_full
from foundation.clock import TAIPEI
from organisation import directory
from servicerequests.api.endpoint import Call
from servicerequests.models import ApiFiling

COLUMNS = (
    "pk number kind_code state outcome district_id unit_id address lon lat "
    "received_at received_on due_at done_at closed_at"
).split()
EXTENDED = ["channel", "fields"]


def columns(call: Call) -> list[str]:
    """What a query of cases must fetch for ``requests_told``. Never the description, the reporter or the code."""
    return COLUMNS + EXTENDED if call.extended else COLUMNS


def requests_told(call: Call, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cases as GeoReport v2 has them. Statements: one for the timelines, two more for a key; however many cases."""
    ids = [row["pk"] for row in rows]
    words = _Words()
    notes: dict[int, list[tuple[datetime, str]]] = {}
    found = CaseEvent.objects.public().filter(case_id__in=ids)
    if call.extended:
        for case, at, verb in found.order_by("at", "pk").values_list("case_id", "at", "verb"):
            notes.setdefault(case, []).append((at, verb))
        latest = {case: events[-1][0] for case, events in notes.items()}
    else:
        latest = dict(found.order_by().values_list("case_id").annotate(Max("at")))
    own = _own(call, ids) if call.key else {}
    answer = []
    for row in rows:
        request = _public(row, latest.get(row["pk"]), words)
        if row["pk"] in own:
            request |= own[row["pk"]]
        if call.extended:
            request |= _extended(call, row, notes.get(row["pk"], []), words)
        answer.append(request)
    return answer


def is_closed(row: dict[str, Any]) -> bool:
    """GeoReport's ``closed``: the work is done, or nothing more will come of the case."""
    return row["closed_at"] is not None or row["done_at"] is not None


def status_of(state: str) -> str:
    """``open`` or ``closed`` for a state of a case."""
    return "closed" if EVERY_STATE[state].done or EVERY_STATE[state].ended else "open"


def moment(at: datetime | None) -> str | None:
    """W3C's form, in the city's time and to the second."""
    return at.astimezone(TAIPEI).isoformat(timespec="seconds") if at else None


class _Words:
    """The words of one answer, in its reader's language; each is put into words once, not once a request."""

    def __init__(self) -> None:
        self.service = cache(lambda code: kinds()[code].label)
        self.agency = cache(lambda unit: unit_in_full(directory.unit_by_id(unit)))
        self.district = cache(lambda code: str(directory.district(code) or ""))
        self.promise = cache(lambda code, day: promise_in_words(kinds()[code], day) or None)
        self.event = cache(lambda code, verb: told(kinds()[code], verb))
        self.standing = cache(self._standing)

    @staticmethod
    def _standing(state: str, outcome: str) -> str:
        words = str(EVERY_STATE[state].public)
        return words + _("：") + str(Outcome(outcome).label) if outcome else words


def _public(row: dict[str, Any], latest: datetime | None, words: _Words) -> dict[str, Any]:
    kind = kinds()[row["kind_code"]]
    closed = is_closed(row)
    shown = not kind.sensitive
    return {
        "service_request_id": row["number"],
        "status": "closed" if closed else "open",
        "status_notes": words.standing(row["state"], row["outcome"] if closed else ""),
        "service_name": words.service(kind.code),
        "service_code": kind.code,
        "description": None,
        "agency_responsible": words.agency(row["unit_id"]),
        "service_notice": words.promise(kind.code, row["received_on"]),
        "requested_datetime": moment(row["received_at"]),
        "updated_datetime": moment((row["closed_at"] or row["done_at"] if closed else latest) or row["received_at"]),
        "expected_datetime": moment(row["due_at"]),
        "address": _place(row, shown, words),
        "address_id": None,
        "zipcode": getattr(directory.district(row["district_id"]), "zip3", None),
        "lat": row["lat"] if shown else None,
        "long": row["lon"] if shown else None,
        "media_url": None,
    }


def _place(row: dict[str, Any], shown: bool, words: _Words) -> str | None:
    """District and address; the district alone of a sensitive kind."""
    district, address = directory.district(row["district_id"]), row["address"] if shown else ""
    if district is not None:
        address = address.removeprefix(district.name)
    return " ".join(filter(None, (words.district(row["district_id"]), address))) or None


def _own(call: Call, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What the key itself sent with its cases: the words and the first photo. Two statements."""
    own = dict(ApiFiling.objects.of_key(call.key).filter(case_id__in=ids).values_list("case_id", "case__description"))
    photos: dict[int, str] = {}
    for case, token in Attachment.objects.first_of_reports(own):
        photos[case] = call.address(reverse("open311-media", args=[token]))
    return {case: {"description": text or None, "media_url": photos.get(case)} for case, text in own.items()}


def _extended(call: Call, row: dict[str, Any], events: list[tuple[datetime, str]], words: _Words) -> dict[str, Any]:
    """Beyond the standard, as Chicago's and others have it: ``extended_attributes`` and ``notes``."""
    kind = kinds()[row["kind_code"]]
    answers = [
        {"code": f.name, "name": f.label, "value": f.display(row["fields"][f.name])}
        for f in kind.fields
        if f.name in kind.public_fields and f.name in row["fields"] and not kind.sensitive
    ]
    return {
        "extended_attributes": {
            "state": row["state"],
            "outcome": row["outcome"] or None,
            "channel": row["channel"],
            "district_code": row["district_id"],
            "tracking_url": call.address(reverse("track-number", args=[row["number"]])),
            "attributes": answers,
        },
        "notes": [
            {"datetime": moment(at), "type": verb, "summary": words.event(kind.code, verb)} for at, verb in events
        ],
    }
