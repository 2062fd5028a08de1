"""A storm: 25 reports a second, photos among them, beside readers, a worker at work and the mail server away.

Fifty times the usual is less than one a second: a year of 315,657 is 0.017 a second by day. 25 is what is left for a
typhoon that is worse than any year's mean tells, and for a city of other size.

Reports come when they come, not when the one before is answered: each has its time, and how long it took counts from
then, so a server that falls behind is seen to. Afterwards everything that was confirmed has to be there, and what was
put off has to be whole.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from random import Random

from PIL import Image

from bench import sessions, traffic
from bench.filing import ADDRESS, TOKEN, forms
from bench.ground import ROOT, Size
from bench.server import web
from bench.table import Row, percentile
from cases.actions.files import make_copies
from cases.models import Attachment, Case
from figures import actions as figures
from figures import queries
from figures.registry import Period
from foundation.clock import today
from organisation.actions.storms import begin_storm, end_storm
from search.actions import catch_up
from search.models import Entry
from servicerequests.pages.report.draft import Draft

RATE = 25  # a second
USUAL = 315_657 / (365 * 14 * 3600)  # a second, by day: nearly all come in fourteen hours
SENDERS, READERS = 16, 3
PHOTOS = 5  # every so many reports have one
TIMES = 6  # as long as the other doors are loaded: a minute
P99 = 1000  # ms
_DRAFT = re.compile(rb'name="draft" value="([^"]+)"')
BOUNDARY = "storm"


def measure(size: Size) -> list[Row]:
    """A minute of it."""
    return weather(RATE, size.seconds * TIMES)


def weather(rate: float, seconds: float) -> list[Row]:
    """Load, end the storm, catch up, and count; ``rate`` in reports a second."""
    rng = Random("storm")
    wanted = list(forms(rng, round(rate * seconds)))
    submissions = [Draft.open(form["draft"]).submission for form in wanted]
    before = Case.objects.count()
    begin_storm(None, "bench")
    with web(os.environ) as port, worker():
        warm(port, rng)
        taken = storm(port, wanted, rate)
    lost = Case.objects.filter(submission__in=[submissions[n] for n in taken.accepted]).count() - len(taken.accepted)
    if lost:
        raise RuntimeError(f"{-lost} confirmed reports are not there")
    end_storm(None)
    began = time.perf_counter()
    while catch_up():
        pass
    while make_copies():
        pass
    figures.drain()
    caught_up = time.perf_counter() - began
    check()
    photos = [took for n, took in taken.times.items() if n % PHOTOS == 0]
    plain = [took for n, took in taken.times.items() if n % PHOTOS]
    return [
        Row("cases present", before, ""),
        Row(
            f"reports a second, for {seconds:.0f} s",
            len(taken.accepted) / seconds,
            "/s",
            None,
            True,
            "usual by day",
            len(taken.accepted) / seconds / USUAL,
        ),
        Row("reports not accepted", len(wanted) - len(taken.accepted), "", 0),
        Row("accepted reports not in the database", -lost, "", 0),
        Row("p99 of intake, from when it was sent", percentile(plain, 0.99) * 1000, "ms", P99),
        Row("… p50", percentile(plain, 0.5) * 1000, "ms"),
        Row("p99 of photo and report together", percentile(photos, 0.99) * 1000, "ms"),
        Row("pages read meanwhile", taken.pages / seconds, "/s"),
        Row("… their p95", percentile(taken.page_times, 0.95) * 1000, "ms"),
        Row("caught up after the storm", caught_up, "s"),
    ]


class Taken:
    """What came of the load: seconds by the report's place, which were accepted, and what readers got."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.times: dict[int, float] = {}
        self.accepted: list[int] = []
        self.pages = 0
        self.page_times: list[float] = []


