"""The city's reports from the command line: build them, check them, compare their figures with another's file."""

import csv
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from annualreport.actions import checking
from annualreport.actions.documents import Document, document, parts_of, parts_of_kind, within
from annualreport.actions.printing import FORMATS, file_of
from annualreport.models import Report
from annualreport.registry import RESULTS, Kind, kinds
from figures.registry import Period
from foundation.printing import Unprintable


def period_of(kind: Kind, given: str) -> Period:
    """``111`` for a yearly report, ``111-08`` or ``2022-08`` for a monthly one. Raises CommandError."""
    try:
        year, _dash, month = given.partition("-")
        common = int(year) + 1911 if int(year) < 1000 else int(year)
        period = Period.month(common, int(month)) if month else Period.year(common)
    except ValueError as error:
        raise CommandError(f"period: a year of the Republic such as 111, or a month such as 111-08: {error}") from error
    if period.grain != kind.grain or not 1912 <= period.start.year < 3000:
        raise CommandError(f"{kind.code} is made for each {kind.grain}, not for {given}")
    return period


class Command(BaseCommand):
    help = "Build, check or compare a report: build results 111 --format odt | check 111 | compare 111 FILE.csv"

    def add_arguments(self, parser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        build = verbs.add_parser("build", help="write a report, or a chapter of it, to a file")
        build.add_argument("kind", choices=sorted(kinds()), help="a kind of report of the city pack")
        build.add_argument("period", help="111, or 111-08 for a monthly one")
        build.add_argument("--format", choices=sorted(FORMATS), default="pdf")
        build.add_argument("--chapter", default="", help="one chapter or section only, e.g. 5")
        build.add_argument("--language", choices=["zh-hant", "en"], default="zh-hant")
        build.add_argument("--output", type=Path, help="the file to write; by default in the present folder")
        check = verbs.add_parser("check", help="what stands between a report and its signature")
        check.add_argument("period")
        check.add_argument("--kind", choices=sorted(kinds()), default=RESULTS)
        compare = verbs.add_parser("compare", help="our figures beside those of a CSV file (columns figure, value...)")
        compare.add_argument("period")
        compare.add_argument("file", type=Path)
        compare.add_argument("--kind", choices=sorted(kinds()), default=RESULTS)

    def handle(self, *, verb, **options) -> None:
        getattr(self, f"_{verb}")(**options)

    def _build(self, *, kind, period, format, chapter, language, output, **options) -> None:
        found = kinds()[kind]
        wanted = period_of(found, period)
        output = output or Path(f"{kind}-{period}{f'-{chapter}' if chapter else ''}.{format}")
        started = time.monotonic()
        with translation.override(language):
            made = self._document(found, wanted, chapter)
            try:
                content = file_of(made, format, output.stem).read_bytes()
            except Unprintable as problem:
                raise CommandError(str(problem)) from problem
        output.write_bytes(content)
        self.stdout.write(f"{output}  {len(content):,} bytes  {time.monotonic() - started:.1f} s")

    def _document(self, kind: Kind, period: Period, chapter: str) -> Document:
        """The report as it stands if somebody has begun it, else with the pack's texts."""
        report = Report.objects.filter(kind_code=kind.code, period=period.code).first()
        parts = parts_of(report) if report else parts_of_kind(kind)
        parts = within(parts, chapter) if chapter else parts
        if not parts:
            raise CommandError(f"{kind.code} has no chapter {chapter!r}")
        return document(kind, period, parts)

    def _check(self, *, kind, period, **options) -> None:
        found = kinds()[kind]
        wanted = period_of(found, period)
        report = Report.objects.filter(kind_code=kind, period=wanted.code).first()
        listed = checking.findings(report) if report else checking.findings_of_kind(found, wanted)
        for sort, words, group in checking.by_sort(listed):
            self.stdout.write(f"{words} ({sort}): {len(group)}")
            for finding in group:
                self.stdout.write(f"  {finding.where}  {finding.text}")
        if stops := [finding for finding in listed if finding.sort in checking.STOPS]:
            raise CommandError(f"{len(stops)} to be settled before anybody signs", returncode=2)

    def _compare(self, *, kind, period, file, **options) -> None:
        wanted = period_of(kinds()[kind], period)
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                listed = checking.compare(csv.DictReader(lines), wanted)
        except (OSError, ValueError) as error:
            raise CommandError(f"{file}: {error}") from error
        for line in listed:
            self.stdout.write(f"{line.verdict:8} {line.code:50} {line.theirs:>16} {line.ours:>16}")
        counts = dict.fromkeys(("same", "differs", "manual", "no_desk", "empty"), 0)
        for line in listed:
            counts[line.verdict] += 1
        self.stdout.write("  ".join(f"{verdict} {count}" for verdict, count in counts.items()))
        if counts["differs"]:
            raise CommandError(f"{counts['differs']} figures differ", returncode=1)
