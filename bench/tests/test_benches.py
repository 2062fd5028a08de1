"""Each bench runs, at a tiny size, and what it counts adds up. How long anything takes is not judged here."""

import math
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from bench import growth
from bench.command import BENCHES, about, measure
from bench.filing import script
from bench.ground import Ground, Size
from bench.server import RUNNING, web
from bench.table import Row
from tests.city import take_city_out
from tests.database import ORIGINAL, digest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ground(django_db_setup, tmp_path_factory):
    database = connection.settings_dict
    user = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    port = f"&port={database['PORT']}" if database["PORT"] else ""
    url = f"postgresql://{user}@/{database['NAME']}?host={quote(database['HOST'])}{port}"
    schema = f"{database['NAME']}_bench_schema"
    ground = Ground(url, tmp_path_factory.mktemp("bench"), Size.small(), schema)
    ground.forget()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{schema}" TEMPLATE "{ORIGINAL}{digest()}" STRATEGY file_copy')
    with psycopg.connect(ground.url_of(schema)) as copy:
        take_city_out(copy)
    yield ground
    ground.forget()


# What these do with small loads, tests/launcher and the tests of Open311, of storms, of the map and below do as well.
# The peer is not installed for a test.
DONE_ELSEWHERE = {"starting", "open311", "storm", "tiles", "growth", "hour", "peers"}
# Pages of one database, which they only read: one web server does for all here, as its start is most of what they cost.
ONE_SERVER = ("queue", "casepage", "search")


@pytest.mark.parametrize("name", [name for name in BENCHES if name not in {*DONE_ELSEWHERE, *ONE_SERVER}])
def test_it_runs_and_its_counts_are_kept(ground, name):
    well(measure(name, ground))


def test_those_of_pages_run_and_their_counts_are_kept(ground, monkeypatch, subtests):
    with web(ground.environment(ground.full())) as port:
        monkeypatch.setenv(RUNNING, str(port))
        for name in ONE_SERVER:
            with subtests.test(name):
                well(measure(name, ground))


def well(rows):
    assert any(row.limit for row in rows), "no budget was measured"
    assert all(math.isfinite(row.value) and row.value >= 0 for row in rows)
    assert all(row.kept for row in rows if row.limit is not None and not row.unit), "a count is above its budget"


def test_growth_takes_turns_and_compares_the_medians_of_each_page():
    asked, slow = [], {"usual": iter([10.0, 90.0, 20.0]), "larger": iter([24.0, 26.0, 25.0])}

    def queue(database):
        asked.append(database)
        cases = Row("cases present", 400 if database == "usual" else 1200, "")
        return [cases, Row("p95 over HTTP, officer", 99, "ms", 60), Row("… p50", next(slow[database]), "ms")]

    present, ratio, p50 = growth.compare(queue, "usual", "larger")
    assert asked == ["usual", "larger"] * growth.TURNS
    assert present.value == 1200 and p50.value == 25
    assert ratio.value == 25 / 20 and ratio.kept and ratio.what.endswith("with 400 cases: officer")


def test_the_machine_is_described(ground):
    said = about(ground)
    assert "fsync" in said and "Load average" in said and "pgbench" in said


def test_kept_databases_are_made_once_and_copies_do_not_touch_them(ground):
    kept = ground.full()
    with psycopg.connect(ground.url_of(kept)) as database:
        (cases,) = database.execute("SELECT count(*) FROM cases_case").fetchone()
        (made,) = database.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert cases == ground.size.cases
    with ground.copy(kept) as copy, psycopg.connect(ground.url_of(copy)) as database:
        database.execute("TRUNCATE cases_case CASCADE")
    assert ground.full() == kept
    with psycopg.connect(ground.url_of(kept)) as database:
        assert database.execute("SELECT count(*) FROM cases_case").fetchone() == (cases,)
        assert database.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() == (made,)


def test_pgbench_gets_the_same_statements_with_keys_of_its_own():
    statements = [
        "BEGIN",
        'INSERT INTO "cases_case" ("submission") VALUES (\'00000000-0000-4000-8000-000000000001\'::uuid) RETURNING id',
        'INSERT INTO "cases_caseevent" ("case_id", "number") VALUES (4711, \'P115-0004711\'::text)',
        "COMMIT",
    ]
    assert script(statements, {"cases_case": "4711"}).splitlines() == [
        "BEGIN;",
        'INSERT INTO "cases_case" ("submission") VALUES (gen_random_uuid()) RETURNING id \\gset cases_case_',
        'INSERT INTO "cases_caseevent" ("case_id", "number") VALUES (:cases_case_id, \'P115-0004711\'::text);',
        "COMMIT;",
    ]
