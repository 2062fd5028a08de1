"""What those who write a report are told, by letter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import override

from annualreport.models import Event, Section
from annualreport.rules import NEAR
from foundation.clock import today
from messages.actions import send
from organisation.directory import heads_of

TOPIC = "annualreport.section"
EVERY = timedelta(days=7)  # how often somebody hears of the same section


def writers(section: Section) -> list[Any]:
    """Who is to write a section: its author, else the heads of its unit."""
    return [section.author] if section.author else heads_of(section.unit_id)


def tell(section: Section, notice: str, text: str = "") -> None:
    """Send a notice about one section to its writers; the letters commit with what they tell of."""
    for person in writers(section):
        if person.email:
            send(f"annualreport.{notice}", person.email, person.language, _context([section], person, text), TOPIC,
                 section.pk)  # fmt: skip


def _context(sections: Iterable[Section], person: Any, text: str = "") -> dict[str, Any]:
    sections = list(sections)
    with override(person.language):
        lines = [
            {"title": str(each), "due": each.due_on, "late": each.due_on < today(), "pk": each.pk} for each in sections
        ]
        return {"report": sections[0].report.title, "sections": lines, "text": text}


@transaction.atomic
def remind(on: date | None = None) -> int:
    """Remind of what is wanted within three days or is late: one letter a person and report, at most once a week.

    Returns how many sections. May run twice or late without harm.
    """
    day = on or today()
    due = list(
        Section.objects.select_for_update(of=("self",), skip_locked=True)
        .for_list()
        .to_be_reminded(day - EVERY + timedelta(days=1), day + NEAR)
        .order_by("report_id", "unit_id", "pk")
    )
    wanted = [(person, section) for section in due for person in writers(section) if person.email]
    wanted.sort(key=lambda pair: (pair[0].pk, pair[1].report_id))
    for _key, pairs in groupby(wanted, key=lambda pair: (pair[0].pk, pair[1].report_id)):
        mine = list(pairs)
        person, sections = mine[0][0], sorted((section for _person, section in mine), key=lambda each: each.place)
        send("annualreport.reminder", person.email, person.language, _context(sections, person), TOPIC, sections[0].pk)
    Section.objects.filter(pk__in=[section.pk for section in due]).update(reminded_on=day)
    Event.objects.bulk_create(
        Event(section=section, verb="remind", from_state=section.state, to_state=section.state) for section in due
    )
    return len(due)
