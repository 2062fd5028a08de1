"""Print the yearly results report to a file."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from annualreport.actions import chapter_html, chapter_pdf
from annualreport.registry import CHAPTERS
from figures.registry import Period
from foundation.printing import Unprintable


class Command(BaseCommand):
    help = "Print a chapter of a year's report as PDF or HTML."

    def add_arguments(self, parser) -> None:
        parser.add_argument("year", type=int, help="year of the Republic, e.g. 111")
        parser.add_argument("--chapter", type=int, default=5, choices=sorted(CHAPTERS))
        parser.add_argument("--format", choices=["pdf", "html"], default="pdf")
        parser.add_argument("--language", choices=["zh-hant", "en"], default="zh-hant")
        parser.add_argument("--output", type=Path, help="the file to write; by default in the present folder")

    def handle(self, *, year, chapter, format, language, output, **options) -> None:
        if not 1 <= year <= 300:
            raise CommandError("year: a year of the Republic, e.g. 111")
        output = output or Path(f"annual-report-{year}-{chapter}.{format}")
        started = time.monotonic()
        period = Period.year(year + 1911)
        with translation.override(language):
            try:
                content = (
                    chapter_pdf(CHAPTERS[chapter], period).read_bytes()
                    if format == "pdf"
                    else chapter_html(CHAPTERS[chapter], period).encode()
                )
            except Unprintable as problem:
                raise CommandError(str(problem)) from problem
        output.write_bytes(content)
        self.stdout.write(f"{output}  {len(content):,} bytes  {time.monotonic() - started:.1f} s")
