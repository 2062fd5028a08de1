"""``./cityhall bench``: measure the speed on this machine."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from bench.command import BENCHES, run
from bench.ground import Ground, Size


class Command(BaseCommand):
    help = (
        "Measure the speed on this machine, in databases of its own; the first run makes 400,000 cases and keeps them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHES)}; without one, all")
        parser.add_argument("--write", action="store_true", help="write the table to bench/results.md")
        parser.add_argument("--small", action="store_true", help="a tiny run, only to see that everything runs")
        parser.add_argument("--forget", action="store_true", help="drop the databases that were kept, and end")

    def handle(self, *, names: list[str], write: bool, small: bool, forget: bool, **options: Any) -> None:
        if unknown := sorted(set(names) - set(BENCHES)):
            self.stderr.write(f"There is no {', '.join(unknown)}. There are: {', '.join(BENCHES)}.")
            sys.exit(2)
        ground = Ground(_url(), settings.VAR_DIR / "bench", Size.small() if small else Size())
        if forget:
            ground.forget()
            return
        sys.exit(run(names, ground, write=write))


def _url() -> str:
    database = settings.DATABASES["default"]
    return os.environ.get("DATABASE_URL") or f"postgresql:///{database['NAME']}?host={database['HOST']}"
