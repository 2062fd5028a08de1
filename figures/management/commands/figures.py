"""`./cityhall figures ...`: rebuild, refresh, freeze, show, doc."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from figures import actions, queries, reference
from figures.models import Touched
from figures.registry import Counted, Period, registry


def a_period(text: str) -> Period:
    """A period as typed on the command line."""
    try:
        return Period.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    help = "Count the city's figures, close periods, print values."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        rebuild = verbs.add_parser("rebuild", help="count everything anew, or one year")
        rebuild.add_argument("--year", type=int, help="a year of the common era: 2022")
        rebuild.add_argument("--reason", default="", help="why, as it is to stand beside corrections of closed periods")
        verbs.add_parser("refresh", help="count the days that have changed (the worker does it every ten seconds)")
        freeze = verbs.add_parser("freeze", help="close a month or a year; it cannot be opened again")
        freeze.add_argument("period", type=a_period, metavar="YEAR[-MM]")
        show = verbs.add_parser("show", help="print the value of a figure")
        show.add_argument("code", help="such as servicerequests.petitions")
        show.add_argument("period", type=a_period, metavar="YEAR[-MM[-DD]]")
        doc = verbs.add_parser("doc", help="write docs/figures.md, or check that it is current")
        doc.add_argument("file", nargs="?", type=Path, default=Path("docs/figures.md"))
        doc.add_argument("--check", action="store_true", help="end with an error if the file is not current")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        getattr(self, f"_{verb}")(**options)

    def _rebuild(self, year: int | None, reason: str, **options: Any) -> None:
        def progress(figure: Counted) -> None:
            self.stdout.write(f"  {figure.code}")

        self.stdout.write(f"{actions.rebuild(year, reason, progress):,} observations stored.")

    def _refresh(self, **options: Any) -> None:
        self.stdout.write(f"{actions.drain():,} days counted anew.")
        if waiting := Touched.objects.count():
            self.stdout.write(f"{waiting:,} marks wait: somebody else is counting.")

    def _freeze(self, period: Period, **options: Any) -> None:
        try:
            freeze = actions.freeze(period)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"{period} is closed with {len(freeze.figures)} figures.")

    def _show(self, code: str, period: Period, **options: Any) -> None:
        try:
            reading = queries.value(code, period)
        except LookupError as error:
            raise CommandError(
                f"{error.args[0]}. There are: {', '.join(f.code for f in registry.figures())}"
            ) from error
        self.stdout.write(f"{reading.text} {reading.unit}" if reading.value is not None else reading.text)

    def _doc(self, file: Path, check: bool, **options: Any) -> None:
        text = reference.markdown()
        if not check:
            file.write_text(text, encoding="utf-8")
            self.stdout.write(f"{file} written: {len(registry.figures())} figures.")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            raise CommandError(f"{file} is not current: run `./cityhall figures doc`.")
