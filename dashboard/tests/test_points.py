"""Maps of points: only what the public may see, in cells, for one statement more, as large as they say."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Case
from cases.registry import kinds
from dashboard.models import Chart
from dashboard.tests.test_boards import LINGYA_CODE, page
from figures import actions as figures
from figures.places import Wanted, spots
from figures.registry import Period
from foundation.drawing.spots import LARGEST, SMALLEST, radius

pytestmark = pytest.mark.django_db

REQUESTS = "servicerequests.requests"
YEAR = Period.year(2022)


def drawn(text: str) -> list[int]:
    """The numbers in the circles of a page's maps of points, the largest first."""
    pictures = "".join(re.findall(r'<svg class="picture picture-points".*?</svg></svg>', text, re.S))
    return [int(n) for n in re.findall(r"<circle[^>]*><title>(\d+) 件", pictures)]


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_the_area_of_a_circle_is_as_its_number(n, most):
    n, most = sorted((n, most))
    assert SMALLEST <= radius(n, most) <= LARGEST and radius(most, most) == LARGEST
    if radius(n, most) > SMALLEST:
        assert radius(n, most) ** 2 / LARGEST**2 == pytest.approx(n / most)


def shown(**facts) -> list[Case]:
    """The cases of the year that a map of points has to show."""
    sensitive = [kind.code for kind in kinds().values() if kind.sensitive]
    found = Case.objects.filter(received_on__year=2022, cell__isnull=False, **facts).order_by("pk")
    return list(found.exclude(kind_code__in=sensitive).exclude(state__in=("merged", "withdrawn")))


def test_only_what_the_public_map_shows_is_drawn(year):
    placed = shown()
    assert sum(drawn(page())) == len(placed) == 5 < len(year)  # the others are complaints
    assert f"圖上是位置可以公開的 {len(placed)} 件" in page()
    # A sensitive kind, and what was merged into another, count in the figure and are on no map.
    sensitive = next(kind.code for kind in kinds().values() if kind.sensitive)
    Case.objects.filter(pk=placed[0].pk).update(kind_code=sensitive)
    assert sum(drawn(page())) == len(placed) - 1
    Case.objects.filter(pk=placed[1].pk).update(lon=None, lat=None, cell=None)
    assert sum(drawn(page())) == len(placed) - 2


def test_the_filters_of_the_board_hold_for_its_map(year):
    assert sum(drawn(page(f"?year=2022&district={LINGYA_CODE}"))) == len(shown(district_id=LINGYA_CODE)) > 0
    potholes = shown(received_on__month__lte=3, kind_code="pothole")
    assert sum(drawn(page("?year=2022&from=1&to=3&kind=pothole"))) == len(potholes) > 0
    assert drawn(page("?year=2021")) == []


def test_two_maps_cost_the_same_statement(year, report):
    chart = Chart.objects.get(board__slug="requests", kind="points")
    page()
    with CaptureQueriesContext(connection) as one:
        page()
    Chart.objects.filter(board__slug="requests", title="各區受理案件").update(kind="points")
    for i in range(20):
        report("waste", received_at=year[0].received_at, lat=22.5 + i / 100)
    figures.rebuild(2022)
    with CaptureQueriesContext(connection) as two:
        text = page()
    assert len(one) == len(two) <= 6 and len(text.encode()) < 300_000
    assert len(drawn(text)) > 20 and chart.kind == "points"


def test_a_cell_is_never_finer_than_the_rule_and_a_figure_without_places_is_refused(year):
    wanted = Wanted(REQUESTS, YEAR.start, YEAR.end, {})
    (coarse,), (fine,) = spots([wanted], 5), spots([wanted], 15)
    assert sum(spot.n for spot in coarse) == sum(spot.n for spot in fine) and len(coarse) <= len(fine)
    assert spots([], 7) == []
    with pytest.raises(ValueError, match="no places"):
        spots([wanted._replace(code="servicerequests.moves")], 7)
    with pytest.raises(LookupError):
        spots([wanted._replace(dims={"moon": "x"})], 7)
