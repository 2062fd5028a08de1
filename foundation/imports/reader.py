"""CSV read line by line: whatever is wrong with a line stays with that line.

The csv module alone would let one quotation mark that is never closed swallow the rest of the file as one field, and
one wrong byte end the run. Here such a line is handed on as damaged, and reading goes on with the next.
"""

import codecs
import csv
import gzip
import hashlib
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from foundation.imports.mapping import Mapping

MAX_LINE = 1024 * 1024  # bytes; a longer line is not read into memory
MAX_FIELD = 131_072  # characters: the csv module's own limit, which it keeps for the whole process
REJECT_PREFIX = "reject_"  # columns of our own rejects file, passed over when it comes back corrected
_SAMPLE = 256 * 1024


class FileError(Exception):
    """A file that cannot be imported at all; the message says why and what to do."""


class Line(NamedTuple):
    """One record of the file: its first and last line (the header is line 1), its cells, and what is wrong with it."""

    number: int
    last: int
    cells: list[str]
    problem: str = ""


class Source:
    """An open CSV file, plain or .gz; a context manager. ``header`` is read on entry, ``lines()`` gives the rest."""

    def __init__(self, path: Path, mapping: Mapping) -> None:
        self.path, self.mapping = path, mapping
        self.header: list[str] = []
        self._number = 0  # the last line that was read

    def __enter__(self) -> "Source":
        try:
            self._raw: IO[bytes] = self.path.open("rb")
        except OSError as problem:
            raise FileError(
                _("無法讀取 %(path)s：%(problem)s") % {"path": self.path, "problem": problem.strerror}
            ) from None
        try:
            self.size = self.path.stat().st_size
            self._file: IO[bytes] = gzip.open(self._raw) if self._raw.peek(2)[:2] == b"\x1f\x8b" else self._raw  # type: ignore[assignment]
            self._check_encoding()
            self._read_header()
        except BaseException:
            self._raw.close()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self._raw.close()

    @property
    def position(self) -> int:
        """How many bytes of the file on disk have been read, for the progress display."""
        return self._raw.tell()

    def lines(self, after: int = 0) -> Iterator[Line]:
        """The records that begin after a line number. Lines without any text are passed over."""
        while self._number < after and self._next_line() is not None:
            pass
        return self._records()

    # --- Bytes to lines -----------------------------------------------------------------------------------------------

    def _check_encoding(self) -> None:
        try:
            sample = self._file.read(_SAMPLE)
            self._file.seek(0)
        except (OSError, EOFError, zlib.error) as problem:
            raise FileError(_("壓縮檔已損壞：%s") % problem) from None
        if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise FileError(_("檔案是 UTF-16 編碼。請在試算表另存為「CSV UTF-8」後再匯入。"))
        self._refuse_other_encoding(sample)
        if sample.startswith(codecs.BOM_UTF8):
            self._file.read(len(codecs.BOM_UTF8))

    def _refuse_other_encoding(self, sample: bytes) -> None:
        """A few wrong bytes are a matter of their lines; a file of another encoding is wrong all over."""
        encoding, at_end = self.mapping.encoding, len(sample) < _SAMPLE
        if _decodes(sample, encoding, at_end):
            return
        lines = sample.splitlines()
        wrong = sum(not _decodes(line, encoding, True) for line in lines)
        telling = sum(not line.isascii() for line in lines)
        if encoding == "utf-8" and wrong * 2 > telling and _decodes(sample, "cp950", at_end):
            raise FileError(
                _(
                    "檔案不是 UTF-8，看起來是 Big5（CP950）。"
                    '請在對照檔寫上 encoding = "cp950"，或另存為「CSV UTF-8」後再匯入。'
                )
            )
        if wrong * 2 > len(lines):
            message = _("檔案無法以 %s 編碼讀取。請確認編碼，並寫在對照檔的 encoding。")
            raise FileError(message % encoding)

    def _next_line(self) -> tuple[str, str] | None:
        """The next line as (text, what is wrong with it), or None at the end."""
        raw = self._read_line()
        if not raw:
            return None
        self._number += 1
        problem = ""
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            while (rest := self._read_line()) and not rest.endswith(b"\n"):
                pass
            raw, problem = raw[:1000], _("這一行太長（超過 %s 個位元組）") % f"{MAX_LINE:,}"
        try:
            text = raw.decode(self.mapping.encoding)
        except UnicodeDecodeError:
            text = raw.decode(self.mapping.encoding, "backslashreplace")
            problem = problem or _("含有無法以 %s 解讀的位元組") % self.mapping.encoding
        if "\0" in text:
            text = text.replace("\0", "\\x00")
            problem = problem or _("含有 NUL 字元")
        return text, problem

    def _read_line(self) -> bytes:
        try:
            return self._file.readline(MAX_LINE)
        except (OSError, EOFError, zlib.error) as problem:
            raise FileError(
                _("讀到第 %(line)s 行之後失敗：%(problem)s") % {"line": self._number, "problem": problem}
            ) from None

    # --- Lines to records ---------------------------------------------------------------------------------------------

    def _read_header(self) -> None:
        for line in self._records():
            if line.problem:
                raise FileError(_("第一行應該是欄位名稱：%s") % line.problem)
            self.header = [name.strip() for name in line.cells]
            break
        if not any(self.header):
            raise FileError(_("檔案是空的，連欄位名稱都沒有。"))
        seen: set[str] = set()
        used = {name for names in self.mapping.columns.values() for name in names} | {self.mapping.join_extra}
        used |= {name for fingerprint in self.mapping.fingerprints.values() for name in fingerprint.of}
        for name in self.header:
            if name in seen and name in used:
                raise FileError(_("欄位名稱「%s」出現兩次，無法確定是哪一欄。") % name)
            seen.add(name)

    def _records(self) -> Iterator[Line]:
        """Records one by one. A record may span lines; one whose quotation never ends is cut after its first line."""
        waiting: deque[tuple[int, str, str]] = deque()  # lines given back by a record that was cut
        taken: list[tuple[int, str, str]] = []  # the lines of the record that is being read

        def feed() -> Iterator[str]:
            while True:
                if waiting:
                    line = waiting.popleft()
                else:
                    found = self._next_line()
                    if found is None:
                        return
                    line = (self._number, *found)
                taken.append(line)
                yield line[1]

        reader = csv.reader(feed(), delimiter=self.mapping.delimiter, strict=True)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                number, text, own_problem = taken[0]
                waiting.extendleft(reversed(taken[1:]))
                taken.clear()
                reader = csv.reader(feed(), delimiter=self.mapping.delimiter, strict=True)
                cells = text.rstrip("\r\n")[:1000].split(self.mapping.delimiter)
                yield Line(number, number, cells, own_problem or _explained(error))
                continue
            problem = next((problem for _number, _text, problem in taken if problem), "")
            if cells:
                yield Line(taken[0][0], taken[-1][0], cells, problem)
            taken.clear()


def _explained(problem: csv.Error) -> str:
    text = str(problem)
    if "field larger" in text:
        return _("有一欄太長（超過 %s 個字），或引號沒有結束") % f"{MAX_FIELD:,}"
    if "unexpected end of data" in text:
        return _("引號沒有結束")
    if "expected after" in text:
        return _("結束的引號後面還有文字；欄位裡的引號要寫兩次")
    return _("不是正確的 CSV：%s") % text


def _decodes(data: bytes, encoding: str, at_end: bool) -> bool:
    """Whether the bytes are of an encoding; unless they are all there is, a character cut off at their end is none."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, at_end)
    except UnicodeDecodeError:
        return False
    return True


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes. Raises FileError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise FileError(_("無法讀取 %(path)s：%(problem)s") % {"path": path, "problem": problem.strerror}) from None
