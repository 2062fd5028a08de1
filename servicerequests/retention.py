"""What petitioners wrote of themselves and others, and how it is let go of: the case stays, its words do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.actions.performing import CITIZEN, TOPIC
from cases.models import Case, CaseEvent, Redaction
from cases.querysets import FORGOTTEN
from cases.registry import kinds
from cases.retention import EXCUSES, excuse_of_case
from foundation.clock import now
from foundation.retention import Holding, declare
from search import actions as search
from search.registry import searchable

FLOOR = timedelta(days=5 * 366)  # no less than the five years of the trigger (cases, migration 0015)


def petition_kinds() -> list[str]:
    """The kinds whose reports are letters to the city, in words of their own; a hole in the road names nobody."""
    return [code for code, kind in kinds().items() if kind.family.code == "petition"]


def _petitions(before: datetime) -> QuerySet:
    """Whatever the rule says, not while the database still guards what the citizen said (`FLOOR`)."""
    guarded = CaseEvent.objects.filter(case=OuterRef("pk"), actor_label=CITIZEN, at__gte=now() - FLOOR).exclude(text="")
    closed = Case.objects.filter(kind_code__in=petition_kinds(), closed_at__lt=before)
    return closed.exclude(description__endswith=FORGOTTEN).exclude(Exists(guarded))


def _forget_words(keys: Sequence[Any]) -> None:
    """The description becomes the kind and a sentence that says so; what the citizen wrote besides goes: answers in
    words, the note on the place, on the timeline, with a rating. What the city wrote stays: it is the file.

    No figure reads any of it. The search finds the case by its number, kind and place still.
    """
    petitions = list(Case.objects.filter(pk__in=keys))
    for case in petitions:
        case.description = f"{case.kind.label_zh}{FORGOTTEN}"
        wordy = {f.name for f in case.kind.fields if f.type == "text"}
        case.fields = {name: value for name, value in case.fields.items() if name not in wordy}
        case.place_note = case.rating_note = ""
    Case.objects.bulk_update(petitions, ["description", "fields", "place_note", "rating_note"], batch_size=500)
    said = CaseEvent.objects.filter(case__in=keys, actor_label=CITIZEN)
    Redaction.objects.filter(Q(event=None) | Q(event__in=said), case__in=keys, attachment=None).delete()
    said.exclude(text="").update(text="")
    search.index_many((TOPIC, *text) for text in searchable(TOPIC).texts_of(keys))


declare(
    Holding(
        "servicerequests.petition_words",
        _("已結陳情案件民眾寫的內容"),
        "retention_petition_words",
        due=_petitions,
        forget=_forget_words,
        excuse=excuse_of_case(pk=OuterRef("pk")),
        excuses=EXCUSES,
    )
)
