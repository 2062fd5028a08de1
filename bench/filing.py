"""Filing: the report's last form is sent over HTTP, and all that belongs to a report is committed before the answer."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from random import Random

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import pgbench, traffic
from bench.ground import Size
from bench.server import web
from bench.table import Row
from cases.registry import kinds
from servicerequests.demo import words
from servicerequests.demo.places import Places
from servicerequests.pages.report.draft import Draft
from servicerequests.pages.report.forms import PREFIX

ADDRESS = "/report/send/"
CONNECTIONS = 8
STATEMENTS, RATE = 12, 500
TOKEN = "b" * 32  # the same in the cookie and in the form is what the check wants
# What one filing adds to each of these tables.
TABLES = (
    "cases_case",
    "cases_contact",
    "cases_caseevent",
    "search_entry",
    "figures_touched",
    "citymessages_message",
    "procrastinate_jobs",
)


def measure(size: Size) -> list[Row]:
    """File for some seconds over eight connections, count what was kept; then pgbench does the very same statements."""
    url = os.environ["DATABASE_URL"]
    rng = Random("filing")
    statements, keys = statements_of_one(rng)
    ready = [traffic.request("POST", ADDRESS, form=form, cookies={"csrftoken": TOKEN})
             for form in forms(rng, round(size.seconds * RATE * 4) + 200)]  # fmt: skip
    wanted = iter(ready)
    with web(os.environ) as port:
        traffic.drive(port, wanted, CONNECTIONS, min(2.0, size.seconds))  # caches, pools and plans get warm
        before = counts(url)
        sent = traffic.drive(port, wanted, CONNECTIONS, size.seconds)
    filed = sent.statuses[302]
    if filed != len(sent.times):
        raise RuntimeError(f"not every report was taken: {dict(sent.statuses)}")
    for table, count in counts(url).items():
        if count - before[table] != filed:
            raise RuntimeError(f"{filed} reports were confirmed, but {table} has {count - before[table]} more rows")
    plain = pgbench.run(url, script(statements, keys), CONNECTIONS, size.seconds)
    return [
        Row("SQL statements a report, BEGIN and COMMIT included", len(statements), "", STATEMENTS),
        Row("reports filed over HTTP, 8 connections", sent.rate, "/s", RATE, True, "pgbench, the same statements",
            sent.rate / plain),
        Row("… pgbench, the same statements, 8 clients", plain, "/s"),
        Row("… p50 / p95 over HTTP", sent.p(0.5), "ms", None, False, "p95", sent.p(0.5) / sent.p(0.95)),
    ]  # fmt: skip


def forms(rng: Random, count: int) -> Iterator[dict[str, str]]:
    """What the last page of a report sends, each with a submission of its own."""
    places = Places(rng)
    anonymous = [kind for kind in kinds().values() if kind.family.code == "dispatch"]
    for number in range(count):
        kind, spot = rng.choice(anonymous), places.draw(rng)
        draft = Draft(kind.code, submission=str(uuid.UUID(int=rng.getrandbits(128), version=4)))
        answers = {PREFIX + f.name: rng.choice(f.choices).value for f in kind.fields if f.type == "choice"}
        answers |= {PREFIX + f.name: "一段文字" for f in kind.fields if f.type == "text" and f.required}
        draft.keep("what", {**answers, "description": words.report(kind.code, rng)}, accepted=True)
        draft.keep(
            "where",
            {"address": words.address(places.names[spot.district], rng), "point": f"{spot.lat:.6f}, {spot.lon:.6f}",
             "place_note": "", "district": "", "in_district": spot.district},
            accepted=True,
        )  # fmt: skip
        for step in ("nearby", "photos"):
            draft.keep(step, {}, accepted=True)
        contact = {"name": "陳小明", "email": f"reporter{number}@cityhall.example", "phone": "0912345678"}
        draft.keep("contact", {**contact, "language": "zh-hant", "confidential": False}, accepted=True)
        yield {"csrfmiddlewaretoken": TOKEN, "draft": draft.seal()}


def statements_of_one(rng: Random) -> tuple[list[str], dict[str, str]]:
    """The SQL of one report, values written into it, and its keys by table; of the second one, with all caches warm."""
    client = Client(HTTP_HOST="localhost")
    first, second = forms(rng, 2)
    client.post(ADDRESS, first)
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(ADDRESS, second)
    if answer.status_code != 302:
        raise RuntimeError(f"the report was not taken: {answer.status_code}")
    return [query["sql"] for query in captured.captured_queries], last_keys()


def last_keys() -> dict[str, str]:
    """The keys that the database gave last, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id)::text FROM cases_case")
        (case,) = cursor.fetchone()
    return {"cases_case": case}


def script(statements: Iterable[str], keys: Mapping[str, str]) -> str:
    """The statements in pgbench's language: keys that the database gives flow on, unique values are drawn anew."""
    lines: list[str] = []
    known: dict[str, str] = {}
    for statement in statements:
        text = " ".join(statement.split())
        for table, key in known.items():
            text = re.sub(rf"(?<![\w.-]){key}(?![\w.-])", f":{table}_id", text)
        text = re.sub(r"'[0-9a-f-]{32,36}'::uuid", "gen_random_uuid()", text)
        table = next((table for table in keys if text.startswith(f'INSERT INTO "{table}" ')), None)
        if table:
            known[table] = keys[table]
        lines.append(f"{text} \\gset {table}_" if table else f"{text};")
    return "\n".join(lines) + "\n"


def counts(url: str, tables: Iterable[str] = TABLES) -> dict[str, int]:
    """How many rows each of the tables has; of a filing, unless others are named."""
    with psycopg.connect(url) as database:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
