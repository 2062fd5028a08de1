"""Open311: reports filed by programs over HTTP, and lists of fifty, each with what it costs in CPU."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import cycle, repeat
from random import Random
from urllib.parse import urlencode

from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import filing, pgbench, program, traffic
from bench.ground import Size
from bench.server import web
from bench.table import Row
from cases.actions.filing import Filing, Reporter, file_case
from cases.models import Case
from cases.registry import kinds
from identity.actions import issue_key
from identity.models import User
from identity.permissions import KEY_SCOPES
from servicerequests.demo import words
from servicerequests.demo.places import Places

ADDRESS = "/open311/v2/requests.json"
CONNECTIONS = 8
RATE, CPU = 500, 3.0  # reports a second; milliseconds of the program's CPU for each
LIST, LIST_STATEMENTS, LIST_CPU = 50, 8, 15.0
TABLES = (*filing.TABLES, "servicerequests_apifiling")


def measure(size: Size) -> list[Row]:
    """File for some seconds over eight connections and count what was kept; then read lists."""
    url, rng = os.environ["DATABASE_URL"], Random("open311")
    key = new_key()
    statements, keys = statements_of_one(rng, key)
    ready = [
        traffic.request("POST", ADDRESS, form=form) for form in forms(rng, key, round(size.seconds * RATE * 4) + 200)
    ]
    wanted = iter(ready)
    with web(os.environ) as port:
        traffic.drive(port, wanted, CONNECTIONS, min(2.0, size.seconds))
        before = filing.counts(url, TABLES)
        sent = traffic.drive(port, wanted, CONNECTIONS, size.seconds)
    if set(sent.statuses) != {200}:
        raise RuntimeError(f"not every report was taken: {dict(sent.statuses)}")
    for table, count in filing.counts(url, TABLES).items():
        if count - before[table] != len(sent.times):
            raise RuntimeError(
                f"{len(sent.times)} reports were confirmed; {table} has {count - before[table]} more rows"
            )
    plain = pgbench.run(url, filing.script(statements, keys), CONNECTIONS, size.seconds)
    times = 20 if size.seconds < 1 else 300
    whole, engine = cpu_of_filing(rng, key, times), cpu_of_engine(rng, times)
    return [
        Row("SQL statements a report, key and quota, BEGIN and COMMIT included", len(statements), ""),
        Row("reports filed over HTTP with a key, 8 connections", sent.rate, "/s", RATE, True,
            "pgbench, the same statements", sent.rate / plain),
        Row("… pgbench, the same statements, 8 clients", plain, "/s"),
        Row("… p50 / p95 over HTTP", sent.p(0.5), "ms", None, False, "p95", sent.p(0.5) / sent.p(0.95)),
        Row("… CPU of the program a report", whole, "ms", CPU, False, "the engine's filing alone", whole / engine),
        *lists(size, key),
    ]  # fmt: skip


def new_key() -> str:
    """A key without limits that are felt."""
    admin = User.objects.get(username="admin")
    terms = {"per_minute": 1_000_000, "per_day": 100_000_000}
    return issue_key(admin, admin, name="bench", scopes=[*KEY_SCOPES], **terms)[1]


def forms(rng: Random, key: str, count: int) -> Iterator[dict[str, str]]:
    """What a program sends: a report with a point, an address, answers, words and a reporter."""
    places = Places(rng)
    offered = [kind for kind in kinds().values() if kind.family.code == "dispatch"]
    for number in range(count):
        kind, spot = rng.choice(offered), places.draw(rng)
        answers = {f"attribute[{f.name}]": rng.choice(f.choices).value for f in kind.fields if f.type == "choice"}
        answers |= {f"attribute[{f.name}]": "一段文字" for f in kind.fields if f.type == "text" and f.required}
        yield answers | {
            "api_key": key, "service_code": kind.code, "lat": f"{spot.lat:.6f}", "long": f"{spot.lon:.6f}",
            "address_string": words.address(places.names[spot.district], rng),
            "description": words.report(kind.code, rng), "first_name": "小明", "last_name": "陳",
            "email": f"reporter{number}@cityhall.example", "phone": "0912345678",
        }  # fmt: skip


def statements_of_one(rng: Random, key: str) -> tuple[list[str], dict[str, str]]:
    """The SQL of one report as ``bench.filing`` has it, of the second one, with all caches warm."""
    client = Client(HTTP_HOST="localhost")
    first, second = forms(rng, key, 2)
    client.post(ADDRESS, first)
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(ADDRESS, second)
    if answer.status_code != 200:
        raise RuntimeError(f"the report was not taken: {answer.content.decode()}")
    return [query["sql"] for query in captured.captured_queries], filing.last_keys()


def cpu_of_filing(rng: Random, key: str, times: int) -> float:
    """Milliseconds of CPU that a report takes in the program, from the request's parts to the answer's bytes."""
    made = RequestFactory(HTTP_HOST="localhost")
    whole = (urlencode(form) for form in forms(rng, key, times + program.WARM))
    return program.cpu((made.post(ADDRESS, form, "application/x-www-form-urlencoded") for form in whole), times)


def cpu_of_engine(rng: Random, times: int) -> float:
    """The same for the engine's part of a report: what every door pays."""
    places = Places(rng)
    filings = []
    for number in range(times + 20):
        spot, contact = places.draw(rng), Reporter("陳小明", f"reporter{number}@cityhall.example", "0912345678")
        filings.append(Filing("pothole", words.report("pothole", rng), {"size": "wheel"}, lon=spot.lon, lat=spot.lat,
                              address=words.address(places.names[spot.district], rng), reporter=contact))  # fmt: skip
    for filing_ in filings[:20]:
        file_case(filing_)
    began = time.process_time()
    for filing_ in filings[20:]:
        file_case(filing_)
    return (time.process_time() - began) / times * 1000


def lists(size: Size, key: str) -> list[Row]:
    """Fifty requests of the newest page and of one ten pages on, without a key and with one."""
    newest = Case.objects.order_by("-received_at").values_list("received_at", flat=True)[0]
    span = {"end_date": timezone.localtime(newest).isoformat(), "page_size": str(LIST)}
    queries = [span | {"page": "1"}, span | {"page": "10", "api_key": key}, span | {"page": "2", "extensions": "true"}]
    client, most = Client(HTTP_HOST="localhost"), 0
    for query in queries:
        client.get(ADDRESS, query)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(ADDRESS, query)
        if answer.status_code != 200 or len(answer.json()) != LIST:
            raise RuntimeError(f"{query}: {answer.status_code}, {len(answer.json())} requests")
        most = max(most, len(captured))
    made = RequestFactory(HTTP_HOST="localhost")
    cpu = program.cpu((made.get(ADDRESS, query) for query in cycle(queries)), 10 if size.seconds < 1 else 150)
    with web(os.environ) as port:
        path = f"{ADDRESS}?page_size={LIST}&end_date={span['end_date'].replace('+', '%2B')}"
        loaded = traffic.drive(port, repeat(traffic.request("GET", path)), 2, min(5.0, size.seconds))
    if set(loaded.statuses) != {200}:
        raise RuntimeError(f"lists: {dict(loaded.statuses)}")
    return [
        Row(f"SQL statements of a list of {LIST}", most, "", LIST_STATEMENTS),
        Row(f"… CPU of the program, {LIST} requests", cpu, "ms", LIST_CPU),
        Row("… p95 over HTTP, 2 connections", loaded.p(0.95), "ms", None, False, "p50", loaded.p(0.95) / loaded.p(0.5)),
    ]
