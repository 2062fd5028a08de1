"""A year of citizens' reports about works, written in a few statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from cases.actions.performing import TOPIC
from cases.demo import add_teller
from cases.models import Case, CaseEvent
from cases.models.case import CaseNumber, Channel, Outcome
from cases.registry import Kind, kinds
from cases.rules import cell_of
from foundation.clock import TAIPEI
from organisation import directory
from organisation.calendar import working_calendar
from organisation.models import Unit
from publicworks.demo import today, words
from publicworks.demo.register import make_works
from publicworks.models import CitizenReport, Work
from search import actions as search

# As the report of 111 prints them: reports, all closed; rated, of these satisfied; on works in construction, inspected.
REPORTS, RATED, SATISFIED, IN_CONSTRUCTION, INSPECTED = 87, 20, 19, 59, 8
MATCHED_ELSE = 17  # on works that are done or not begun; the others are about no work of the register
LATE = 0.04
CHANNELS = (Channel.WEB, Channel.APP, Channel.PHONE)


@dataclass
class Tale:
    """One report with its timeline, before it has a number."""

    case: Case
    events: list[CaseEvent]
    report: CitizenReport | None


@add_teller
def tell(rng: Random, officers: dict[int, list[int]], year: int, scale: float) -> int:
    """Write the register, the year's reports and those of these days; returns how many. Nothing in a city without such
    kinds."""
    offered = [kind for kind in kinds().values() if kind.family.code == "supervision"]
    if not offered:
        return 0
    times = max(1, round(scale))
    works = make_works(rng, _units(officers, offered), year)
    tales = [_tale(rng, officers, year, offered, *facts) for facts in _plan(rng, works, times)]
    _write(sorted(tales, key=lambda tale: tale.case.received_at))
    return len(tales) + today.tell(rng, officers, offered, works)


def _units(officers: dict[int, list[int]], offered: list[Kind]) -> list[Unit]:
    """Units that have works built: where these reports go anyway, and others with people in them."""
    own = {kind.default_unit for kind in offered}
    return [unit for unit in directory.units().values() if unit.pk in officers and (
        unit.code in own or (unit.agency.code in {"pwb", "water", "transport"} and not unit.is_crew))]  # fmt: skip


def _plan(rng: Random, works: list[Work], times: int) -> list[tuple[Work | None, int | None, bool]]:
    """For each report its work, its rating, and whether an inspection followed; the totals are exact."""
    building = [work for work in works if work.in_construction]
    others = [work for work in works if not work.in_construction]
    chosen: list[Work | None] = [rng.choice(building) for _i in range(IN_CONSTRUCTION * times)]
    chosen += [rng.choice(others) for _i in range(MATCHED_ELSE * times)]
    chosen += [None] * (REPORTS * times - len(chosen))
    ratings: list[int | None] = [rng.choice((4, 5, 5)) for _i in range(SATISFIED * times)]
    ratings += [2] * ((RATED - SATISFIED) * times)
    ratings += [None] * (REPORTS * times - len(ratings))
    rng.shuffle(ratings)
    return [(work, rating, i < INSPECTED * times) for i, (work, rating) in enumerate(zip(chosen, ratings, strict=True))]


def _tale(
    rng, officers, year: int, offered: list[Kind], work: Work | None, rating: int | None, inspected: bool
) -> Tale:
    kind = rng.choice(offered)
    unit = work.unit if work else directory.unit(kind.default_unit)
    officer = rng.choice(officers.get(unit.pk) or [None])
    received = _moment(rng, date(year, 1, 1) + timedelta(days=rng.randrange(350)), 7, 21)
    case = Case(
        number=CaseNumber("W", received.date()), kind_code=kind.code, state="closed", channel=rng.choice(CHANNELS),
        outcome=Outcome.ANSWERED if work else Outcome.NOT_OURS, description=rng.choice(words.SAID[kind.code]),
        fields=_answers(kind, rng) | ({"work": work.tender_number} if work else {}), unit=unit, officer_id=officer,
        received_at=received, received_on=received.date(), version=4, rating=rating,
    )  # fmt: skip
    _place(case, work, rng)
    case.make_promise(kind.promise(received.date()), received)
    length = case.due_at - received
    done = _office(received + length * (rng.uniform(1.02, 1.3) if rng.random() < LATE else rng.uniform(0.25, 0.92)))
    case.set_done(done)
    case.closed_at = _office(done + timedelta(days=rng.randrange(1, 4)))
    case.set_deadline()
    text = words.ANSWERED[kind.code] if work else words.NONE_FOUND
    events = [
        _event(case, received, "file", "", "received", by="民眾", data={"channel": case.channel}),
        _event(case, received + (done - received) * 0.3, "take", "received", "assigned", officer),
        _event(case, done, "answer", "assigned", "done", officer, text),
        _event(case, case.closed_at, "close", "done", "closed", officer),
    ]
    report = CitizenReport(case=case, work=work, in_construction=work.in_construction) if work else None
    if report and inspected:
        _inspect(rng, report, events, done)
    if rating:
        events.append(_event(case, case.closed_at + timedelta(hours=rng.randrange(1, 60)), "rate", "closed", "closed",
                             by="民眾", public=False, data={"rating": rating}))  # fmt: skip
    case.version = len(events)
    return Tale(case, events, report)


def _inspect(rng: Random, report: CitizenReport, events: list[CaseEvent], done: datetime) -> None:
    """An inspection asked for with the answer, and carried out some days later."""
    case = report.case
    asked, visited = done - timedelta(minutes=30), _office(case.closed_at + timedelta(days=rng.randrange(5, 20)))
    report.inspection_asked_at, report.inspection_asked_by_id = asked, case.officer_id
    report.inspection_reason, report.inspected_on = rng.choice(words.REASONS), visited.date()
    events.insert(
        2, _event(case, asked, "ask_inspection", "assigned", "assigned", case.officer_id, report.inspection_reason)
    )
    events.append(_event(case, visited, "record_inspection", "closed", "closed", None, words.FOUND, by="系統"))


def _event(case, at, verb, before, after, officer=None, text="", by="", public=True, data=None) -> CaseEvent:
    return CaseEvent(
        case=case, at=at, verb=verb, actor_id=officer, actor_label=by or case.unit.name, from_state=before,
        to_state=after, is_public=public, text=text, data=data or {},
    )  # fmt: skip


def _place(case: Case, work: Work | None, rng: Random) -> None:
    """Beside the work, or in front of the city hall's own unit: somewhere in the city."""
    if work is None:
        case.district = rng.choice(list(directory.districts().values()))
        case.address = f"{case.district.name}{rng.choice(words.ROADS)}{rng.randrange(2, 400)}號"
        return
    case.district, case.address = work.district, work.address
    case.lon, case.lat = round(work.lon + rng.uniform(-4e-4, 4e-4), 6), round(work.lat + rng.uniform(-4e-4, 4e-4), 6)
    case.cell = cell_of(case.lon, case.lat)


def _answers(kind: Kind, rng: Random) -> dict:
    return {f.name: rng.choice(f.choices).value for f in kind.fields if f.type == "choice"}


def _moment(rng: Random, day: date, first: int, last: int) -> datetime:
    return datetime.combine(day, time(rng.randrange(first, last), rng.randrange(60), rng.randrange(60)), TAIPEI)


def _office(at: datetime) -> datetime:
    """The moment itself, or the next office hour."""
    calendar, local = working_calendar(), at.astimezone(TAIPEI)
    if calendar.is_working_day(local.date()) and 8 <= local.hour < 17:
        return local
    return max(local, calendar.add(local, 1, "working_hours"))


def _write(tales: list[Tale]) -> None:
    Case.objects.bulk_create(tale.case for tale in tales)
    numbers = dict(Case.objects.filter(pk__in=[t.case.pk for t in tales]).values_list("pk", "number"))
    CaseEvent.objects.bulk_create(event for tale in tales for event in tale.events)
    CitizenReport.objects.bulk_create(tale.report for tale in tales if tale.report)
    search.index_many(
        (TOPIC, t.case.pk, f"{numbers[t.case.pk]} {t.case.kind.label_zh}", f"{t.case.address}\n{t.case.description}")
        for t in tales
    )
