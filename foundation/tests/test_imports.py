"""The engine, with a record type of its own on the real database."""

import csv
import gzip
import io
import time
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.imports import FileError, Import, Mapping, register, run
from foundation.imports import registry as registry_module
from foundation.imports.engine import _alone
from foundation.models import ImportRun
from foundation.tests.sample_import import SAMPLE, TABLE, start_import

HEADER = "source,number,kind,district,address,lon,lat,received_at,done_at,urgent,cost,people,note"


def line(serial: object = 1, /, **changes: str) -> str:
    """One good line, or one with some cells changed."""
    cells = {
        "source": "open1999", "number": f"INS{serial}", "kind": "坑洞", "district": "苓雅區", "address": "四維三路2號",
        "lon": "120.312", "lat": "22.620", "received_at": "2022-03-05 14:30:00", "done_at": "2022-03-05 17:00",
        "urgent": "是", "cost": "1,200.50", "people": "3", "note": "路面坑洞",
    }  # fmt: skip
    return ",".join(f'"{value}"' if "," in value else value for value in {**cells, **changes}.values())


@pytest.fixture
def table(db):
    with connection.cursor() as cursor:
        cursor.execute(TABLE)


@pytest.fixture
def committed_table(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE import_sample")


@pytest.fixture
def sample():
    register(SAMPLE)
    yield SAMPLE
    del registry_module._imports[SAMPLE.code]


def write_file(folder: Path, *lines: str, header: str = HEADER, name: str = "in.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
    return path


def numbers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM import_sample ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def rejects(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def totals(report) -> tuple[int, int, int, int]:
    assert report.read == report.imported + report.unchanged + report.rejected
    return report.read, report.imported, report.unchanged, report.rejected


# --- Good lines -------------------------------------------------------------------------------------------------------


def test_lines_become_records(table, tmp_path):
    report = run(
        SAMPLE, write_file(tmp_path, line(1), line(2, done_at="", cost="", urgent=""), "", line(3)), actor="王"
    )
    assert totals(report) == (3, 3, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, district, cost, received_at::text, urgent, note FROM import_sample ORDER BY id")
        first, second, _third = cursor.fetchall()
    assert first[:2] == ("pothole", 1)
    assert (str(first[2]), first[3][:16], first[4], first[5]) == ("1200.50", "2022-03-05 06:30", True, "路面坑洞")
    assert second[2] is None and second[4] is None
    assert not report.rejects.exists()  # nothing was rejected
    record = ImportRun.objects.get()
    assert (record.state, record.read, record.imported, record.last_line) == ("done", 3, 3, 5)
    assert (record.file_name, record.actor, len(record.sha256)) == ("in.csv", "王", 64)
    assert record.finished >= record.started


def test_the_same_file_twice_changes_nothing(table, tmp_path):
    path = write_file(tmp_path, line(1), line(2, kind="?"), line(3), line(1, note="again in the same file"))
    assert totals(run(SAMPLE, path)) == (4, 2, 0, 2)
    again = run(SAMPLE, path)
    assert totals(again) == (4, 0, 2, 2)
    assert totals(run(SAMPLE, path, batch=1)) == (4, 0, 2, 2)
    assert numbers() == ["INS1", "INS3"]
    repeated = rejects(again.rejects)[1]
    assert (repeated["reject_line"], repeated["note"]) == ("5", "again in the same file")
    assert "第 2 列" in repeated["reject_reason"]


@pytest.mark.parametrize("batch", [1, 2, 7, 1000])
def test_the_size_of_batches_changes_nothing(table, tmp_path, batch):
    path = write_file(tmp_path, *(line(n % 20, kind="壞" if n % 5 == 0 else "坑洞") for n in range(30)))
    dry = run(SAMPLE, path, dry_run=True, batch=batch)
    wet = run(SAMPLE, path, batch=batch)
    repeated = [n + 2 for n in range(20, 30) if n % 5]
    assert totals(dry) == totals(wet) == (30, 16, 0, 14)
    assert [int(row["reject_line"]) for row in rejects(wet.rejects)] == sorted([2, 7, 12, 17, 22, 27, *repeated])


def test_a_dry_run_reports_the_same_and_writes_nothing(table, tmp_path):
    path = write_file(tmp_path, line(1), line(2, kind="?"), line(1), line(3))
    run(SAMPLE, write_file(tmp_path, line(3), name="before.csv"))
    dry = run(SAMPLE, path, dry_run=True)
    assert numbers() == ["INS3"]
    assert ImportRun.objects.count() == 1
    wet = run(SAMPLE, path)
    assert totals(dry) == totals(wet) == (4, 1, 1, 2)
    assert dry.reasons == wet.reasons
    assert dry.rejects != wet.rejects  # so that a dry run never disturbs a run that is to be resumed
    assert dry.rejects.read_bytes() == wet.rejects.read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_as_they_come(table, tmp_path, encoding, packed, newline):
    path = tmp_path / "in.csv"
    data = newline.join([HEADER, line(1), line(2, note='"兩行\n文字，含 ""引號"""'), line(3)]).encode(encoding)
    path.write_bytes(gzip.compress(data) if packed else data)
    assert totals(run(SAMPLE, path)) == (3, 3, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM import_sample WHERE number = 'INS2'")
        assert cursor.fetchone()[0] == '兩行\n文字，含 "引號"'


def test_a_cell_that_our_own_export_guarded(table, tmp_path):
    run(SAMPLE, write_file(tmp_path, line(1, note="'=1+1"), line(2, note="'tis")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM import_sample ORDER BY id")
        assert cursor.fetchall() == [("=1+1",), ("'tis",)]


# --- Bad lines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "column", "words"),
    [
        (line(9, kind="火災"), "kind", "「火災」不在可用的值之中"),
        (line(9, number=""), "number", "沒有填"),
        (line(9, number="2.02504E+12"), "number", "科學記號"),
        (line(9, received_at="2022-02-30 10:00"), "received_at", "不是日期和時間"),
        (line(9, received_at="昨天"), "received_at", "不是日期和時間"),
        (line(9, lon="0"), "lon", "119 到 123"),
        (line(9, lon="nan"), "lon", "不是數字"),
        (line(9, people="三"), "people", "不是整數"),
        (line(9, cost="1.005"), "cost", "小數超過 2 位"),
        (line(9, urgent="也許"), "urgent", "「是」或「否」"),
        (line(9, district="板橋區"), "district", "不認識行政區「板橋區」"),
        (line(9, done_at="2022-03-05 14:00"), "done_at", "早於受理"),
        (line(9, address="長" * 201), "address", "超過 200 個字"),
        (line(9, note="the database does not like this"), "", "資料庫拒絕"),
        (line(9) + ",多的", "", "欄位太多"),
        ("只有,三,欄", "", "欄位太少"),
        (line(9, note='"沒有結束'), "", "引號"),
        (line(9, note='"結束"之後'), "", "引號"),
        (line(9, note="\0"), "", "NUL"),
        (line(9, note="長" * 140_000), "", "太長"),
        (line(9, kind="火災", lon="x"), "kind、lon", "kind：「火災」"),
    ],
)
def test_a_bad_line_is_rejected_with_line_column_and_reason(table, tmp_path, bad, column, words):
    """And only that line: those before and after it are taken, also in the same batch."""
    report = run(SAMPLE, write_file(tmp_path, line(1), line(2), bad, line(3), line(4)))
    assert totals(report) == (5, 4, 0, 1)
    assert numbers() == ["INS1", "INS2", "INS3", "INS4"]
    (reject,) = rejects(report.rejects)
    assert reject["reject_line"] == "4"
    assert reject["reject_column"] == column
    assert words in reject["reject_reason"]


def test_wrong_bytes_are_a_matter_of_their_line(table, tmp_path):
    path = write_file(tmp_path, line(1), line(2, note="WRONG"), line(3))
    path.write_bytes(path.read_bytes().replace(b"WRONG", b"\xa4\xa4\xff"))
    report = run(SAMPLE, path)
    assert totals(report) == (3, 2, 0, 1)
    (reject,) = rejects(report.rejects)
    assert (reject["reject_line"], reject["note"]) == ("3", "\\xa4\\xa4\\xff")
    assert "utf-8" in reject["reject_reason"]


def test_a_line_of_many_megabytes_is_not_read_into_memory(table, tmp_path):
    path = write_file(tmp_path, line(1), line(2, note="x" * 5_000_000), line(3))
    report = run(SAMPLE, path)
    assert totals(report) == (3, 2, 0, 1)
    assert report.rejects.stat().st_size < 5_000


def test_an_open_quotation_mark_does_not_swallow_the_file(table, tmp_path):
    good = [line(n) for n in range(5_000)]
    report = run(SAMPLE, write_file(tmp_path, *good[:10], line("X", note='"open'), *good[10:]))
    assert totals(report) == (5_001, 5_000, 0, 1)
    (reject,) = rejects(report.rejects)
    assert (reject["reject_line"], reject["number"]) == ("12", "INSX")


def test_the_rejects_come_back_corrected(table, tmp_path):
    first = run(SAMPLE, write_file(tmp_path, line(1), line(2, kind="火災", note="=cmd"), line(3) + ",surplus,=more"))
    assert totals(first) == (3, 1, 0, 2)
    wide = rejects(first.rejects)[1]
    assert wide["reject_surplus"] == "surplus,=more"
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(first.rejects.read_text("utf-8").replace("火災", "坑洞"), "utf-8")
    second = run(SAMPLE, corrected)
    assert totals(second) == (2, 2, 0, 0)
    assert numbers() == ["INS1", "INS2", "INS3"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM import_sample WHERE number = 'INS2'")
        assert cursor.fetchone()[0] == "=cmd"


def test_a_rejected_line_stands_there_as_it_stood(table, tmp_path):
    cells = ["open1999", "INS9", "火災", "苓雅區", 'a "b", c', "", "", "111/3/5", "", "", "", "", "兩\n行"]
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(cells)
    report = run(SAMPLE, write_file(tmp_path, file.getvalue().rstrip("\n")))
    (reject,) = rejects(report.rejects)
    assert list(reject.values())[: len(cells)] == cells


# --- Files that are none ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"\n\n\n", "空的"),
        (b"\xef\xbb\xbf", "空的"),
        (HEADER.replace(",kind", "").encode() + b"\n", "沒有這些欄位：kind"),
        (HEADER.encode() + b",typo\n", "不認識這些欄位：typo"),
        (HEADER.encode() + b",kind\n", "「kind」出現兩次"),
        ((HEADER + "\n" + line()).encode("utf-16"), "UTF-16"),
        ((HEADER + "\n" + line()).encode("cp950"), 'encoding = "cp950"'),
        (b"\x00\xff\xfe\xfd" * 5000, "utf-8"),
        (gzip.compress((HEADER + "\n").encode(), mtime=0)[:-12], "壓縮"),
        ((HEADER + "\r" + line()).encode(), "第一行"),
        (b'"' + HEADER.encode(), "第一行"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(table, tmp_path, data, words):
    path = tmp_path / "in.csv"
    path.write_bytes(data)
    with pytest.raises(FileError) as caught:
        run(SAMPLE, path)
    assert words in str(caught.value)
    assert ImportRun.objects.count() == 0


def test_no_file(table, tmp_path):
    with pytest.raises(FileError, match=r"missing\.csv"):
        run(SAMPLE, tmp_path / "missing.csv")


def test_a_header_alone_is_an_import_of_nothing(table, tmp_path):
    assert totals(run(SAMPLE, write_file(tmp_path))) == (0, 0, 0, 0)


def test_an_archive_that_is_cut_off(table, tmp_path):
    """What was committed stays, the run says that it failed, and the rejects are those of what was committed."""
    path = tmp_path / "in.csv.gz"
    lines = [line(n, kind="坑洞" if n % 10 else "火災", note=f"{n * 7919 % 1_000_003}") for n in range(20_000)]
    packed = gzip.compress("\n".join([HEADER, *lines]).encode())
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(FileError):
        run(SAMPLE, path, batch=1_000)
    record = ImportRun.objects.get()
    assert record.state == "failed"
    assert 0 < record.read < 20_000
    assert record.read % 1_000 == 0
    assert len(numbers()) == record.imported
    assert len(rejects(path.with_name("in.csv.gz.rejects.csv"))) == record.rejected == record.read // 10


# --- It always adds up ------------------------------------------------------------------------------------------------

_cell = st.one_of(
    st.sampled_from(["open1999", "INS1", "INS2", "坑洞", "苓雅區", "120.3", "2022-03-05", "", "'=x", "是", "1"]),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=8),
    st.sampled_from(['"', '""', '"a', 'a"', "\0", "\r", " ", "'"]),
)
_good_lines = [line(n) for n in range(6)]
_raw_line = st.lists(_cell, max_size=16).map(",".join)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.one_of(_raw_line, st.sampled_from(_good_lines)), max_size=25),
    batch=st.integers(1, 9),
    tail=st.sampled_from([b"", b"\n", b"\n\xff", b'\n"']),
)
def test_whatever_the_lines_are_the_totals_add_up(table, tmp_path, lines, batch, tail):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM import_sample")
    path = tmp_path / "in.csv"
    path.write_bytes("\n".join([HEADER, *lines]).encode() + tail)
    dry = run(SAMPLE, path, dry_run=True, batch=batch)
    first = run(SAMPLE, path, batch=batch)
    assert totals(dry) == totals(first)
    assert len(numbers()) == len(set(numbers())) == first.imported
    written = rejects(first.rejects) if first.rejected else []
    assert len(written) == first.rejected
    assert all(row["reject_line"].isdigit() and row["reject_reason"] for row in written)
    assert first.rejects.exists() == bool(first.rejected)
    again = run(SAMPLE, path, batch=5_000)
    assert totals(again) == (first.read, 0, first.imported + first.unchanged, first.rejected)
    # Every good line is found again, wherever it stands, unless an open quotation mark reaches it.
    if not any('"' in each for each in lines if each not in _good_lines):
        assert {f"INS{n}" for n, good in enumerate(_good_lines) if good in lines} <= set(numbers())


# --- Interrupted ------------------------------------------------------------------------------------------------------


def lines_of_a_long_file() -> list[str]:
    """The last hundred repeat the first."""
    return [line(n % 3_900, kind="火災" if n % 7 == 3 else "坑洞") for n in range(4_000)]


def kill_half_way(path: Path) -> None:
    """Kill -9 inside the transaction of a later batch."""
    process = start_import(str(path), "--batch", "250", pause=0.05)
    try:
        deadline = time.monotonic() + 60
        while not ImportRun.objects.filter(read__gte=1_000).exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.kill()
        process.communicate()
    deadline = time.monotonic() + 10
    while True:  # the server takes a moment to see that its client is gone
        try:
            with _alone(SAMPLE.code):
                return
        except FileError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.mark.parametrize("resume", [True, False])
def test_killed_half_way_and_started_again_it_ends_right(committed_table, tmp_path, resume):
    path = write_file(tmp_path, *lines_of_a_long_file())
    undisturbed = write_file(tmp_path, *lines_of_a_long_file(), name="undisturbed.csv")
    kill_half_way(path)
    cut_off = ImportRun.objects.get()
    assert (cut_off.state, cut_off.read % 250) == ("running", 0)
    assert 1_000 <= cut_off.read < 4_000
    assert len(numbers()) == cut_off.imported  # the record says exactly what is in the database
    rejects_path = path.with_name("in.csv.rejects.csv")
    with rejects_path.open("ab") as file:  # lines that were written for a batch that never was committed
        file.write(b"half a li")

    report = run(SAMPLE, path, resume=resume, batch=300)
    expected = run(SAMPLE, undisturbed, dry_run=True)
    assert report.rejects.read_bytes() == expected.rejects.read_bytes()
    taken = {n % 3_900 for n in range(4_000) if n % 7 != 3}
    assert sorted(numbers()) == sorted(f"INS{n}" for n in taken)
    if resume:
        assert totals(report) == (4_000, len(taken), 0, 4_000 - len(taken))
        assert ImportRun.objects.get().state == "done"
    else:
        rest = len(taken) - cut_off.imported
        assert totals(report) == (4_000, rest, cut_off.imported, 4_000 - len(taken))
        assert ImportRun.objects.count() == 2


def test_resume_without_anything_to_resume_starts(table, tmp_path):
    path = write_file(tmp_path, line(1))
    assert totals(run(SAMPLE, path, resume=True)) == (1, 1, 0, 0)
    assert totals(run(SAMPLE, path, resume=True)) == (1, 0, 1, 0)  # the run before is done: read anew


def test_resume_is_for_the_same_file(table, tmp_path):
    path = write_file(tmp_path, line(1), line(2))
    ImportRun.objects.create(code="sample", file_name="in.csv", sha256="0" * 64, read=1, imported=1, last_line=2)
    assert totals(run(SAMPLE, path, resume=True)) == (2, 2, 0, 0)


def test_resume_refuses_when_the_rejects_are_gone(table, tmp_path, monkeypatch):
    path = write_file(tmp_path, *lines_of_a_long_file()[:50])
    run(SAMPLE, path)
    ImportRun.objects.update(state="running")
    path.with_name("in.csv.rejects.csv").write_bytes(b"short")
    with pytest.raises(FileError, match="--resume"):
        run(SAMPLE, path, resume=True)


def test_two_at_once_are_refused(committed_table, tmp_path):
    process = start_import(str(write_file(tmp_path, line(1))), pause=30)
    try:
        deadline = time.monotonic() + 60
        while not ImportRun.objects.filter(state="running").exists():  # to try the lock could take it from the process
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with pytest.raises(FileError, match="正在進行中"):
            run(SAMPLE, write_file(tmp_path, line(2), name="other.csv"))
    finally:
        process.kill()
        process.communicate()


def test_an_error_of_the_program_ends_the_run_and_is_recorded(table, tmp_path):
    def broken(records, cursor, context):
        raise OperationalError("out of memory")

    declared = Import(**{**{f: getattr(SAMPLE, f) for f in SAMPLE.__dataclass_fields__}, "write": broken})
    with pytest.raises(OperationalError):
        run(declared, write_file(tmp_path, line(1)))
    record = ImportRun.objects.get()
    assert (record.state, record.read) == ("failed", 0)
    assert "out of memory" in record.problem


def test_a_hook_that_counts_wrong_is_caught(table, tmp_path):
    declared = Import(
        **{**{f: getattr(SAMPLE, f) for f in SAMPLE.__dataclass_fields__}, "write": lambda records, cursor, context: 7}
    )
    with pytest.raises(ValueError, match="says it wrote 7"):
        run(declared, write_file(tmp_path, line(1)))


# --- The commands -----------------------------------------------------------------------------------------------------


def command(*arguments: object, name: str = "cityimport") -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command(table, sample, tmp_path):
    path = write_file(tmp_path, line(1), line(2, kind="火災"), line(3, kind="海嘯"))
    out, err = command("sample", path)
    assert "讀取 3 = 匯入 1 + 已存在 0 + 退回 2" in out
    assert "in.csv.rejects.csv" in out
    assert "2  kind：" in out  # both refusals are of one sort
    assert "3 行" in err
    assert ImportRun.objects.get().actor
    out, _err = command("sample", path, "--dry-run", "--rejects", tmp_path / "elsewhere.csv")
    assert "未寫入" in out
    assert len(rejects(tmp_path / "elsewhere.csv")) == 2


def test_the_command_lists_and_describes(table, sample):
    assert "sample" in command()[0]
    described = command("sample")[0]
    assert "* number" in described and "來源編號" in described and "+ kind" in described


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense", "x.csv"], "sample"),
        (["sample", "/nowhere/x.csv"], "/nowhere/x.csv"),
        (["sample", "x.csv", "--mapping", "/nowhere/m.toml"], "/nowhere/m.toml"),
        (["sample", "x.csv", "--batch", "0"], "--batch"),
    ],
)
def test_the_command_says_what_is_wrong(table, sample, arguments, words):
    with pytest.raises(CommandError) as caught:
        command(*arguments)
    assert words in str(caught.value)


def test_what_is_exported_is_imported_again(table, sample, tmp_path):
    run(SAMPLE, write_file(tmp_path, line(1, note="'=1+1"), line(2, kind="路燈", address="A, B")))
    _out, err = command("sample", "--output", tmp_path / "out.csv", name="cityexport")
    assert "2" in err
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM import_sample")
    assert totals(run(SAMPLE, tmp_path / "out.csv")) == (2, 2, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, address, note, received_at::text FROM import_sample ORDER BY number")
        assert cursor.fetchone() == ("pothole", "四維三路2號", "=1+1", "2022-03-05 06:30:00+00")
    command("sample", "--filter", "kind=streetlight", "--output", tmp_path / "some.csv", name="cityexport")
    assert [row["number"] for row in rejects(tmp_path / "some.csv")] == ["INS2"]
    for wrong in ("color=red", "kind=red"):
        with pytest.raises(CommandError):
            command("sample", "--filter", wrong, name="cityexport")


# --- The registry -----------------------------------------------------------------------------------------------------


def test_a_code_is_taken_once(sample):
    with pytest.raises(ImproperlyConfigured, match="sample"):
        register(SAMPLE)


@pytest.mark.parametrize("changes", [{"key": ("nonsense",)}, {"key": ("note",)}, {"columns": SAMPLE.columns * 2}])
def test_a_declaration_that_cannot_work_is_refused(changes):
    with pytest.raises(ValueError, match="sample"):
        Import(**{**{f: getattr(SAMPLE, f) for f in SAMPLE.__dataclass_fields__}, **changes})


def test_without_a_mapping_each_column_has_its_own_name():
    assert Mapping.of_names(SAMPLE).columns["kind"] == ("kind",)
