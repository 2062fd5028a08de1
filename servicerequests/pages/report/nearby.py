"""What has been reported already, close to here: public facts only."""

from __future__ import annotations

from dataclasses import dataclass

from cases.models import Case
from cases.models.clock import PromiseClock
from servicerequests.pages.report.draft import Draft
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
