"""An import that only the tests know: twelve columns, a table of its own, real validation.

``start_import`` runs ``cityimport`` on the test's database in a process that can be killed; ``SAMPLE_PAUSE`` makes it
wait inside each batch's transaction.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from foundation.imports import Column, Import, Refused, parsers, stage

KINDS = {"坑洞": "pothole", "路燈": "streetlight", "噪音": "noise"}
DISTRICTS = {"苓雅區": 1, "前鎮區": 2, "三民區": 3}
TABLE = """
CREATE TABLE IF NOT EXISTS import_sample (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL, number text NOT NULL, kind text NOT NULL,
    district integer NOT NULL, address text NOT NULL DEFAULT '', lon double precision, lat double precision,
    received_at timestamptz NOT NULL, done_at timestamptz, urgent boolean, cost numeric(10, 2), people integer,
    note text CHECK (note <> 'the database does not like this'), UNIQUE (source, number)
)
"""
FIELDS = (
    "source text, number text, kind text, district integer, address text, lon double precision, lat double precision,"
    "received_at timestamptz, done_at timestamptz, urgent boolean, cost numeric, people integer, note text"
)


def existing(keys, cursor):
    """By one query for the whole batch."""
    cursor.execute(
        "SELECT source, number FROM import_sample JOIN unnest(%s::text[], %s::text[]) AS k (s, n)"
        " ON (source, number) = (s, n)",
        [[key[0] for key in keys], [key[1] for key in keys]],
    )
    return cursor.fetchall()


def check(record, context):
    """The district's name becomes its number; nothing is done before it was received."""
    district = context.get(record["district"])
    if district is None:
        raise Refused("不認識行政區「%(district)s」", column="district", district=record["district"])
    if record["done_at"] and record["done_at"] < record["received_at"]:
        raise Refused("完成時間早於受理時間", column="done_at")
    record["district"] = district
    return record


def write(records, cursor, context):
    """COPY into a temporary table, then INSERT ... SELECT."""
    names = [field.split()[0] for field in FIELDS.split(",")]
    stage(cursor, "import_sample_stage", FIELDS, ([record[name] for name in names] for record in records))
    columns = ", ".join(names)
    values = columns.replace("address", "coalesce(address, '')")
    cursor.execute(
        f"INSERT INTO import_sample ({columns}) SELECT {values} FROM import_sample_stage ON CONFLICT DO NOTHING"
    )
    written = cursor.rowcount
    time.sleep(float(os.environ.get("SAMPLE_PAUSE", "0")))
    return written


def export(filters) -> Iterator[dict]:
    """All records, by number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT source, number, kind, address, received_at, note FROM import_sample ORDER BY number")
        names = [column.name for column in cursor.description]
        for row in cursor:
            record = dict(zip(names, row, strict=True))
            if filters.get("kind") in (None, record["kind"]):
                yield record | {"district": "苓雅區", "kind": {v: k for k, v in KINDS.items()}[record["kind"]]}


SAMPLE = Import(
    code="sample",
    label="樣本",
    columns=(
        Column("source", parsers.text(40), required=True, help="來源系統"),
        Column("number", parsers.source_number(40), required=True, help="來源編號"),
        Column("kind", parsers.choice(KINDS), required=True),
        Column("district", parsers.text(20), required=True),
        Column("address", parsers.text(200)),
        Column("lon", parsers.number(119, 123)),
        Column("lat", parsers.number(21, 26)),
        Column("received_at", parsers.moment, required=True),
        Column("done_at", parsers.moment),
        Column("urgent", parsers.boolean),
        Column("cost", parsers.decimal(2, minimum=0)),
        Column("people", parsers.whole(0, 1000)),
        Column("note"),
    ),
    key=("source", "number"),
    begin=lambda: DISTRICTS,
    check=check,
    existing=existing,
    write=write,
    export=export,
    filters={"kind": parsers.choice({kind: kind for kind in KINDS.values()})},
)


def start_import(*arguments: str, pause: float = 0) -> subprocess.Popen:
    """``cityimport sample ...`` on the test's database, in a process of its own."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}&port={database['PORT'] or 5432}"
    program = (
        "import sys, django; django.setup();"
        "from django.core.management import call_command;"
        "from foundation.imports import register;"
        "from foundation.tests.sample_import import SAMPLE;"
        "register(SAMPLE); call_command('cityimport', *sys.argv[1:])"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, "sample", *arguments],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "DATABASE_URL": url, "PGPASSWORD": database["PASSWORD"] or "", "SAMPLE_PAUSE": str(pause)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
