"""CSV for people who open it in a spreadsheet: streamed, in UTF-8 with the mark that Excel wants, and without formulas.

A cell that begins like a formula would be run by the spreadsheet of whoever opens the file (CSV injection). Such text
gets an apostrophe in front, which ``plain`` takes off again when the file is imported.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from foundation.clock import TAIPEI

BOM = "\ufeff"
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_GUARDED = re.compile(r"''*[=+\-@\t\r＝＋－＠]")
_ROWS_AT_ONCE = 500


def cell(value: Any) -> Any:
    """A value as it stands in a CSV file: no None, times in Taipei to the second, and no formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(TAIPEI).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def plain(text: str) -> str:
    """The text that ``cell`` was given.

    >>> plain(cell("=1+1")), plain(cell("'=1+1")), plain(cell("'t Hof"))
    ('=1+1', "'=1+1", "'t Hof")
    """
    return text[1:] if _GUARDED.match(text) else text


def csv_lines(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Pieces of a CSV file, some hundred rows each; the rows are taken from the iterator only as they are needed."""
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer)
    writer.writerow([cell(value) for value in header])
    for count, row in enumerate(rows, 1):
        writer.writerow([cell(value) for value in row])
        if count % _ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def csv_response(filename: str, header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """A download that streams. Give it rows of a server-side cursor: ``queryset.iterator(chunk_size=2000)``."""
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, filename)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def write_csv(file: IO[str], header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> int:
    """Write a CSV file; returns how many rows it has besides the header."""
    written = 0

    def counted() -> Iterator[Iterable[Any]]:
        nonlocal written
        for row in rows:
            written += 1
            yield row

    for piece in csv_lines(header, counted()):
        file.write(piece)
    return written
