"""Writing a made-up year: by COPY, in the same shape in which the verbs would have left the tables.

Only the figures are left to whoever calls: after a year of records a rebuild is quicker than marks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from random import Random

from django.db import connection, transaction

from cases.actions.performing import TOPIC
from cases.registry import Kind, kinds
from cases.rules import Promise, cell_of
from foundation.clock import TAIPEI
from foundation.roc import roc_year
from organisation import directory
from organisation.calendar import working_calendar
from organisation.models import Unit
from search import actions as search
from servicerequests.demo import words
from servicerequests.demo.lives import Life, live
from servicerequests.demo.people import crews_for
from servicerequests.demo.places import Places
from servicerequests.demo.volumes import Arrival

BATCH = 20_000
NULL = r"\N"
CASE_COLUMNS = """
    id number kind_code state channel outcome description fields address place_note lon lat cell district_id village_id
    unit_id officer_id received_at received_on promised_at promise_amount promise_unit promise_rule extensions pauses
    due_at remind_at escalate_at done_at done_on on_time closed_at merged_into_id transfers reopened rating rating_note
    secret source source_number version
""".split()
EVENT_COLUMNS = "case_id at verb actor_id actor_label from_state to_state is_public text data".split()
JOB_COLUMNS = (
    "case_id crew_id state note sent_by_id sent_at accepted_by_id accepted_at arrived_at ended_at result".split()
)
INSIDE = frozenset({"hand_over", "assign", "comment"})


@dataclass
class Batch:
    """Lines for the tables, as COPY wants them."""

    cases: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)


class Writer:
    """Turns arrivals into cases with their timelines and jobs, up to a moment."""

    def __init__(self, rng: Random, officers: dict[int, list[int]], until: datetime) -> None:
        self.rng, self.officers, self.until = rng, officers, until
        self.places = Places(rng)
        self.calendar = working_calendar()
        self.numbers: dict[tuple[str, int], int] = {}
        self.recent: dict[tuple[str, str], tuple[int, str]] = {}
        self.crews: dict[int, list[tuple[Unit, int | None]]] = {}
        self.due_by_day: dict[tuple, datetime] = {}
        self.next_id = self._largest_id() + 1

    def write(self, arrivals: Iterable[Arrival], progress: Callable[[int], None] = lambda done: None) -> int:
        """Write all arrivals, a batch a transaction; returns how many. Search entries are written with them."""
        total = 0
        stream = iter(arrivals)
        while chunk := list(islice(stream, BATCH)):
            batch = Batch()
            for arrival in chunk:
                self._add(batch, arrival)
            self._copy(batch)
            total += len(chunk)
            progress(total)
        return total

    # -- one case --------------------------------------------------------------------------------------------------
    def _add(self, batch: Batch, arrival: Arrival) -> None:
        rng, kind = self.rng, kinds()[arrival.kind]
        spot = self.places.draw(rng)
        district = self.places.names[spot.district]
        unit = directory.unit(kind.unit_for(spot.district))
        officer = rng.choice(self.officers.get(unit.pk) or [None])
        promise = kind.promise(arrival.at.date())
        due = self._due(kind, promise, arrival.at)
        pk, self.next_id = self.next_id, self.next_id + 1
        number = self._number(kind.family.series, arrival.at)
        twin = self.recent.get((kind.code, spot.district))
        life = live(
            kind.family.code, arrival.at, due, rng, until=self.until, in_hours=self._in_hours,
            in_office=promise.unit.startswith("working"),
            words=lambda outcome: words.answer(kind.code, outcome), can_merge=twin is not None,
        )  # fmt: skip
        if not life.merged:
            self.recent[kind.code, spot.district] = (pk, number)
        taken = any(step.verb in {"dispatch", "take"} for step in life.steps)
        address, text = words.address(district, rng), words.report(kind.code, rng)
        running = not life.done_at and not life.closed_at
        batch.cases.append(
            _line(
                pk, number, kind.code, life.state, arrival.channel, life.outcome, text,
                json.dumps(self._answers(kind), ensure_ascii=False), address, "", spot.lon, spot.lat,
                cell_of(spot.lon, spot.lat), spot.district,
                spot.village, unit.pk, officer if taken else None, arrival.at, arrival.at.date(), arrival.at,
                promise.amount, promise.unit, promise.rule, "[]", "[]", due, None, due if running else None,
                life.done_at, _day(life.done_at) if life.done_at else None,
                life.done_at <= due if life.done_at else None, life.closed_at, twin[0] if life.merged else None,
                life.transfers, 0, life.rating, "", "", "", "", len(life.steps),
            )
        )  # fmt: skip
        crew, member = self._crew(unit)
        for step in life.steps:
            by_citizen, by_crew = step.verb in {"file", "withdraw"}, step.verb in {"accept", "arrive", "finish"}
            who = None if by_citizen else member if by_crew else officer
            label = "民眾" if by_citizen else crew.name if by_crew else unit.name
            batch.events.append(
                _line(
                    pk, step.at, step.verb, who, label,
                    step.before if step.verb != "file" else "", step.after, step.verb not in INSIDE, step.text, "{}",
                )
            )  # fmt: skip
        if kind.family.code == "dispatch":
            self._job(batch, pk, crew, member, officer, life)
        title = f"{number} {kind.label_zh}"
        batch.entries.append(_line(*search.copy_row(TOPIC, pk, title, f"{address}\n{text}")))

    def _crew(self, unit: Unit) -> tuple[Unit, int | None]:
        """A crew of a unit and one of its members."""
        if unit.pk not in self.crews:
            self.crews[unit.pk] = [
                (crew, crew.memberships.order_by("pk").values_list("user_id", flat=True).first())
                for crew in crews_for(unit)
            ]
        return self.rng.choice(self.crews[unit.pk])

    def _job(self, batch: Batch, pk: int, crew: Unit, member: int | None, officer: int | None, life: Life) -> None:
        at = {step.verb: step for step in life.steps}
        if "dispatch" not in at:
            return
        when = {verb: at[verb].at if verb in at else None for verb in ("dispatch", "accept", "arrive", "finish")}
        state = "done" if when["finish"] else "on_site" if when["arrive"] else "accepted" if when["accept"] else "sent"
        batch.jobs.append(
            _line(
                pk, crew.pk, state, "", officer, when["dispatch"],
                member if when["accept"] else None,
                when["accept"], when["arrive"], when["finish"], at["finish"].text if "finish" in at else "",
            )
        )  # fmt: skip

    def _answers(self, kind: Kind) -> dict:
        return {f.name: self.rng.choice(f.choices).value for f in kind.fields if f.type == "choice"}

    def _due(self, kind: Kind, promise: Promise, at: datetime) -> datetime:
        if promise.unit == "hours":
            return self.calendar.add(at, promise.amount, promise.unit)
        # A deadline in days depends on the day of receipt alone.
        key = (kind.code, at.date())
        if key not in self.due_by_day or promise.unit == "working_hours":
            self.due_by_day[key] = self.calendar.add(at, promise.amount, promise.unit)
        return self.due_by_day[key]

    def _in_hours(self, at: datetime) -> datetime:
        local = at.astimezone(TAIPEI)
        if self.calendar.is_working_day(local.date()) and 8 <= local.hour < 17:
            return at
        start = self.calendar.add(at, 1, "working_hours")
        return max(at, start) if start > at else at

    def _number(self, series: str, at: datetime) -> str:
        year = roc_year(at.astimezone(TAIPEI).date())
        if (series, year) not in self.numbers:
            self.numbers[series, year] = self._largest_number(series, year)
        self.numbers[series, year] += 1
        return f"{series}{year}-{self.numbers[series, year]:07d}"

    # -- the tables ------------------------------------------------------------------------------------------------
    @transaction.atomic
    def _copy(self, batch: Batch) -> None:
        with connection.cursor() as cursor:
            _copy(cursor, "cases_case", CASE_COLUMNS, batch.cases)
            _copy(cursor, "cases_caseevent", EVENT_COLUMNS, batch.events)
            _copy(cursor, "servicerequests_job", JOB_COLUMNS, batch.jobs)
            with cursor.copy(search.COPY) as copy:
                copy.write("".join(batch.entries))
            # Numbers and keys go on after the ones used here.
            cursor.execute("SELECT setval(pg_get_serial_sequence('cases_case', 'id'), %s)", [self.next_id - 1])
            for (series, year), last in self.numbers.items():
                counter = f"case_number_{series.lower()}_{year}"
                cursor.execute(f'CREATE SEQUENCE IF NOT EXISTS "{counter}"')
                cursor.execute("SELECT setval(%s, %s)", [counter, last])

    @staticmethod
    def _largest_id() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM cases_case")
            return cursor.fetchone()[0]

    @staticmethod
    def _largest_number(series: str, year: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(max(substr(number, %s)::bigint), 0) FROM cases_case WHERE number LIKE %s",
                [len(series) + len(str(year)) + 2, f"{series}{year}-%"],
            )
            return cursor.fetchone()[0]


def _day(at: datetime):
    return at.astimezone(TAIPEI).date()


def _copy(cursor, table: str, columns: list[str], lines: list[str]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write("".join(lines))


def _line(*values: object) -> str:
    """One line of COPY's text format."""
    return "\t".join(map(_text, values)) + "\n"


def _text(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
