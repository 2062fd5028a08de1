"""Putting right what the register says of a work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from publicworks.actions.finding import TOPIC, body_of, title_of
from publicworks.models import Correction, Work
from publicworks.models.work import Stage
from publicworks.rules import sides
from search import actions as search


@transaction.atomic
def correct(actor: Any, work: Work, seen: str, **facts: Any) -> bool:
    """Write what a person says of a work, and what it said before; False, and nothing written, if it is not any more
    as they saw it.

    ``seen`` is the work's ``digest`` then. A point comes with ``lon`` and ``lat`` and without a line.
    """
    now = Work.objects.select_for_update().get(pk=work.pk)
    if now.digest != seen:
        return False
    with override(settings.LANGUAGE_CODE):  # a record keeps its words in Chinese
        told = {name: [_told(name, getattr(now, name)), _told(name, value)] for name, value in facts.items()}
    changes = {name: [before, after] for name, (before, after) in told.items() if before != after}
    if not changes:
        return True
    Correction.objects.create(work=now, by=actor, changes=changes)
    if "lon" in facts:
        point = facts["lon"], facts["lat"]
        facts |= sides([] if None in point else [point])
    for name, value in facts.items():
        setattr(now, name, value)
    now.save(update_fields=[*facts])
    body = body_of(now.agency_name, now.contractor, now.address)
    search.index(TOPIC, now.pk, title_of(now.tender_number, now.name), body)
    return True


def _told(name: str, value: Any) -> str:
    """A field's value in words; empty for none."""
    words = Stage(value).label if name == "state" else value
    return "" if words is None else str(words)
