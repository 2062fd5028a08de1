"""Import: dispatch records as Taipei's system exports them, with full validation, into an empty city."""

from __future__ import annotations

import csv
import os
import tempfile
import time
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage

import psycopg
from django.db import connection

from bench.ground import ROOT, Size
from bench.table import Row
from cases.models import Case
from foundation.imports import Mapping, get, run
from organisation.models import District

RATE = 8000
MAPPING = ROOT / "packs" / "taipei" / "imports" / "dispatches.toml"
HEADER = ("案件編號", "派工項目", "案件地址_去樓層", "立案日期", "立案時間")
ROADS = (
    "中山北路二段",
    "八德路四段",
    "忠孝東路六段",
    "重慶南路三段",
    "福德路",
    "士商路",
    "內湖路一段",
    "西園路一段",
    "木柵路三段",
    "延平北路五段",
)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def measure(size: Size) -> list[Row]:
    """Write a file, import it, and compare with a bare COPY of the same file."""
    declared = get("dispatches")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dispatches.csv"
        bad = write_file(path, size.lines)
        mapping = Mapping.load(MAPPING, declared)
        client, server = _cpu_here(), _cpu_there()
        began = time.perf_counter()
        report = run(declared, path, mapping=mapping)
        seconds = time.perf_counter() - began
        client, server = _cpu_here() - client, _cpu_there() - server
        copied = bare_copy(path, size.lines)
    if (report.read, report.rejected, report.unchanged) != (
        size.lines,
        bad,
        0,
    ) or Case.objects.count() != report.imported:
        raise RuntimeError(f"{report} does not add up: {bad} lines are bad, {Case.objects.count()} cases are there")
    rate = size.lines / seconds
    return [
        Row("lines imported", rate, "lines/s", RATE, True, "a bare COPY of the file", rate / copied),
        Row("… bare COPY, nothing checked, no index", copied, "lines/s"),
        Row("… CPU a line, Python", client / size.lines * 1e6, "µs"),
        Row("… CPU a line, PostgreSQL", server / size.lines * 1e6, "µs"),
        Row("lines refused with a reason, as many as are bad", report.rejected, "", bad),
    ]


def write_file(path: Path, lines: int) -> int:
    """Write a file of so many records with the faults that real ones have; how many of them cannot be taken."""
    rng, bad = Random("import"), 0
    items = list(Mapping.load(MAPPING, get("dispatches")).values["kind"])
    items = [item for item in items if "?" not in item]
    weights = [20 if item.startswith("大型廢棄物") else 1 for item in items]
    districts = list(District.objects.values_list("name", flat=True))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for number in range(lines):
            minute = number * 525_600 // lines
            month, rest = divmod(minute, 43_200)
            day, clock = divmod(rest, 1440)
            item = rng.choices(items, weights)[0]
            cells = [
                f"2025{number:09d}",
                item,
                address(rng, rng.choice(districts)),
                f"2025{month % 12 + 1:02d}{day % 28 + 1:02d}",
                f"{clock // 60:02d}{clock % 60:02d}{number % 60:02d}",
            ]
            fault = number % 500
            if fault == 7:  # a number that a spreadsheet has spoilt: the line is known by its other columns
                cells[0] = "2.02504E+12"
            elif fault == 11:  # commas that nobody quoted, which shift the columns
                file.write(",".join([*cells[:2], cells[2] + ",旁邊", *cells[3:]]) + "\n")
                continue
            elif fault in (13, 17):
                cells[1 if fault == 13 else 2] = "火星任務" if fault == 13 else "不知道在哪裡"
                bad += 1
            elif fault == 19:
                cells[3] = "20251345"
                bad += 1
            writer.writerow(cells)
    return bad


def address(rng: Random, district: str) -> str:
    """An address as it comes: the city's name twice, full-width digits, a neighbourhood, a crossing, or plain."""
    road, house = rng.choice(ROADS), str(rng.randrange(1, 400))
    return rng.choice(
        (
            f"{district}{road}{house}號",
            f"{district}臺北市{district}某某里{rng.randrange(1, 30):03d}鄰{road}{house.translate(FULL_WIDTH)}號",
            f"{district}台北市{district}{road}{house}巷{rng.randrange(1, 60)}號",
            f"{district}105台灣台北市{district}{road}{house}號",
            f"{district}{road}-{rng.choice(ROADS)}",
        )
    )


def bare_copy(path: Path, lines: int) -> float:
    """Lines a second of PostgreSQL's own COPY into a table of five texts."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as database, database.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_copy (number text, item text, address text, day text, clock text, more text)"
        )
        padded = path.with_suffix(".padded")
        with (
            path.open(newline="", encoding="utf-8") as source,
            padded.open("w", newline="", encoding="utf-8") as target,
        ):
            csv.writer(target).writerows([*cells, *[""] * (6 - len(cells))] for cells in csv.reader(source))
        began = time.perf_counter()
        with cursor.copy("COPY bench_copy FROM STDIN (FORMAT csv, HEADER)") as copy, padded.open("rb") as file:
            while block := file.read(1 << 20):
                copy.write(block)
        database.commit()
        return lines / (time.perf_counter() - began)


def _cpu_here() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cpu_there() -> float:
    """CPU seconds of our backend so far, where the system tells (Linux, server on this machine); else 0."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
