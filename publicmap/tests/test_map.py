"""Tiles, list and feeds: the same cases, and of each only what anybody may know."""

import csv
import io
import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.performing import perform
from cases.models import Case
from cases.rules import metres_apart
from foundation.clock import now
from publicmap import queries
from publicmap.pages.feeds import ATOM, COLUMNS, GEORSS
from publicmap.queries import Asked
from publicmap.rules import RESOLUTION

pytestmark = pytest.mark.django_db
HERE = {"lon": 120.3121, "lat": 22.6205}


@pytest.fixture(autouse=True)
def _unlimited(settings):
    settings.CITYHALL_RATE_LIMIT_FACTOR = 1_000_000


def tile_of(lon, lat, zoom):
    from math import asinh, pi, radians, tan

    side = 1 << zoom
    return int((lon + 180) / 360 * side), int((1 - asinh(tan(radians(lat))) / pi) / 2 * side)


def around(client, zoom, query=""):
    """The cells of the tile over HERE and those beside it, where a cell may have its middle."""
    x, y = tile_of(**HERE, zoom=zoom)
    found = []
    for i in (x - 1, x, x + 1):
        for j in (y - 1, y, y + 1):
            answer = client.get(f"/map/tiles/{zoom}/{i}/{j}.json{query}")
            assert answer.status_code == 200
            found += answer.json()["cells"]
    return found


def numbers(client, query=""):
    text = b"".join(client.get(f"/map/cases.csv{query}").streaming_content).decode("utf-8-sig")
    return {row["service_request_id"] for row in csv.DictReader(io.StringIO(text))}


@pytest.fixture
def hidden(report, staff):
    """What no map shows: a sensitive kind, merged, withdrawn, and without a point."""
    officer = staff("case_officer", unit="pwb-roads")
    target, merged, withdrawn = report(), report(), report()
    perform(officer, merged.pk, "merge", into=target)
    perform(None, withdrawn.pk, "withdraw", by_citizen=True)
    return {
        "target": target,
        "out": [report("noise"), merged, withdrawn, report(lon=None, lat=None, district_code="64000080")],
    }


@pytest.mark.parametrize("zoom", sorted(RESOLUTION))
def test_every_zoom_counts_each_public_case_once(client, report, hidden, zoom):
    for step in range(6):
        report(lon=HERE["lon"] + step / 20_000)
    cells = around(client, zoom)
    assert sum(sum(cell[2:6]) for cell in cells) == 7
    assert all(len(cell) == (7 if zoom >= 16 else 6) for cell in cells)


@pytest.mark.parametrize("zoom", [9, 12])
def test_both_ways_to_the_rows_find_the_same(report, monkeypatch, zoom):
    for step in range(12):
        report(lon=HERE["lon"] + step / 300, received_at=now() - timedelta(days=5 * step))
    asked = Asked(since=now().date() - timedelta(days=30))
    x, y = tile_of(**HERE, zoom=zoom)
    assert queries.rows_of(asked, zoom) != queries.rows_of(Asked(), zoom)
    tiles = [(i, j) for i in (x - 1, x, x + 1) for j in (y - 1, y, y + 1)]
    by_time = [sorted(queries.tile(asked, zoom, *each)) for each in tiles]
    monkeypatch.setattr(queries, "FAR", 0)
    by_place = [sorted(queries.tile(asked, zoom, *each)) for each in tiles]
    assert by_time == by_place and sum(cell[2] for cells in by_time for cell in cells) == 7


def test_what_is_not_public_is_nowhere(client, hidden):
    assert numbers(client) == {str(hidden["target"].number)}
    page = client.get("/map/").content.decode()
    feed = client.get("/map/cases.atom").content.decode()
    tiles = json.dumps(around(client, 17))
    for case in hidden["out"]:
        assert all(str(case.number) not in text for text in (page, feed, tiles))
    for text in (page, feed, tiles):
        assert str(hidden["target"].number) in text
        assert "路面破一個洞" not in text and "四維三路" not in text


def test_places_are_middles_of_cells(client, report):
    report()
    (cell,) = around(client, 19)
    (row,) = json.loads(b"".join(client.get("/map/cases.geojson").streaming_content))["features"]
    assert row["geometry"]["coordinates"] == [cell[1], cell[0]] != [HERE["lon"], HERE["lat"]]
    assert metres_apart(HERE["lon"], HERE["lat"], cell[1], cell[0]) < 40


def test_filters_say_the_same_everywhere(client, report, staff):
    done, light = report(), report("street_light")
    old = report(received_at=now() - timedelta(days=60))
    perform(staff("case_officer", unit="pwb-roads"), done.pk, "answer", text="好了", outcome="fixed")
    for query, wanted in (
        ("", {done, light}),
        ("?days=all", {done, light, old}),
        ("?kind=street_light", {light}),
        ("?kind=waste", set()),
        ("?stand=done", {done}),
        ("?stand=open", {light}),
        ("?district=64000080&days=all", {done, light, old} if done.district_id == "64000080" else set()),
        ("?box=120.31,22.61,120.32,22.63", {done, light}),
        ("?box=120.33,22.61,120.34,22.63", set()),
    ):
        expected = {str(case.number) for case in wanted}
        assert numbers(client, query) == expected, query
        listed = set(re.findall(r'href="/track/([A-Z0-9-]+)/"', client.get(f"/map/{query}").content.decode()))
        assert listed == expected, query
        if "box" not in query:
            assert sum(sum(cell[2:6]) for cell in around(client, 14, query)) == len(expected), query


