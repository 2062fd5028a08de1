"""Made-up works: names, places, lines, firms, stages."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from organisation import directory
from organisation.models import Unit
from organisation.pack import pack
from organisation.pack.boundaries import read_boundaries
from publicworks.actions.finding import TOPIC, body_of, title_of
from publicworks.demo import words
from publicworks.models import Work
from publicworks.models.work import Stage
from publicworks.rules import Point, middle, sides
from search import actions as search

WORKS = 180
MILLION = 1_000_000
# Of all works, how many are how far; the dates follow from it.
STAGES = {
    Stage.PLANNED: 6, Stage.TENDERING: 8, Stage.AWARDED: 8, Stage.BUILDING: 52, Stage.SUSPENDED: 4, Stage.COMPLETED: 10,
    Stage.ACCEPTED: 11, Stage.TERMINATED: 1,
}  # fmt: skip


def make_works(rng: Random, units: list[Unit], year: int) -> list[Work]:
    """Write the register, with its search entries; the works come back with their keys."""
    centres = _centres()
    works = [_work(rng, number, rng.choice(units), rng.choice(centres), year) for number in range(1, WORKS + 1)]
    works = Work.objects.bulk_create(works)
    search.index_many(
        (TOPIC, w.pk, title_of(w.tender_number, w.name), body_of(w.agency_name, w.contractor, w.address)) for w in works
    )
    return works


def _centres() -> list[tuple[str, Point]]:
    """A point in each village, with its district."""
    points = ((code[:8], shape.representative_point()) for code, shape in read_boundaries(pack()).villages.items())
    return [(district, (round(point.x, 6), round(point.y, 6))) for district, point in points]


def _work(rng: Random, number: int, unit: Unit, centre: tuple[str, Point], year: int) -> Work:
    district_code, start = centre
    district = directory.district(district_code)
    name, is_line, least, most = rng.choice(words.WORKS)
    road = rng.choice(words.ROADS)
    line = _line(rng, start) if is_line else None
    lon, lat = middle(line) if line else start
    state = rng.choices(list(STAGES), list(STAGES.values()))[0]
    begun, ends = _term(rng, state, year)
    return Work(
        tender_number=f"{year - 1911}-{unit.agency.code.upper()[:12]}-{number:04d}",
        name=name.format(district=district.name, road=road),
        agency_name=unit.agency.name,
        unit=unit,
        contractor="" if state in {Stage.PLANNED, Stage.TENDERING}
        else rng.choice(words.FIRMS) + rng.choice(words.KINDS_OF_FIRM),
        budget=rng.randrange(least * 10, most * 10) * MILLION // 10,
        planned_start=begun,
        planned_end=ends,
        state=state,
        address=f"{district.name}{road}{rng.randrange(2, 400)}號前",
        district=district,
        lon=lon, lat=lat, line=line, **sides([*(line or []), (lon, lat)]),
        source="demo",
    )  # fmt: skip


def _line(rng: Random, start: Point) -> list[Point]:
    """A street of some hundred metres that bends a little."""
    step_x, step_y = rng.uniform(-0.0012, 0.0012), rng.uniform(-0.0012, 0.0012)
    corners, (x, y) = [start], start
    for _corner in range(rng.randrange(2, 6)):
        x, y = x + step_x + rng.uniform(-0.0002, 0.0002), y + step_y + rng.uniform(-0.0002, 0.0002)
        corners.append((round(x, 6), round(y, 6)))
    return corners


def _term(rng: Random, state: str, year: int) -> tuple[date, date]:
    """When it begins and ends: works that are being built began in the year or before it."""
    begun = date(year, 1, 1) + timedelta(days=rng.randrange(-200, 120))
    if state in {Stage.PLANNED, Stage.TENDERING, Stage.AWARDED}:
        begun = date(year, 12, 31) + timedelta(days=rng.randrange(20, 200))
    return begun, begun + timedelta(days=rng.randrange(120, 900))
