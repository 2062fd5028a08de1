"""kill -9 of web workers, web server, job worker and database while reports come in loses nothing that was promised.

Whoever was given a number has exactly one case, with everything that belongs to it, however often they pressed "send".
"""

from __future__ import annotations

import http.client
import json
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.core import signing

from launcher.tenancy import ROOT
from messages.testing import SmtpServer
from servicerequests.pages.report.draft import SALT
from servicerequests.tests.walking import IN_LINGYA, Walker
from tests.durability.conftest import CityHall, kill

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to be killed in /proc"),
]

CITIZENS = 4
STORM = 9.0  # seconds
SEED = random.randrange(10**6)

_ONCE_WITH_ALL = """
SELECT c.submission::text, c.number,
    (SELECT count(*) FROM cases_contact x WHERE x.case_id = c.id),
    (SELECT count(*) FROM cases_caseevent x WHERE x.case_id = c.id AND x.verb = 'file'),
    (EXISTS (SELECT FROM search_entry x WHERE x.kind = 'cases.case' AND x.object_id = c.id)  -- in a storm it waits
        OR EXISTS (SELECT FROM search_waiting x WHERE x.kind = 'cases.case' AND x.object_id = c.id))::int,
    (SELECT count(*) FROM citymessages_message x WHERE x.topic = 'cases.case' AND x.topic_id = c.id)
FROM cases_case c
"""


class Browser:
    """A browser over a real connection: cookies, redirects, and a citizen's patience with neither."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, address: str, data: dict[str, str] | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Host": f"localhost:{self.port}", "Connection": "close"}
        headers |= {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if data else {}
        connection.request(method, address, urlencode(data) if data else None, headers)
        answer = connection.getresponse()
        answer.content = answer.read()  # type: ignore[attr-defined]
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        connection.close()
        return answer

    def get(self, address: str, follow: bool = False) -> Any:
        return self._page(self.ask("GET", address), address)

    def post(self, address: str, data: dict[str, str], follow: bool = False) -> Any:
        return self._page(self.ask("POST", address, data), address)

    def _page(self, answer: Any, address: str) -> Any:
        """As Django's test client has it, for the Walker."""
        chain = []
        while answer.status in {301, 302}:
            address = answer.headers["Location"]
            chain.append((address, answer.status))
            answer = self.ask("GET", urlsplit(address).path)
        return SimpleNamespace(content=answer.content, status_code=answer.status, redirect_chain=chain)


def a_report(hall: CityHall) -> dict[str, Any]:
    """The draft of a whole report, as the pages of this very city hall made it."""
    from cases.registry import kind

    walker = Walker(Browser(hall.port))  # type: ignore[arg-type]
    walker.what(kind("pothole")).where(point=f"{IN_LINGYA[1]}, {IN_LINGYA[0]}")
    walker.send().send(email="first@example.com")
    return signing.loads(walker.form("draft").values["draft"], key=secret(hall), salt=SALT)


def secret(hall: CityHall) -> str:
    return (hall.server.var / "secret").read_text()


class Citizen(threading.Thread):
    """Files report after report. Where no answer comes, or a bad one, the same report is sent again."""

    def __init__(self, hall: CityHall, draft: dict[str, Any], storm_is_over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.hall, self.draft, self.over = hall, draft, storm_is_over
        self.given: dict[str, tuple[int, str]] = {}  # submission: the case's key, and its number as the page said it
        self.tries: Counter[str] = Counter()
        self.browser = Browser(hall.port)
        self.browser.cookies["csrftoken"] = "x" * 32

    def run(self) -> None:
        while not self.over.is_set():
            submission = str(uuid4())
            form = self.form(submission)
            end = time.monotonic() + 45
            while not self.sent(submission, form) and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.05)  # there shall be load, but each report is a letter to be sent

    def form(self, submission: str) -> dict[str, str]:
        answers = self.draft["answers"] | {
            "contact": self.draft["answers"]["contact"] | {"email": f"{submission}@example.com"},
            "what": self.draft["answers"]["what"] | {"description": f"報案{submission}"},
        }
        sealed = signing.dumps(
            self.draft | {"submission": submission, "answers": answers}, key=secret(self.hall), salt=SALT, compress=True
        )
        return {"draft": sealed, "csrfmiddlewaretoken": "x" * 32}

    def sent(self, submission: str, form: dict[str, str]) -> bool:
        self.tries[submission] += 1
        try:
            answer = self.browser.ask("POST", "/report/send/", form)
            if answer.status != 302:
                return False
            seal = answer.headers["Location"]
            page = self.browser.ask("GET", seal)
        except (OSError, http.client.HTTPException):
            return False
        if page.status != 200:
            return False
        number = re.search(rb'panel-code">([A-Z]\d+-\d+)<', page.content)[1].decode()  # type: ignore[attr-defined]
        self.given[submission] = (int(seal.rstrip("/").rpartition("/")[2].partition(":")[0]), number)
        return True


