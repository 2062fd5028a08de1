"""Ten million records behind one figure: counted anew, one more day, and a board beside the same board of few records.

The records lie in a table of the bench's own, counted by the registry's own way. Boards read roll-ups, so that how many
records lie behind them must not matter.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from statistics import median

from django.db import connection, models

from bench.ground import Size
from bench.table import Row
from dashboard.choosing import Choice
from dashboard.models import Board, Chart
from dashboard.showing import shown
from figures import actions, queries
from figures.registry import Column, Count, Period, register, registry
from foundation.clock import today
from organisation import directory

PER_CASE = 25  # so many records for each case of the other benches: 10 million for 400,000
FEW = 1000
TURNS = 20
SLOWER = 1.3
DAY_BUDGET = 2  # seconds
KINDS = ("pothole", "street_light", "noise", "waste")


class Call(models.Model):
    """A record of the bench: a day, a district, a kind; ``many`` parts the ten million from the few."""

    day = models.DateField(db_index=True)
    district = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    many = models.BooleanField()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


def measure(size: Size) -> list[Row]:
    """Copy the records in, count them, add a day, and draw the two boards in turns."""
    records = size.cases * PER_CASE
    year = today().year - 1
    _fill(records, year)
    for name in ("many", "few"):
        _declare(name)
    whole = Period.year(year)
    began = time.perf_counter()
    actions.rebuild(year)
    rebuilt = time.perf_counter() - began
    counted = {name: queries.value(f"rollup.{name}", whole).value for name in ("many", "few")}
    if counted != {"many": records, "few": FEW}:
        raise RuntimeError(f"{records} and {FEW} records were written, the figures say {counted}")
    grouped = _grouped()

    Call.objects.create(day=whole.end, district=_districts()[0], kind=KINDS[0], many=True)
    began = time.perf_counter()
    actions.refresh([whole.end], group="rollup")
    day = time.perf_counter() - began
    if queries.value("rollup.many", whole).value != records + 1:
        raise RuntimeError("the new record was not counted")

    took: dict[str, list[float]] = {"many": [], "few": []}
    for _turn in range(TURNS):
        for name, times in took.items():
            began = time.perf_counter()
            shown(_charts(name), Choice(year))
            times.append((time.perf_counter() - began) * 1000)
    many, few = median(took["many"]), median(took["few"])
    return [
        Row(f"{records:,} records counted anew", rebuilt, "s", None, False, "one grouped count", rebuilt / grouped),
        Row("… one grouped count by day, kind and district", grouped, "s"),
        Row("one record more: its day counted anew", day, "s", DAY_BUDGET, False, "all", day / rebuilt),
        Row(f"a board of twelve charts over {records:,} records", many, "ms", None, False, "over 1,000", many / few),
        Row(f"… as a multiple of the same over {FEW:,}", many / few, "times", SLOWER),
    ]


def _districts() -> list[str]:
    return sorted(directory.districts())


def _fill(records: int, year: int) -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Call)
    days, districts = [date(year, 1, 1) + timedelta(days=n) for n in range(365)], _districts()
    table = connection.ops.quote_name(Call._meta.db_table)
    with connection.cursor() as cursor:
        for many, count in ((True, records), (False, FEW)):
            with cursor.copy(f"COPY {table} (day, district, kind, many) FROM STDIN") as copy:
                for first in range(0, count, 100_000):
                    copy.write(
                        "".join(
                            f"{days[n % 365]}\t{districts[n * 7 % len(districts)]}\t{KINDS[n % 3 + n % 2]}\t{many:d}\n"
                            for n in range(first, min(first + 100_000, count))
                        )
                    )
        cursor.execute(f"ANALYZE {table}")


def _declare(name: str) -> None:
    register(
        Count(
            code=f"rollup.{name}",
            label=name,
            unit="件",
            definition="bench",
            group="rollup",
            records=lambda: Call.objects.filter(many=name == "many"),
            date_field="day",
            dimensions={"district": "district", "kind": "kind"},
            columns=(Column(label="day", value=lambda call: call.day),),
        )
    )


def _grouped() -> float:
    with connection.cursor() as cursor:
        began = time.perf_counter()
        table = connection.ops.quote_name(Call._meta.db_table)
        cursor.execute(f"SELECT day, kind, district, count(*) FROM {table} WHERE many GROUP BY 1, 2, 3")
        cursor.fetchall()
        return time.perf_counter() - began


def _charts(name: str) -> list[Chart]:
    shapes = [
        {"kind": "number"}, {"kind": "bar", "by": "time"}, {"kind": "bar", "by": "district"},
        {"kind": "map", "by": "district"}, {"kind": "donut", "by": "kind"},
        {"kind": "stacked", "by": "time", "split": "kind"},
    ]  # fmt: skip
    board = Board(slug="rollup")
    code = registry.figure(f"rollup.{name}").code
    return [Chart(pk=n, board=board, figures=[code], title=name, **shapes[n % 6]) for n in range(12)]
