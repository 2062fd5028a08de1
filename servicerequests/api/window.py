"""Which requests a list holds: GeoReport v2's span of dates, and pages. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

SPAN = 90  # days; GeoReport v2, GET Service Requests, start_date and end_date
MOST = 1000  # requests of one answer; the same
PAGE = 50
DEEPEST = 100_000  # rows that are passed over before a page


def read_moment(text: str, zone: tzinfo, *, last: bool = False) -> datetime:
    """A moment from W3C's form of ISO 8601. ValueError for anything else.

    Without an offset it is the city's time; a day alone is its first moment, or its last with ``last``.
    A plus sign that became a space on the way is put back.
    """
    text = text.strip()
    if len(text) > 11 and text[-6:-5] == " ":
        text = f"{text[:-6]}+{text[-5:]}"
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), time.max if last else time.min, zone)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def span(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """The span that is searched: the last 90 days, or 90 days from or to the one moment given.

    ValueError where it ends before it begins or is longer than 90 days, and OverflowError beyond the calendar.
    """
    if start is None and end is None:
        end = now
    if start is None:
        start = end - timedelta(days=SPAN)  # type: ignore[operator]
    elif end is None:
        end = start + timedelta(days=SPAN)
    assert end is not None
    if end < start or (end - start).days > SPAN:
        raise ValueError
    return start, end


class Slice(NamedTuple):
    """Rows ``first`` to ``last`` (not included) of a list, as page ``page`` of pages of ``size``."""

    page: int
    size: int

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size

    @property
    def last(self) -> int:
        return self.page * self.size


def page_of(page: str, size: str) -> Slice:
    """The part of a list that is asked for: without either parameter the first 1,000, else pages of 50.

    ValueError for what is no number, below 1, over 1,000 a page or deeper than 100,000 rows.
    """
    if not page and not size:
        return Slice(1, MOST)
    if not all(text.isascii() and text.isdigit() and len(text) < 8 for text in (page or "1", size or "1")):
        raise ValueError
    wanted = Slice(int(page or 1), int(size or PAGE))
    if wanted.page < 1 or not 1 <= wanted.size <= MOST or wanted.first > DEEPEST:
        raise ValueError
    return wanted
