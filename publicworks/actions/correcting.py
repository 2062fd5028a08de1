"""Putting right what the register says of a work."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from publicworks.actions.finding import TOPIC, body_of, title_of
from publicworks.models import Work
from publicworks.rules import box_of
from search import actions as search


@transaction.atomic
def correct(work: Work, seen: str, **facts: Any) -> bool:
    """Write what a person says of a work; False, and nothing written, if it is not any more as they saw it.

    ``seen`` is the work's ``digest`` then. A point comes with ``lon`` and ``lat`` and without a line.
    """
    now = Work.objects.select_for_update().get(pk=work.pk)
    if now.digest != seen:
        return False
    if "lon" in facts:
        point = facts["lon"], facts["lat"]
        box = (None,) * 4 if None in point else box_of([point])
        facts |= dict(zip(("west", "south", "east", "north"), box, strict=True))
    for name, value in facts.items():
        setattr(now, name, value)
    now.save(update_fields=[*facts])
    body = body_of(now.agency_name, now.contractor, now.address)
    search.index(TOPIC, now.pk, title_of(now.tender_number, now.name), body)
    return True
