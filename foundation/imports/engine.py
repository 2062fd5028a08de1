"""The run of an import: read, validate, write in batches, and count so that it always adds up.

Each batch is one transaction that also moves the ``ImportRun`` on, so that after a crash the record says exactly what
is in the database. Started again, the run either goes on where it stopped (``resume``) or reads the file from the start
and finds what it wrote unchanged.

While the database writes one batch, a thread reads and validates the next. All writing stays in the caller's thread.
"""

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.db import DatabaseError, DataError, IntegrityError, connection, connections, transaction
from django.utils.translation import gettext as _

from foundation import clock
from foundation.imports.lines import LineParser, Problem
from foundation.imports.mapping import Mapping
from foundation.imports.reader import FileError, Line, Source, sha256_of
from foundation.imports.registry import Import, Key, Record
from foundation.imports.rejects import Rejects
from foundation.models import ImportRun

BATCH = 5_000
type Progress = Callable[["Report", float], None]


@dataclass
class Report:
    """What came of a run so far. ``reasons`` counts the problems found by (column, reason without its values)."""

    code: str
    dry_run: bool
    rejects: Path
    read: int = 0
    imported: int = 0
    unchanged: int = 0
    rejected: int = 0
    last_line: int = 1
    started: float = field(default_factory=time.monotonic)
    resumed_at: int = 0  # the last line of the run before, and how many it had read
    read_before: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self.started


def run(
    declared: Import,
    path: Path,
    *,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    batch: int = BATCH,
    resume: bool = False,
    actor: str = "",
    progress: Progress | None = None,
) -> Report:
    """Import a file. With ``dry_run`` every line is validated and nothing is written but the rejects file.

    ``resume`` goes on with a run of the same file and mapping that was cut off, if there is one. ``progress`` is called
    after each batch with the report and the share of the file read (0 to 1). Raises FileError for a file that cannot be
    read at all, or if the same import is running already; what was committed until then stays, and is recorded.
    """
    mapping = mapping or Mapping.of_names(declared)
    suffix = ".dry-run.rejects.csv" if dry_run else ".rejects.csv"
    report = Report(declared.code, dry_run, rejects or path.with_name(path.name + suffix))
    with _alone(declared.code), Source(path, mapping) as source:
        context = declared.begin()
        parser = LineParser(declared, mapping, source.header, context)
        if dry_run:
            target: _Target = _DryRun(declared, report)
        else:
            target = _Database(declared, report, context, _record(declared, path, mapping, actor, resume))
        report.resumed_at, report.read_before = target.last_line, report.read
        refused = Rejects(report.rejects, source.header, target.rejects_bytes)
        try:
            if target.last_line > 1:
                with Source(path, mapping) as earlier:
                    target.remember(earlier.lines(), parser)
            with closing(_read_ahead(source, parser, target.last_line, batch)) as chunks:
                for chunk in chunks:
                    target.take(chunk, refused)
                    if progress:
                        progress(report, chunk.share)
            target.finish()
        except BaseException as problem:
            refused.close(keep_bytes=target.rejects_bytes)
            target.fail(problem)
            raise
        refused.close(keep_bytes=target.rejects_bytes if report.rejected else 0)
    return report


class _Chunk(NamedTuple):
    """Lines with their records, or with what is wrong with them; ``share`` of the file is read with them (0 to 1)."""

    lines: list[Line]
    parsed: list[tuple[Record | None, list[Problem]]]
    share: float


type Refusals = list[tuple[Line, list[Problem]]]


class _New(NamedTuple):
    """Records to be written: ``whole`` ones, and those of which something is not taken, with the problems that say so
    and are among the refusals already."""

    whole: list[tuple[Line, Record]]
    in_part: list[tuple[Line, Record, list[Problem]]]


