"""How fast the index is: ``python -m search.tests.measure [-v] [records]``, 400,000 records unless told.

It wants DATABASE_URL to name a migrated database, fills it with reports of the kind ``measure.report`` and cleans up.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

KIND = "measure.report"
# Words of few, of some and of many records, and words that no record holds whole.
TERMS = {
    "rare": ["石斑魚養殖池", "水雉", "0099781", "D111-00997", "ABC-12", "古井", "民族一路262號"],
    "none": ["行人道路燈", "石斑燈", "zzz-9", "燈路 故障"],
    "middle": ["中正一路", "苓雅區四維", "鄰近", "臺灣三路", "旗津區中山", "D111-03", "路燈故障 苓雅區"],
    "common": [
        "路燈",
        "路燈故障",
        "違規停車",
        "號前",
        "擋住消防通道",
        "影響行車安全 路燈",
        "派員到場",
        "請",
        "路",
        "9",
    ],
}


def timed(call: Callable[[], object], times: int = 20) -> list[float]:
    """Milliseconds of each call, the first (cold plan) included."""
    taken = []
    for _time in range(times):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def line(name: str, taken: list[float]) -> str:
    p50, p95 = statistics.quantiles(taken, n=100, method="inclusive")[49::45]
    return f"{name:34} p50 {p50:7.2f} ms   p95 {p95:7.2f} ms   max {max(taken):7.2f} ms"


def main(count: int) -> None:
    from django.db import connection, models

    from search import queries, rules
    from search.actions import COPY, copy_row
    from search.tests.corpus import report, reports

    class Report(models.Model):
        """A table as wide as a case's, to join with."""

        unit = models.IntegerField()
        due = models.IntegerField()
        number = models.TextField()
        description = models.TextField()

        class Meta:
            app_label = "search"
            db_table = "measure_report"
            managed = False

        def __str__(self) -> str:
            return self.number

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE measure_report (id bigint PRIMARY KEY, unit int, due int, number text, description text)"
        )
        try:
            with cursor.copy("COPY measure_report FROM STDIN") as copy:
                for number, title, body in reports(count):
                    copy.write_row((number, number % 97, number, body.split(" ")[0], title + body))
            cursor.execute("CREATE INDEX ON measure_report (unit, due)")
            texts = [report(number) for number in range(1, 20_001)]
            start = time.perf_counter()
            for number, (title, body) in enumerate(texts):
                rules.vector(KIND, number, title, body)
            characters = sum(len(title) + len(body) for title, body in texts) / len(texts)
            print(f"lexemes {(time.perf_counter() - start) / len(texts) * 1e6:.1f} µs for {characters:.0f} characters")
            start = time.perf_counter()
            with cursor.copy(COPY) as copy:
                for number, title, body in reports(count):
                    copy.write_row(copy_row(KIND, number, title, body))
            print(f"COPY {count / (time.perf_counter() - start):,.0f} rows/s, making up the texts included")
            cursor.execute("VACUUM ANALYZE search_entry")
            cursor.execute("VACUUM ANALYZE measure_report")
            cursor.execute("SELECT pg_relation_size('search_entry'), pg_relation_size('search_entry_vector')")
            print("table and index, MB:", [size >> 20 for size in cursor.fetchone()])

            newest = Report.objects.order_by("-pk")
            unit = Report.objects.filter(unit=13).order_by("due")
            for group, terms in TERMS.items():
                calls = {
                    "ids": lambda term: queries.ids(KIND, term),
                    "first 50 of all, newest first": lambda term: list(
                        newest.filter(queries.matching(KIND, term))[:50]
                    ),
                    "first 50 of a unit, by due": lambda term: list(unit.filter(queries.matching(KIND, term))[:50]),
                    "count of a unit": lambda term: unit.filter(queries.matching(KIND, term)).count(),
                }
                for name, call in calls.items():
                    taken = []
                    for term in terms:
                        times = timed(lambda call=call, term=term: call(term))
                        taken += times
                        if "-v" in sys.argv:
                            print(line(f"    {name[:16]} {term}", times))
                    print(line(f"{group}: {name}", taken))
        finally:
            cursor.execute("DROP TABLE measure_report")
            cursor.execute("DELETE FROM search_entry WHERE kind = %s", [KIND])
            cursor.execute("VACUUM search_entry")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main(int(next((argument for argument in sys.argv[1:] if argument.isdigit()), "400000")))
