"""`./cityhall figures ...`: list, show, explain, compute, check, export, forecast; rebuild, refresh, freeze; doc."""

import difflib
from argparse import ArgumentTypeError
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlparse
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from figures import actions, forecasts, provenance, queries, reference, sql
from figures.models import Finding, Touched
from figures.registry import DAY, MONTH, Counted, Figure, Period, registry
from figures.versions import version_of
from foundation import parquet
from foundation.export import write_csv


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
        every = verbs.add_parser("list", help="print every figure: code, kind, periods, owner, label")
        every.add_argument("words", nargs="*", help="only figures with these words in code, label or definition")
        explain = verbs.add_parser("explain", help="print what a figure means, its query, and what is behind a value")
        explain.add_argument("code")
        explain.add_argument("period", type=a_period, metavar="YEAR[-MM[-DD]]", nargs="?")
        compute = verbs.add_parser("compute", help="count a value from its records now, beside the one that is stored")
        compute.add_argument("code")
        compute.add_argument("period", type=a_period, metavar="YEAR[-MM[-DD]]")
        check = verbs.add_parser("check", help="check values: range, jump, sums, late data; ends with an error if any")
        check.add_argument("--year", type=int, action="append", help="a year of the common era; several are allowed")
        export = verbs.add_parser("export", help="write values with their provenance as CSV or Parquet")
        export.add_argument("file", type=Path, help="- for the standard output (CSV)")
        export.add_argument(
            "--format", choices=["csv", "parquet"], help="default: what the file's name ends in, or csv"
        )
        export.add_argument("--year", type=int, required=True, help="a year of the common era, with its months")
        export.add_argument("--by", default="", metavar="DIMENSION", help="broken down by one dimension")
        export.add_argument("--figure", action="append", metavar="CODE", help="only these; several are allowed")
        rebuild = verbs.add_parser("rebuild", help="count everything anew, or one year")
        rebuild.add_argument("--year", type=int, help="a year of the common era: 2022")
        rebuild.add_argument("--reason", default="", help="why, as it is to stand beside corrections of closed periods")
        verbs.add_parser("refresh", help="count the days that have changed (the worker does it every ten seconds)")
        freeze = verbs.add_parser("freeze", help="close a month or a year; it cannot be opened again")
        freeze.add_argument("period", type=a_period, metavar="YEAR[-MM]")
        show = verbs.add_parser("show", help="print the value of a figure")
        show.add_argument("code", help="such as servicerequests.petitions")
        show.add_argument("period", type=a_period, metavar="YEAR[-MM[-DD]]")
        ahead = verbs.add_parser("forecast", help="print what a figure is likely to come to, and how sure that is")
        ahead.add_argument("code")
        ahead.add_argument("--by", choices=[DAY, MONTH], help="days or months (default: days where there are some)")
        ahead.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="as if it were the evening of then")
        doc = verbs.add_parser("doc", help="write docs/figures.md, or check that it is current")
        doc.add_argument("file", nargs="?", type=Path, default=Path("docs/figures.md"))
        doc.add_argument("--check", action="store_true", help="end with an error if the file is not current")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        getattr(self, f"_{verb}")(**options)

    def _list(self, words: list[str], **options: Any) -> None:
        for figure in registry.figures():
            text = f"{figure.code} {figure.label} {figure.definition}".casefold()
            if all(word.casefold() in text for word in words):
                grains = ",".join(registry.grains_of(figure))
                owner = registry.owner_of(figure) or "-"
                self.stdout.write(f"{figure.code:<48} {figure.kind:<7} {grains:<15} {owner:<10} {figure.label}")

    def _explain(self, code: str, period: Period | None, **options: Any) -> None:
        figure = self._figure(code)
        facts = {
            "definition": figure.definition, "how": figure.how, "kind": figure.kind, "unit": figure.unit,
            "owner": registry.owner_of(figure), "chapter": registry.chapter_of(figure), "law": figure.law,
            "source": figure.source, "periods": ", ".join(registry.grains_of(figure)),
            "dimensions": ", ".join(dimension.code for dimension in registry.dimensions_of(figure)),
            "computed from": ", ".join(figure.parts), "version": version_of(figure),
        }  # fmt: skip
        self.stdout.write(f"{figure.code}  {figure.label}")
        for name, text in facts.items():
            if str(text):
                self.stdout.write(f"  {name:<14} {text}")
        if period:
            self._behind(figure, period)

    def _behind(self, figure: Figure, period: Period) -> None:
        """The counts behind a value, and the query that gives it."""
        self.stdout.write(f"\n{period}")
        (line,) = self._lines([figure], period)
        marks = [word for word in ("manual", "frozen", "corrected") if getattr(line, f"is_{word}")]
        self._value("value", line.value, str(figure.unit), *marks)
        self._value("computed at", line.computed_at or "when read", f"by version {line.definition}")
        if line.evidence:
            self._value("evidence", line.evidence)
        for part in figure.parts:
            (behind,) = self._lines([registry.figure(part)], period)
            self._value(part, behind.value, behind.unit_zh)
        if isinstance(figure, Counted):
            self._value("records", f"{queries.records(figure.code, period).count():,}")
            shown = sqlparse.format(sql.shown(figure, period), reindent=True, keyword_case="upper", wrap_after=100)
            self.stdout.write(f"\n{shown}")
        for grain in forecasts.grains(figure):
            if found := forecasts.forecast(figure.code, grain, period.end):
                self.stdout.write("")
                self._outlook(found)

    def _lines(self, figures: list[Figure], period: Period) -> list[provenance.Line]:
        lines = list(provenance.lines(figures, [period]))
        if not lines:
            raise CommandError(f"{figures[0].code} has no values for {period}")
        return lines

    def _value(self, name: str, value: Any, *more: str) -> None:
        text = f"{value:,}" if isinstance(value, Decimal) else "-" if value is None else str(value)
        self.stdout.write(f"  {name:<14} {' '.join([text, *more])}")

    def _figure(self, code: str) -> Figure:
        try:
            return registry.figure(code)
        except LookupError:
            near = difflib.get_close_matches(code, [figure.code for figure in registry.figures()], 3, 0.4)
            raise CommandError(f"there is no figure {code}; is it {' or '.join(near) or 'another'}?") from None

    def _compute(self, code: str, period: Period, **options: Any) -> None:
        self._figure(code)
        try:
            stored, counted = queries.value(code, period).now, queries.recount(code, period)
        except LookupError as error:
            raise CommandError(str(error.args[0])) from error
        if stored.is_typed:
            self.stdout.write(f"entered {stored.text} {stored.unit}; nothing is counted of {period}")
            return
        self.stdout.write(f"counted {counted.text} {counted.unit}; stored {stored.text} {stored.unit}")
        if counted.current != stored.current:
            raise CommandError("they differ: days are marked and wait, or `./cityhall figures rebuild` is due")

    def _check(self, year: list[int] | None, **options: Any) -> None:
        if actions.check(year):
            for finding in Finding.objects.still_there():
                detail = " ".join(f"{name}={value}" for name, value in finding.detail.items() if value)
                self.stdout.write(f"{finding.kind:<6} {finding.subject:<48} {finding.of_period!s:<8} {detail}".rstrip())
            raise CommandError("something is to be looked at")
        self.stdout.write("Nothing is out of range, jumps, does not add up or is late.")

    def _export(
        self, file: Path, year: int, by: str, figure: list[str] | None, format: str | None, **options: Any
    ) -> None:
        if by and by not in {dimension.code for dimension in registry.dimensions()}:
            raise CommandError(
                f"there is no dimension {by}; there are: {', '.join(d.code for d in registry.dimensions())}"
            )
        figures = [self._figure(code) for code in figure] if figure else registry.figures()
        lines = provenance.lines(figures, provenance.year_and_months(year), by)
        rows = map(provenance.exact, lines)
        if format == "parquet" or (format is None and file.suffix == ".parquet"):
            if str(file) == "-":
                raise CommandError("Parquet is written to a file: name one")
            written = parquet.write(file, provenance.TYPED, rows)
            self.stdout.write(f"{file} written: {written:,} values.")
            return
        if str(file) == "-":
            write_csv(self.stdout, provenance.COLUMNS, rows)  # type: ignore[arg-type]
            return
        with file.open("w", encoding="utf-8", newline="") as out:
            written = write_csv(out, provenance.COLUMNS, rows)
        self.stdout.write(f"{file} written: {written:,} values.")

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
        self._figure(code)
        try:
            reading = queries.value(code, period)
        except LookupError as error:
            raise CommandError(str(error.args[0])) from error
        self.stdout.write(f"{reading.text} {reading.unit}" if reading.value is not None else reading.text)

    def _forecast(self, code: str, by: str | None, until: date | None, **options: Any) -> None:
        figure = self._figure(code)
        grains = [by] if by else forecasts.grains(figure)
        try:
            found = next(filter(None, (forecasts.forecast(code, grain, until) for grain in grains)), None)
        except LookupError as error:
            raise CommandError(str(error.args[0])) from error
        if found is None:
            least = ", ".join(f"{forecasts.LEAST[grain]} {grain}s" for grain in grains) or "a figure that changes"
            raise CommandError(f"too little is known of {code} for a forecast: it takes {least} without a gap")
        self._outlook(found)

    def _outlook(self, found: forecasts.Forecast) -> None:
        self.stdout.write(
            f"forecast from {found.known[0]} to {found.until}: {found.method}, {found.error} of the naive error (MASE) "
            f"in {found.tried:,} trials"
        )
        for each in found.points:
            span = f"80 %: {each.low:,} to {each.high:,}"
            self._value(str(each.period), each.value, str(found.figure.unit), span)

    def _doc(self, file: Path, check: bool, **options: Any) -> None:
        text = reference.markdown()
        if not check:
            file.write_text(text, encoding="utf-8")
            self.stdout.write(f"{file} written: {len(registry.figures())} figures.")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            raise CommandError(f"{file} is not current: run `./cityhall figures doc`.")
