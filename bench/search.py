"""Search: exact substrings in Chinese over all cases, by the query alone and through the desk's page."""

from __future__ import annotations

import os
import time
from urllib.parse import quote

from django.db.models import Q

from bench import sessions
from bench.ground import Size
from bench.server import web
from bench.table import Row, percentile
from cases.models import Case
from cases.registry import kinds
from search.queries import matching

P95 = 50
PAGE = 51  # what the desk's page fetches: fifty, and whether there are more
# Words of reports and addresses, from rare to common; how many records hold each is counted in the run.
TERMS = (
    "三多路217號",
    "六合路與三多路口",
    "鳳山區義民街",
    "義民街與",
    "三多路21",
    "三多路",
    "半夜",
    "路燈",
    "號誌",
    "路",
)
CLASSES = (("rare, below 100", 1, 100), ("middle, 100 to 2,000", 100, 2001), ("common, above 2,000", 2001, 10**9))


def measure(size: Size) -> list[Row]:
    """Ask for each word many times; compare the number found with a plain substring comparison of every record."""
    hits = {term: found for term in TERMS if (found := _compared(term))}
    for term, found in hits.items():
        exact = Case.objects.filter(matching("cases.case", term)).count()
        if exact != found:
            raise RuntimeError(f"{term}: {found} records hold it, the search finds {exact}")
    rows = [Row("words whose number of hits equals that of a substring comparison", len(hits), f"of {len(hits)}")]
    with web(os.environ) as port:
        for words, least, most in CLASSES:
            terms = [term for term, found in hits.items() if least <= found < most]
            if terms:
                rows += _class(port, words, terms, hits, size)
    return rows


def _class(port: int, words: str, terms: list[str], hits: dict[str, int], size: Size) -> list[Row]:
    examples = "、".join(f"{term} {hits[term]:,}" for term in terms)
    times = [_once(term) for _ in range(max(2, round(size.seconds * 4))) for term in terms]
    scan = [_scan(term) for term in terms]
    alone = percentile(times, 0.95)
    pages = []
    for term in terms:
        path = f"/desk/?q={quote(term)}"
        pages += sessions.page_times(port, "controller", path, 1, size.seconds / 4).times
    page = percentile(pages, 0.95) * 1000
    return [
        Row(f"p95, {words} hits", alone, "ms", P95, False, "reading every record (LIKE)", alone / max(scan)),
        Row(f"… through /desk/?q= ({examples})", page, "ms", P95, False, "the query alone", page / alone),
    ]


def _once(term: str) -> float:
    """Milliseconds until the first fifty records are there, newest first, as the page shows them."""
    began = time.perf_counter()
    list(Case.objects.filter(matching("cases.case", term)).for_list().order_by("-received_at", "-pk")[:PAGE])
    return (time.perf_counter() - began) * 1000


def _holding(term: str) -> Q:
    labelled = [kind.code for kind in kinds().values() if term in kind.label_zh]
    return Q(address__contains=term) | Q(description__contains=term) | Q(kind_code__in=labelled)


def _compared(term: str) -> int:
    return Case.objects.filter(_holding(term)).count()


def _scan(term: str) -> float:
    began = time.perf_counter()
    _compared(term)
    return (time.perf_counter() - began) * 1000
