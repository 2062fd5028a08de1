"""What goes on right now: a few reports, told by the verbs that people use."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from cases.actions.filing import Filing, Reporter, file_case
from cases.actions.performing import perform
from cases.models.case import Outcome
from cases.registry import Kind
from foundation.clock import now
from identity.models import User
from organisation import directory
from publicworks.demo import words
from publicworks.models import Work

# Hours ago that it came in, and what was done since, each so many hours ago.
STORIES: tuple[tuple[int, tuple[tuple[str, int], ...]], ...] = (
    (130, (("take", 124), ("ask_inspection", 99))),
    (101, (("take", 97), ("ask", 95))),
    (76, (("take", 71), ("answer", 29))),
    (50, (("take", 46),)),
    (26, ()),
    (3, ()),
)


def tell(rng: Random, officers: dict[int, list[int]], offered: list[Kind], works: list[Work]) -> int:
    """File and move on the stories; returns how many."""
    at = now()
    people = {user.pk: user for user in User.objects.filter(is_active=True)}
    for number, (ago, steps) in enumerate(STORIES):
        kind, begun = offered[number % len(offered)], [work for work in works if work.in_construction]
        # Half of them about the works of the unit that has an account of the demo.
        own = [work for work in begun if work.unit == directory.unit(kind.default_unit)] if number % 2 == 0 else []
        work = rng.choice(own or begun)
        case = file_case(
            Filing(
                kind_code=kind.code, description=rng.choice(words.SAID[kind.code]), address=work.address,
                fields={f.name: rng.choice(f.choices).value for f in kind.fields if f.type == "choice"}
                | {"work": work.tender_number},
                lon=work.lon, lat=work.lat, channel=rng.choice(("web", "app", "phone")),
                reporter=Reporter(name=f"王{rng.choice('大中小')}明", email=f"watcher{number}@mail.example"),
                received_at=at - timedelta(hours=ago),
            )
        )  # fmt: skip
        for verb, since in steps:
            inputs = {
                "ask_inspection": {"text": rng.choice(words.REASONS)},
                "ask": {"text": "請問是哪一側的圍籬？有照片的話請一併附上。"},
                "answer": {"text": words.ANSWERED[kind.code], "outcome": Outcome.ANSWERED},
            }.get(verb, {})
            perform(people[officers[case.unit_id][0]], case.pk, verb, at=at - timedelta(hours=since), **inputs)
    return len(STORIES)
