"""The life of one demo case: what happened when, as far as it has happened by now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

LATE = {"dispatch": 0.034, "petition": 0.058}
MERGED, WITHDRAWN, MOVED, RATED = 0.018, 0.006, 0.03, 0.14

# verb: (state after it, share of the time to done at which it happens)
STEPS = {
    "dispatch": (("dispatch", "dispatched", 0.05), ("accept", "accepted", 0.14), ("arrive", "on_site", 0.55)),
    "petition": (("take", "assigned", 0.12),),
}


@dataclass(slots=True)
class Step:
    """One line of the timeline."""

    at: datetime
    verb: str
    before: str
    after: str
    text: str = ""


@dataclass(slots=True)
class Life:
    """A case as it stands when its story is cut at a moment."""

    steps: list[Step] = field(default_factory=list)
    state: str = "received"
    outcome: str = ""
    done_at: datetime | None = None
    closed_at: datetime | None = None
    merged: bool = False
    rating: int | None = None
    transfers: int = 0

    def happen(self, at: datetime, verb: str, after: str, text: str = "") -> None:
        self.steps.append(Step(at, verb, self.state, after, text))
        self.state = after


def live(
    family: str,
    received: datetime,
    due: datetime,
    rng: Random,
    *,
    until: datetime,
    in_office: bool,
    in_hours: Callable[[datetime], datetime],
    words: Callable[[str], str],
    can_merge: bool,
) -> Life:
    """Let a case live from its receipt to ``until``. ``in_office``: the work is done at a desk, in the hours into
    which ``in_hours`` moves a moment; ``words`` gives the answer to an outcome."""
    life = Life()
    life.happen(received, "file", "received")
    chance = rng.random()
    if can_merge and chance < MERGED:
        return _end_early(life, received + timedelta(minutes=rng.randrange(5, 50)), "merge", "merged", until)
    if chance > 1 - WITHDRAWN:
        return _end_early(life, received + timedelta(minutes=rng.randrange(10, 90)), "withdraw", "withdrawn", until)
    length = due - received
    late = rng.random() < LATE[family]
    share = 1.02 + rng.expovariate(3) if late else min(0.985, rng.betavariate(3.4, 2.5))
    done = received + length * share
    if in_office:
        done = in_hours(done)
        if not late and done > due:
            done = received + length * rng.uniform(0.8, 0.99)
    if rng.random() < MOVED and received + (done - received) * 0.03 <= until:
        life.transfers = 1
    for verb, state, at in STEPS[family]:
        moment = received + (done - received) * at
        if moment > until:
            return life
        life.happen(moment, verb, state)
    if done > until:
        return life
    life.outcome = "not_found" if rng.random() < 0.07 else ("fixed" if family == "dispatch" else "answered")
    life.happen(done, "finish" if family == "dispatch" else "answer", "done", words(life.outcome))
    life.done_at = done
    closed = in_hours(done + timedelta(minutes=rng.randrange(20, 600)))
    if closed <= until:
        life.happen(closed, "close", "closed")
        life.closed_at = closed
        if rng.random() < RATED:
            life.rating = rng.choices((5, 4, 3, 2, 1), (46, 34, 11, 5, 4))[0]
    return life


def _end_early(life: Life, at: datetime, verb: str, state: str, until: datetime) -> Life:
    if at <= until:
        life.happen(at, verb, state)
        life.closed_at = at
        life.outcome = state
        life.merged = state == "merged"
    return life
