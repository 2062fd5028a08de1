"""What is close to here: what has been reported already, public facts only, and what a report may be about."""

from __future__ import annotations

from dataclasses import dataclass

from cases.models import Case
from cases.models.clock import PromiseClock
from cases.registry import Field, Referred
from servicerequests.pages.report.draft import PREFIX, Draft
from servicerequests.rules import metres_between

METRES = 250
SHOWN = 5
LOOKED_AT = 200


@dataclass(frozen=True)
class Neighbour:
    """An open case of the same kind: how far (to ten metres), where it stands. Not what was written, not by whom."""

    case: Case
    metres: int
    clock: PromiseClock


def neighbours(draft: Draft) -> list[Neighbour]:
    """Open cases of the draft's kind within 250 m of its point, the nearest first; at most five, in one statement.

    None for a sensitive kind: where somebody complained of a neighbour is nobody else's business.
    """
    if draft.point is None or draft.kind.sensitive:
        return []
    lon, lat = draft.point
    around = Case.objects.public().open().near(lon, lat, METRES).filter(kind_code=draft.kind_code)
    measured = [(metres_between(lon, lat, case.lon, case.lat), case) for case in around.for_list()[:LOOKED_AT]]
    near = sorted(((far, case) for far, case in measured if far <= METRES), key=lambda pair: (pair[0], pair[1].pk))
    return [Neighbour(case, max(10, round(far / 10) * 10), case.clock()) for far, case in near[:SHOWN]]  # type: ignore[arg-type]


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
