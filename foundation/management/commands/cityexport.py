"""``./cityhall export CODE``: the records of a type as CSV, with the columns that its import takes."""

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.export import write_csv
from foundation.imports import Import, Refused, get


class Command(BaseCommand):
    help = "匯出 CSV 檔 (export records as CSV, with the columns that the import takes)"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("code", help="what to export")
        parser.add_argument("--output", type=Path, help="file to write (default: standard output)")
        parser.add_argument(
            "--filter", action="append", default=[], metavar="NAME=VALUE", help="only records like this"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            declared = get(options["code"])
        except LookupError as problem:
            raise CommandError(str(problem)) from None
        if declared.export is None:
            raise CommandError(_("「%s」不提供匯出。") % declared.code)
        filters = _filters(declared, options["filter"])
        names = [column.name for column in declared.columns]
        with transaction.atomic():  # one moment of the database, and a server-side cursor
            rows = ([record.get(name) for name in names] for record in declared.export(filters))
            if options["output"]:
                with options["output"].open("w", encoding="utf-8", newline="") as file:
                    written = write_csv(file, names, rows)
            else:
                sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
                written = write_csv(sys.stdout, names, rows)
        self.stderr.write(_("已匯出 %s 筆") % written, str)


def _filters(declared: Import, texts: list[str]) -> dict[str, Any]:
    filters = {}
    for text in texts:
        name, _equals, value = text.partition("=")
        if name not in declared.filters:
            raise CommandError(
                _("不認識篩選條件「%(name)s」；可用的有：%(known)s")
                % {"name": name, "known": "、".join(declared.filters) or _("（無）")}
            )
        try:
            filters[name] = declared.filters[name](value)
        except (Refused, ValueError) as problem:
            raise CommandError(f"{name}：{problem}") from None
    return filters