@pytest.mark.parametrize(
    "query", ["?kind=ufo", "?box=1,2", "?days=x", "?stand=lost", "?page=x", "?page=-1", "?district=0"]
)
def test_a_wrong_address_still_shows_a_list(client, report, query):
    case = report()
    page = client.get(f"/map/{query}")
    assert page.status_code == 200 and str(case.number) in page.content.decode()
    assert client.get(f"/map/cases.atom{query}").status_code == 200


def test_statements_do_not_grow_with_the_cases(client, report):
    def cost(address):
        with CaptureQueriesContext(connection) as said:
            answer = client.get(address)
            b"".join(answer.streaming_content) if answer.streaming else answer.content
        return len(said)

    x, y = tile_of(**HERE, zoom=12)
    near = tile_of(**HERE, zoom=17)
    addresses = ["/map/", f"/map/tiles/12/{x}/{y}.json", f"/map/tiles/17/{near[0]}/{near[1]}.json",
                 "/map/cases.atom", "/map/cases.geojson", "/map/cases.csv"]  # fmt: skip
    report()
    for address in addresses:
        cost(address)
    few = [cost(address) for address in addresses]
    for _n in range(20):
        report()
    assert [cost(address) for address in addresses] == few
    # One for the rate limit, one for the cells.
    assert few[1] == few[2] == 2


def test_tiles_are_cached_and_asked_for_again_cheaply(client, report):
    case = report()
    x, y = tile_of(**HERE, zoom=17)
    first = client.get(f"/map/tiles/17/{x}/{y}.json")
    assert first["Cache-Control"] == "public, max-age=60" and "Cookie" not in first.get("Vary", "")
    assert client.get(f"/map/tiles/17/{x}/{y}.json", headers={"If-None-Match": first["ETag"]}).status_code == 304
    Case.objects.filter(pk=case.pk).update(state="dispatched")
    assert client.get(f"/map/tiles/17/{x}/{y}.json", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("address", ["6/1/1", "20/1/1", "8/256/1", "8/1/256"])
def test_tiles_that_there_are_not(client, address):
    assert client.get(f"/map/tiles/{address}.json").status_code == 404


def test_far_away_costs_no_statement_but_the_limit(client, city, django_assert_num_queries):
    client.get("/map/tiles/12/0/0.json")
    with django_assert_num_queries(1):
        assert client.get("/map/tiles/12/0/0.json").json()["cells"] == []


@pytest.mark.parametrize("name", ["atom", "geojson", "csv"])
def test_feeds_answer_304_until_a_verb_changes_something(client, report, staff, name):
    case = report()
    first = client.get(f"/map/cases.{name}")
    again = client.get(f"/map/cases.{name}", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and again["ETag"] == first["ETag"]
    assert first["Cache-Control"] == "max-age=300, public" or "public" in first["Cache-Control"]
    assert client.get(f"/map/cases.{name}?lang=en")["ETag"] != first["ETag"]
    perform(staff("case_officer", unit="pwb-roads"), case.pk, "take")
    assert client.get(f"/map/cases.{name}", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_atom_feed_is_atom_with_a_place(client, report):
    case = report()
    root = ET.fromstring(client.get("/map/cases.atom?kind=pothole&days=7").content)
    assert root.tag == f"{{{ATOM}}}feed"
    for name in ("id", "title", "updated"):
        assert root.findtext(f"{{{ATOM}}}{name}")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{{{ATOM}}}link")}
    assert links["self"].endswith("/map/cases.atom?kind=pothole&days=7")
    assert links["alternate"].endswith("/map/?kind=pothole&days=7")
    (entry,) = root.findall(f"{{{ATOM}}}entry")
    assert entry.findtext(f"{{{ATOM}}}id").endswith(f"/track/{case.number}/")
    lat, lon = map(float, entry.findtext(f"{{{GEORSS}}}point").split())
    assert metres_apart(HERE["lon"], HERE["lat"], lon, lat) < 40
    assert entry.find(f"{{{ATOM}}}category").get("term") == "pothole"


def test_a_stream_keeps_the_language_of_its_address(client, report):
    report()
    english = b"".join(client.get("/map/cases.csv?lang=en").streaming_content).decode("utf-8-sig")
    chinese = b"".join(client.get("/map/cases.csv", headers={"Accept-Language": "en"}).streaming_content).decode(
        "utf-8-sig"
    )
    assert "Pothole" in english and "路面坑洞" in chinese
    assert english.splitlines()[0].split(",") == list(COLUMNS)


def test_the_page_links_its_feeds_and_pages_through(client, report):
    for _n in range(21):
        report()
    page = client.get("/map/?kind=pothole").content.decode()
    assert 'type="application/atom+xml"' in page.split("</head>")[0]
    assert "/map/cases.geojson?kind=pothole" in page.split("</head>")[0]
    assert "共 21 件" in page and "page=2" in page
    second = client.get("/map/?kind=pothole&page=2").content.decode()
    assert len(re.findall(r'href="/track/D', second)) == 1


def test_the_database_wants_a_cell_with_each_point(report):
    from django.db import IntegrityError, transaction

    case = report()
    for wrong in ({"cell": None}, {"lon": None, "lat": None}, {"cell": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**wrong)