def rage(hall: CityHall, seconds: float) -> list[str]:
    """Kill one thing after the other at random moments; what was killed."""
    chance = random.Random(SEED)
    targets: dict[str, Callable[[], list[int]]] = {
        "web worker": hall.web_workers,
        "job worker": hall.job_worker,
        "database": hall.database,
        "web server": hall.web_server,
    }
    order = [*targets, "web worker", "database", "job worker"]
    chance.shuffle(order)
    killed = []
    for name in order:
        time.sleep(seconds / len(order) * chance.uniform(0.6, 1.4))
        end = time.monotonic() + 15
        while not (found := targets[name]()) and time.monotonic() < end:
            time.sleep(0.02)  # it is still being started again
        if found and kill(chance.choice(found)):
            killed.append(name)
    return killed


@pytest.fixture
def connect(city_hall: CityHall) -> Callable[[], Any]:
    return lambda: psycopg.connect(city_hall.server.url())


def settle(hall: CityHall) -> None:
    """Let what waits be done, now rather than in some minutes."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("settle.py"))],
        env=hall.environment | {"DATABASE_URL": hall.server.url(), "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_no_report_with_a_number_is_lost_and_none_is_there_twice(
    city_hall: CityHall, mail: SmtpServer, connect: Callable[[], Any]
) -> None:
    draft, over = a_report(city_hall), threading.Event()
    citizens = [Citizen(city_hall, draft, over) for _i in range(CITIZENS)]
    for citizen in citizens:
        citizen.start()
    killed = rage(city_hall, STORM)
    over.set()
    for citizen in citizens:
        citizen.join(60)
    city_hall.wait_until_well(30)
    given = {submission: told for citizen in citizens for submission, told in citizen.given.items()}
    tries = sum((citizen.tries for citizen in citizens), Counter())
    said = f"seed {SEED}, killed {killed}, {len(given)} numbers given, {sum(tries.values())} tries"
    assert set(killed) == {"web worker", "job worker", "database", "web server"}, said
    assert set(given) == set(tries), f"{said}: after the storm each report came through"
    assert len(given) > CITIZENS and sum(tries.values()) > len(given), f"{said}: there was load, and it was disturbed"

    with connect() as connection:
        found = {row[0]: row[1:] for row in connection.execute(_ONCE_WITH_ALL).fetchall()}
        rows = connection.execute("SELECT count(*), count(DISTINCT number), count(DISTINCT submission) FROM cases_case")
        assert rows.fetchone() == (len(given),) * 3, said
    assert {submission: row[0] for submission, row in found.items()} == {s: n for s, (_pk, n) in given.items()}, said
    assert {row[1:] for row in found.values()} == {(1, 1, 1, 1)}, said

    city_hall.supervisors["work"].terminate()  # so that nobody else works while the rest is done
    city_hall.supervisors.pop("work").wait(40)
    settle(city_hall)
    with connect() as connection:
        states = dict(connection.execute("SELECT state, count(*) FROM citymessages_message GROUP BY 1").fetchall())
        marks = connection.execute("SELECT count(*) FROM figures_touched").fetchone()[0]
        counted = connection.execute(
            "SELECT value FROM figures_observation"
            " WHERE figure = 'servicerequests.requests' AND grain = 'year' AND by = ''"
        ).fetchone()
    assert states == {"sent": len(given)}, f"{said}: {states}"
    assert (marks, int(counted[0])) == (0, len(given)), said
    told = {re.search(r"D\d+-\d+", letter.subject)[0]: letter for letter in mail.mails}
    assert set(told) == {number for _pk, number in given.values()}, said
    # At least once: a letter that went out twice says so by its identity.
    identities = {json.dumps([letter.subject, str(letter.message["Message-ID"])]) for letter in mail.mails}
    assert len(identities) == len(given), said
