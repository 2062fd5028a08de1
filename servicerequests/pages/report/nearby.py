"""What is close to here: what has been reported already, public facts only, and what a report may be about."""

from __future__ import annotations

from dataclasses import dataclass

from cases.duplicates import Twin, twins
from cases.fields import Field, Referred
from cases.models import Case
from foundation.clock import now
from organisation import storm
from servicerequests.pages.report.draft import PREFIX, Draft


@dataclass(frozen=True)
class Neighbour:
    """A case that may be the same matter. Not what was written, not by whom: the public answers, and a public photo."""

    twin: Twin
    answers: list[tuple[str, str]]

    @property
    def case(self) -> Case:
        return self.twin.case

    @property
    def joinable(self) -> bool:
        """Whether something is still to come that one could be told of."""
        return self.case.done_at is None


def neighbours(draft: Draft) -> list[Neighbour]:
    """Unsettled cases that may be what the draft reports, the likeliest first; at most five, in one statement.

    None for a sensitive kind: where somebody complained of a neighbour is nobody else's business.
    """
    return at(draft, *draft.point) if draft.point else []


def at(draft: Draft, lon: float, lat: float) -> list[Neighbour]:
    """The same for a place that is still being chosen. None in a storm: the desk finds them later."""
    if draft.kind.sensitive or storm.is_on():
        return []
    words = draft.answers.get("what", {}).get("description", "")
    found = twins(Case.objects.public(), draft.kind_code, lon, lat, words, now())
    return [Neighbour(twin, twin.case.kind.answers(twin.case.fields, public=True)) for twin in found]


def referred(draft: Draft) -> dict[Field, list[Referred]]:
    """The records that the draft may be about, by the field that asks: those near its point, and the one chosen before
    (on that record's own page, say) if it is not among them. Fields with nothing to choose are left out."""
    found = {}
    for field in draft.kind.references:
        offered = field.reference.near(*draft.point) if draft.point else []
        chosen = draft.answers.get("which", {}).get(PREFIX + field.name)
        if chosen and chosen not in {each.key for each in offered} and (kept := field.reference.get(chosen)):
            offered = [*offered, kept]
        if offered:
            found[field] = offered
    return found