def storm(port: int, wanted: list[dict[str, str]], rate: float) -> Taken:
    """Send each report at its time, from many connections, while others read."""
    taken, numbers = Taken(), iter(range(len(wanted)))
    cookies = {"csrftoken": TOKEN}
    photo = picture()
    number = Case.objects.order_by("-pk").values_list("number", flat=True).first()
    pages = [
        traffic.request("GET", "/desk/", cookies=sessions.cookies("controller")),
        traffic.request("GET", f"/track/{number}/"),
        traffic.request("GET", "/"),
    ]
    over, began = threading.Event(), time.perf_counter() + 0.5

    def send() -> None:
        with traffic.Connection(port) as connection:
            while True:
                with taken.lock:
                    n = next(numbers, None)
                if n is None:
                    return
                at = began + n / rate
                time.sleep(max(0.0, at - time.perf_counter()))
                form = wanted[n]
                if n % PHOTOS == 0:
                    _status, page = connection.exchange(upload(form, photo))
                    if found := _DRAFT.search(page):
                        form = form | {"draft": unescape(found[1].decode())}
                status = connection.send(traffic.request("POST", ADDRESS, form=form, cookies=cookies))
                with taken.lock:
                    taken.times[n] = time.perf_counter() - at
                    if status == 302:
                        taken.accepted.append(n)

    def read(page: bytes) -> None:
        with traffic.Connection(port) as connection:
            while not over.is_set():
                start = time.perf_counter()
                connection.exchange(page)
                with taken.lock:
                    taken.pages += 1
                    taken.page_times.append(time.perf_counter() - start)
                time.sleep(0.3)

    readers = [threading.Thread(target=read, args=(page,)) for page in pages[:READERS]]
    senders = [threading.Thread(target=send) for _n in range(SENDERS)]
    for thread in [*readers, *senders]:
        thread.start()
    for thread in senders:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    return taken


def warm(port: int, rng: Random) -> None:
    """A few reports, so that caches, pools and plans are there in each process."""
    ready = [traffic.request("POST", ADDRESS, form=form, cookies={"csrftoken": TOKEN}) for form in forms(rng, 40)]
    traffic.drive(port, iter(ready), 8, 10)


def upload(form: dict[str, str], photo: bytes) -> bytes:
    """The page of photos, with one: a POST to the draft's kind."""
    kind = Draft.open(form["draft"]).kind_code
    fields = {**form, "step": "photos", "go": "next"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="hole.jpg"\r\n'
    parts += [f"{head}Content-Type: image/jpeg\r\n\r\n".encode(), photo, f"\r\n--{BOUNDARY}--\r\n".encode()]
    body = b"".join(parts)
    lines = [
        f"POST /report/{kind}/ HTTP/1.1",
        "Host: localhost",
        "Accept-Encoding: identity",
        f"Cookie: csrftoken={TOKEN}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def picture() -> bytes:
    """A photo as a browser sends it after making it smaller: 2048 pixels wide, some hundred kilobytes."""
    kept = io.BytesIO()
    Image.effect_noise((256, 192), 60).resize((2048, 1536)).convert("RGB").save(kept, "JPEG", quality=80)
    return kept.getvalue()


@contextmanager
def worker() -> Iterator[None]:
    """A job worker beside it, as in a city hall."""
    command = [sys.executable, "-m", "launcher", "work"]
    with subprocess.Popen(command, env=dict(os.environ), cwd=ROOT, stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def check() -> None:
    """Search, pictures and figures are whole. Raises RuntimeError that says what is not."""
    cases, day = Case.objects.count(), Case.objects.filter(received_on=today()).count()
    counted = queries.values(["servicerequests.requests"], Period.of("day", today()))["servicerequests.requests"].value
    if Entry.objects.filter(kind="cases.case").count() != cases:
        raise RuntimeError("the search is not whole")
    if Attachment.objects.awaiting().exists() or Attachment.objects.filter(case__isnull=False, shown="").exists():
        raise RuntimeError("not all pictures have their copies")
    if int(counted or 0) != day:
        raise RuntimeError(f"the figures say {counted} for today, the records {day}")