def _read_ahead(source: Source, parser: LineParser, after: int, batch: int) -> Generator[_Chunk]:
    """The chunks behind a line, each made in a thread while the caller is busy with the one before.

    What goes wrong in the thread is raised here, when its turn has come: the chunks before it have been taken by then.
    """
    lines = source.lines(after)

    def make() -> _Chunk:
        chunk = list(islice(lines, batch))
        return _Chunk(chunk, list(map(parser.record, chunk)), source.position / source.size if source.size else 1)

    with ThreadPoolExecutor(1, "import") as thread:

        def coming() -> Future[_Chunk]:
            return thread.submit(copy_context().run, make)  # the context holds the language of the reasons

        following = coming()
        try:
            while (chunk := following.result()).lines:
                following = coming()
                yield chunk
        finally:
            thread.submit(connections.close_all)  # a look-up in a check may have opened one


@contextmanager
def _alone(code: str) -> Iterator[None]:
    """One run of an import at a time; a lock of the session, which the database takes back if the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('import'), hashtext(%s))", [code])
        if not cursor.fetchone()[0]:
            raise FileError(_("「%s」的匯入正在進行中，請等它結束。") % code)
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # a session that broke has lost its locks
            cursor.execute("SELECT pg_advisory_unlock(hashtext('import'), hashtext(%s))", [code])


def _record(declared: Import, path: Path, mapping: Mapping, actor: str, resume: bool) -> ImportRun:
    hashes = {"sha256": sha256_of(path), "mapping_sha256": mapping.sha256}
    if resume:
        cut_off = ImportRun.objects.filter(code=declared.code, **hashes).order_by("-started", "-pk").first()
        if cut_off is not None and cut_off.state != ImportRun.State.DONE:
            return cut_off
    return ImportRun.objects.create(code=declared.code, file_name=path.name[-255:], actor=actor, **hashes)


class _Target:
    """Where validated lines go. ``take`` accounts for each line of its chunk."""

    last_line = 0
    rejects_bytes = 0  # the length of the rejects file that goes with what is committed

    def __init__(self, declared: Import, report: Report) -> None:
        self.declared, self.report = declared, report
        self.first: dict[int, int] = {}  # where the file has a key first; hashes, to keep millions of them small

    def remember(self, lines: Iterator[Line], parser: LineParser) -> None:
        """Note the keys of what an earlier run took, so that a line which repeats one of them is known as such."""
        for line in lines:
            if line.last > self.last_line:
                return
            record, _problems = parser.record(line)
            if record is not None:
                self.first.setdefault(hash(self.declared.key_of(record)), line.number)

    def take(self, chunk: _Chunk, refused: Rejects) -> None:
        raise NotImplementedError

    def finish(self) -> None: ...

    def fail(self, problem: BaseException) -> None: ...

    def new_records(self, chunk: _Chunk, refusals: Refusals) -> _New:
        """The records that the database does not have yet. Lines without a record, and those that repeat an earlier
        line of the file, join the refusals: which of two is right, only people can tell."""
        records: dict[Key, tuple[Line, Record]] = {}
        for line, (record, problems) in zip(chunk.lines, chunk.parsed, strict=True):
            if record is None:
                refusals.append((line, problems))
                continue
            key = self.declared.key_of(record)
            first = self.first.setdefault(hash(key), line.number)
            if first == line.number:
                records[key] = line, record
            else:
                kind = _("與檔案前面的另一列是同一筆")
                refusals.append((line, [Problem("", _("與第 %s 列是同一筆，只收那一列") % first, kind)]))
        objected: dict[Key, list[Problem]] = {}
        if records:
            with transaction.atomic(), connection.cursor() as cursor:
                known = {key: record for key, (_line, record) in records.items()}
                if self.declared.objections:
                    for key, why in self.declared.objections(known, cursor).items():
                        objected[key] = [Problem(each.column, str(each), each.kind) for each in why]
                        refusals.append((records[key][0], objected[key]))
                for key in self.declared.existing(known, cursor):
                    records.pop(key, None)
        return _New(
            [each for key, each in records.items() if key not in objected],
            [(*each, objected[key]) for key, each in records.items() if key in objected],
        )

    def count(
        self,
        lines: list[Line],
        imported: int,
        refusals: Refusals,
        refused: Rejects,
    ) -> None:
        """Write the refused lines in the order of the file, and move the totals on."""
        for line, problems in sorted(refusals):
            refused.add(line, problems)
            self.report.reasons.update({(each.column, each.kind) for each in problems})
        self.report.read += len(lines)
        self.report.rejected += len(refusals)
        self.report.imported += imported
        self.report.unchanged += len(lines) - len(refusals) - imported
        self.report.last_line = lines[-1].last


class _DryRun(_Target):
    """Validates, and asks the database what it has."""

    def take(self, chunk: _Chunk, refused: Rejects) -> None:
        refusals: Refusals = []
        self.count(chunk.lines, len(self.new_records(chunk, refusals).whole), refusals, refused)
        self.rejects_bytes = refused.flush()


class _Database(_Target):
    """Writes each batch in one transaction, together with how far the run got."""

    def __init__(self, declared: Import, report: Report, context: Any, record: ImportRun) -> None:
        super().__init__(declared, report)
        self.context, self.record = context, record
        self.last_line, self.rejects_bytes = record.last_line, record.rejects_bytes
        for name in ("read", "imported", "unchanged", "rejected"):
            setattr(report, name, getattr(record, name))
        record.state, record.problem = ImportRun.State.RUNNING, ""
        record.save(update_fields=["state", "problem"])

    def take(self, chunk: _Chunk, refused: Rejects) -> None:
        refusals: Refusals = []
        with transaction.atomic():
            new = self.new_records(chunk, refusals)
            with connection.cursor() as cursor:
                imported = self._write(new.whole, cursor, refusals)
                for line, record, problems in new.in_part:  # few: each alone, so that its line is refused but once
                    more: Refusals = []
                    self._write([(line, record)], cursor, more)
                    problems.extend(problem for _line, found in more for problem in found)
            self.count(chunk.lines, imported, refusals, refused)
            self._move_on(refused.flush())
        self.rejects_bytes = self.record.rejects_bytes

    def _write(self, rows: list[tuple[Line, Record]], cursor: Any, refusals: Refusals) -> int:
        """Write records; those that the database refuses are found by halving, and rejected with what it says."""
        if not rows:
            return 0
        try:
            with transaction.atomic():
                written = self.declared.write([record for _line, record in rows], cursor, self.context)
        except (IntegrityError, DataError) as problem:
            if len(rows) == 1:
                refusals.append((rows[0][0], [_refused_by_database(problem)]))
                return 0
            half = len(rows) // 2
            return self._write(rows[:half], cursor, refusals) + self._write(rows[half:], cursor, refusals)
        if written is None:
            return len(rows)
        if not 0 <= written <= len(rows):
            raise ValueError(f"{self.declared.code}: write() was given {len(rows)} records and says it wrote {written}")
        return written

    def _move_on(self, rejects_bytes: int) -> None:
        for name in ("read", "imported", "unchanged", "rejected", "last_line"):
            setattr(self.record, name, getattr(self.report, name))
        self.record.rejects_bytes = rejects_bytes
        self.record.save()

    def finish(self) -> None:
        self.record.state, self.record.finished = ImportRun.State.DONE, clock.now()
        self.record.save(update_fields=["state", "finished"])

    def fail(self, problem: BaseException) -> None:
        if connection.connection is None or connection.connection.closed:
            return  # the run stays as running; whoever starts it again finds it
        ImportRun.objects.filter(pk=self.record.pk).update(
            state=ImportRun.State.FAILED, finished=clock.now(), problem=f"{type(problem).__name__}: {problem}"[:2000]
        )


def _refused_by_database(problem: Exception) -> Problem:
    cause = problem.__cause__
    diagnosis = getattr(cause, "diag", None)
    words = getattr(diagnosis, "message_primary", None) or str(problem)
    column = getattr(diagnosis, "column_name", None) or ""
    constraint = getattr(diagnosis, "constraint_name", None)
    kind = _("資料庫拒絕：%s") % (constraint or words)
    return Problem(column, _("資料庫拒絕：%s") % words, kind)
