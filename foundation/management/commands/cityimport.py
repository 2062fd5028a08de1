"""``./cityhall import CODE FILE``: import a CSV file of any declared record type."""

import argparse
import getpass
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from foundation.imports import FileError, Import, Mapping, MappingError, Report, get, names, run
from foundation.imports.engine import BATCH

TOP_REASONS = 10


class Command(BaseCommand):
    help = "匯入 CSV 檔 (import a CSV file; without arguments: what can be imported)"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("code", nargs="?", help="what to import; without it all imports are listed")
        parser.add_argument("file", nargs="?", type=Path, help="CSV, also .gz; without it the columns are listed")
        parser.add_argument("--mapping", type=Path, help="TOML file that says which source column is what")
        parser.add_argument(
            "--dry-run", action="store_true", help="validate everything, write nothing but the rejects file"
        )
        parser.add_argument("--rejects", type=Path, help="where the lines not taken go (default: FILE.rejects.csv)")
        parser.add_argument("--batch", type=int, default=BATCH, help=f"lines in one transaction (default: {BATCH})")
        parser.add_argument("--resume", action="store_true", help="go on with a run of this file that was cut off")
        parser.add_argument("--actor", default="", help="who imports, for the record (default: the system's user)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["code"] is None:
            for code in names():
                self.stdout.write(f"{code:24} {get(code).label}")
            return
        try:
            declared = get(options["code"])
        except LookupError as problem:
            raise CommandError(str(problem)) from None
        if options["file"] is None:
            self.describe(declared)
            return
        if options["batch"] < 1:
            raise CommandError(_("--batch 應該大於 0"))
        progress = _Progress(self.stderr)
        try:
            mapping = Mapping.load(options["mapping"], declared) if options["mapping"] else None
            report = run(
                declared,
                options["file"],
                mapping=mapping,
                dry_run=options["dry_run"],
                rejects=options["rejects"],
                batch=options["batch"],
                resume=options["resume"],
                actor=options["actor"] or getpass.getuser(),
                progress=progress,
            )
        except (FileError, MappingError) as problem:
            raise CommandError(str(problem)) from None
        finally:
            progress.end()
        self.report(report)

    def describe(self, declared: Import) -> None:
        """The columns, one a line."""
        self.stdout.write(f"{declared.label} ({declared.code})")
        for column in declared.columns:
            mark = "*" if column.name in declared.key else "+" if column.required else " "
            self.stdout.write(f"  {mark} {column.name:24} {column.help}")
        self.stdout.write(_("* 識別來源資料的欄位（必填）　+ 必填"))

    def report(self, report: Report) -> None:
        """The totals, and what was wrong most often."""
        self.stdout.write(
            _(
                "%(what)s：讀取 %(read)s = 匯入 %(imported)s + 已存在 %(unchanged)s + 退回 %(rejected)s"
                "（%(seconds).1f 秒）"
            )
            % {
                "what": _("試匯入（未寫入資料）") if report.dry_run else _("匯入完成"),
                "read": report.read,
                "imported": report.imported,
                "unchanged": report.unchanged,
                "rejected": report.rejected,
                "seconds": report.seconds,
            }
        )
        if report.rejected:
            self.stdout.write(_("退回的資料與原因：%s") % report.rejects)
            for (column, reason), count in report.reasons.most_common(TOP_REASONS):
                self.stdout.write(f"  {count:>9}  {column}{'：' if column else ''}{reason}")


class _Progress:
    """Lines, lines a second and the time left, on one line of a terminal; elsewhere a line every ten seconds."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.terminal = sys.stderr.isatty()
        self.shown = 0.0
        self.first = 0

    def __call__(self, report: Report, share: float) -> None:
        now = time.monotonic()
        if self.shown == 0.0 and report.resumed_at:
            self.stream.write(_("接續上次中斷處（第 %s 行之後）") % report.resumed_at, str)
        if now - self.shown < (0.5 if self.terminal else 10) and share < 1:
            return
        self.shown = now
        left = report.seconds * (1 - share) / share if share else 0
        text = _("%(read)s 行，每秒 %(rate)s 行，退回 %(rejected)s，%(share)s%%，尚需約 %(left)s 秒") % {
            "read": f"{report.read:,}",
            "rate": f"{(report.read - report.read_before) / max(report.seconds, 0.001):,.0f}",
            "rejected": f"{report.rejected:,}",
            "share": f"{share * 100:.0f}",
            "left": f"{left:.0f}",
        }
        self.stream.write(f"\r\033[K{text}" if self.terminal else text, str, "" if self.terminal else "\n")

    def end(self) -> None:
        """Leave the progress line."""
        if self.terminal and self.shown:
            self.stream.write("", str)
