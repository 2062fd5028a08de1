"""The rejects file: the lines that were not taken, as they stood, with what is wrong with each.

It has the columns of the source, so that it can be corrected in a spreadsheet and imported in its turn; the columns
that begin with ``reject_`` are passed over then.
"""

import csv
import io
import os
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from foundation.export import BOM, cell
from foundation.imports.lines import Problem
from foundation.imports.reader import REJECT_PREFIX, FileError, Line

COLUMNS = [REJECT_PREFIX + name for name in ("line", "column", "reason", "surplus")]


class Rejects:
    """The rejects file of one run. ``flush`` before each commit gives the length that the run's record keeps."""

    def __init__(self, path: Path, header: list[str], resume_at: int = 0) -> None:
        self.path = path
        # When a rejects file comes back, its old remarks are not carried along.
        self._places = [index for index, name in enumerate(header) if not name.startswith(REJECT_PREFIX)]
        self._width = len(header)
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer)
        try:
            self._file: IO[bytes] = path.open("r+b" if resume_at else "wb")
        except OSError as problem:
            raise FileError(
                _("無法寫入退回檔 %(path)s：%(problem)s。請以 --rejects 指定其他位置。")
                % {"path": path, "problem": problem.strerror}
            ) from None
        if resume_at:
            if self._file.seek(0, os.SEEK_END) < resume_at:
                self._file.close()
                raise FileError(_("退回檔 %s 已不完整，無法接續；請不要加 --resume，從頭再匯入一次。") % path)
            self._file.truncate(resume_at)
            self._file.seek(resume_at)
        else:
            self._buffer.write(BOM)
            self._writer.writerow([*(header[place] for place in self._places), *COLUMNS])

    def add(self, line: Line, problems: list[Problem]) -> None:
        """Write one refused line. Several problems stand in one row, parted by ；."""
        cells = [line.cells[place] if place < len(line.cells) else "" for place in self._places]
        surplus = io.StringIO()
        if len(line.cells) > self._width:
            csv.writer(surplus, lineterminator="").writerow(line.cells[self._width :])
        if len(problems) == 1:
            reason = problems[0].reason
        else:
            reason = "；".join(f"{each.column}：{each.reason}" if each.column else each.reason for each in problems)
        columns = "、".join(dict.fromkeys(each.column for each in problems if each.column))
        self._writer.writerow([*map(cell, cells), line.number, columns, cell(reason), cell(surplus.getvalue())])

    def flush(self) -> int:
        """Bring what was added to the disk; returns the file's length in bytes."""
        self._file.write(self._buffer.getvalue().encode())
        self._buffer.seek(0)
        self._buffer.truncate()
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self, keep_bytes: int) -> None:
        """Close the file cut back to a length that ``flush`` gave; 0 takes it away."""
        if keep_bytes:
            self._file.truncate(keep_bytes)
        self._file.close()
        if not keep_bytes:
            self.path.unlink(missing_ok=True)
