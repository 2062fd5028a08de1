"""News for subscribers: 100,000 of them with areas all over the city, and a minute's reports to be told of."""

from __future__ import annotations

import time
from random import Random

from django.db import connection

from bench.ground import Size
from bench.table import Row
from cases.actions.filing import Filing, file_case
from cases.registry import kinds
from foundation.encryption import digest, encrypt
from organisation.models import District
from publicmap.actions import news
from publicmap.models import News, Subscription
from publicmap.rules import Box
from servicerequests.demo.places import Places

REPORTS = 100  # six times what a city of 2.7 million gets in its busiest minute
MATCHED, WRITTEN = 10.0, 100
COLUMNS = """
    email email_digest language kinds district_id west south east north lon lat metres frequency created_at confirmed_at
""".split()


def measure(size: Size) -> list[Row]:
    """Match the reports with all subscriptions, as the job of each minute does; then write letters for some seconds."""
    rng, subscribers = Random("news"), size.cases // 4
    _subscribe(rng, subscribers)
    news.find()
    places = Places(rng)
    code = next(iter(kinds()))
    asked = {f.name: f.choices[0].value for f in kinds()[code].fields if f.required and f.choices}
    for _ in range(REPORTS):
        spot = places.draw(rng)
        file_case(Filing(kind_code=code, fields=asked, lon=spot.lon, lat=spot.lat, description="路面破洞"))
    news.find()
    began = time.perf_counter()
    found = news.find()
    matched = time.perf_counter() - began
    if found != News.objects.count() or found != _compared():
        raise RuntimeError(f"{found} found, {_compared()} by comparing each report with each subscription")
    began, written = time.perf_counter(), 0
    while time.perf_counter() - began < size.seconds and (batch := news._write_some("at_once")):
        written += batch
    rate = written / (time.perf_counter() - began)
    return [
        Row("subscribers", Subscription.objects.count(), ""),
        Row(f"{REPORTS} reports matched, {found:,} to be told", matched, "s", MATCHED),
        Row("letters written a second", rate, "/s", WRITTEN, True),
    ]


def _subscribe(rng: Random, wanted: int) -> None:
    """A third each of districts, circles and boxes; one address, encrypted once, as encryption is not measured here."""
    districts, places = list(District.objects.values_list("code", flat=True)), Places(rng)
    secret, known = encrypt("reader@mail.example"), digest("reader@mail.example")
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY publicmap_subscription ({', '.join(COLUMNS)}) FROM STDIN") as copy,
    ):
        for number in range(wanted):
            spot, district, sides, circle = places.draw(rng), None, (None,) * 4, (None,) * 3
            if number % 3 == 0:
                district = rng.choice(districts)
            else:
                metres = rng.choice((200, 500, 1000))
                box = Box.around(spot.lon, spot.lat, metres).wider(0.0001)
                sides = (box.west, box.south, box.east, box.north)
                circle = (spot.lon, spot.lat, metres) if number % 3 == 1 else circle
            frequency = rng.choice(("at_once", "daily"))
            copy.write_row((secret, known, "zh-hant", "{}", district, *sides, *circle, frequency, "now", "now"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE publicmap_subscription")


def _compared() -> int:
    """The same count without the index: each report with each subscription."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM cases_case c JOIN publicmap_subscription s ON s.district_id = c.district_id
            OR (c.lon BETWEEN s.west AND s.east AND c.lat BETWEEN s.south AND s.north AND (s.metres IS NULL
                OR s.metres >= 111320 * sqrt(
                    power(c.lat - s.lat, 2) + power((c.lon - s.lon) * cos(radians(s.lat)), 2))))"""
        )
        return cursor.fetchone()[0]
