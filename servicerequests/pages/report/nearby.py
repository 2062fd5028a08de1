"""What has been reported already, close to here: public facts only."""

from __future__ import annotations

from dataclasses import dataclass

from cases.duplicates import Twin, twins
from cases.models import Case
from foundation.clock import now
from servicerequests.pages.report.draft import Draft


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
    """The same for a place that is still being chosen."""
    if draft.kind.sensitive:
        return []
    words = draft.answers.get("what", {}).get("description", "")
    found = twins(Case.objects.public(), draft.kind_code, lon, lat, words, now())
    return [Neighbour(twin, twin.case.kind.answers(twin.case.fields, public=True)) for twin in found]
