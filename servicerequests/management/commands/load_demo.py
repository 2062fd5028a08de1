"""Fill an empty city with a made-up year, the people of the demo, and what is going on right now."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cases import demo
from cases.models import Case
from cases.registry import kinds
from figures import actions as figures
from figures import demo as entered
from foundation.clock import TAIPEI, now
from foundation.jobs import defer
from foundation.roc import roc_year
from identity.models import User
from servicerequests.demo import handling
from servicerequests.demo.people import busiest_unit, make_people
from servicerequests.demo.today import Today
from servicerequests.demo.volumes import KIND_WEIGHTS, TOTALS, Arrival, Draw, moment, year_of_arrivals
from servicerequests.demo.writing import Writer

LIVE_DAYS = 12
LIVE_A_DAY = 26


class Command(BaseCommand):
    help = "Load the demo: the city pack, accounts for every role, a year of cases, and today's open ones."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--scale", type=float, default=0.01, help="share of a full city's year (1 is a full year)")
        parser.add_argument("--year", type=int, default=111, help="year of the Republic, e.g. 111 for 2022")
        parser.add_argument("--empty", action="store_true", help="accounts only, no cases")

    def handle(self, *, scale: float, year: int, empty: bool, **options) -> None:
        if not 0 < scale <= 10:
            raise CommandError("--scale: between 0 and 10")
        if not 90 <= year < roc_year(now().astimezone(TAIPEI).date()):
            raise CommandError("--year: a year of the Republic that is over, e.g. 111")
        call_command("load_pack", verbosity=0)
        if Case.objects.exists():
            return
        rng = Random(f"{settings.CITY_PACK.name} {year} {scale}")
        # All or nothing: a load that is broken off leaves no half of a year behind.
        with transaction.atomic():
            officers = make_people(rng)
            if not empty:
                self._year(rng, officers, year, scale)
                self._now(rng, officers)
            defer("classification.retrain")  # suggestions, a moment after the worker has started

    def _year(self, rng: Random, officers, year: int, scale: float) -> None:
        started = time.monotonic()
        by_family: dict[str, list[str]] = {}
        for kind in kinds().values():
            by_family.setdefault(kind.family.code, []).append(kind.code)
        arrivals = year_of_arrivals(year + 1911, scale, by_family, rng, TAIPEI)
        writer = Writer(rng, officers, until=now())
        count = writer.write(arrivals, lambda done: self._say(f"{done:,} / {len(arrivals):,}"))
        for tell in demo.tellers():
            count += tell(rng, officers, year + 1911, scale)
        entered.tell(User.objects.get(username="controller"))
        figures.rebuild(year + 1911)
        self._say(f"民國 {year} 年 {count:,} 件，{time.monotonic() - started:.1f} 秒")

    def _now(self, rng: Random, officers) -> None:
        """The last days, so that the desks and crews have something to do; their stories are cut at this moment."""
        at = now().astimezone(TAIPEI)
        draw = Draw(
            {kind.code: KIND_WEIGHTS.get(kind.code, 10) for kind in kinds().values() if kind.family.code in TOTALS}
        )
        moments = [
            (moment(at.date() - timedelta(days=days), code, rng, TAIPEI), code)
            for days in range(LIVE_DAYS)
            for code in (draw(rng) for _i in range(LIVE_A_DAY))
        ]
        arrivals = sorted(
            (
                Arrival(when, kinds()[code].family.code, code, rng.choice(("phone", "web", "app")))
                for when, code in moments
                if when < at
            ),
            key=lambda arrival: arrival.at,
        )
        Writer(rng, officers, until=at).write(arrivals)
        Today(rng, officers, at).tell()
        handling.tell(officers, busiest_unit(), at)
        figures.rebuild(at.year)
        figures.check()

    def _say(self, text: str) -> None:
        self.stderr.write(f"  {text}")
