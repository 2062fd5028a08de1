"""Dates in the calendar of the Republic of China (民國紀年): for showing and for reading what is typed, never stored.

Year 1 is 1912. Earlier years, which real registers do hold, count back from it as 民國前 (before the Republic).
"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")

_TYPED = re.compile(
    r"(?:民國)?\s*(?P<year>\d{1,4})\s*(?:年|[-/.])\s*(?P<month>\d{1,2})\s*(?:月|[-/.])\s*(?P<day>\d{1,2})\s*日?"
)


def _local(when: date | datetime) -> date | datetime:
    """The same moment as Taipei's clocks show it; a plain date or a naive time is taken as already local."""
    if isinstance(when, datetime) and when.tzinfo is not None:
        return when.astimezone(TAIPEI)
    return when


def roc_year(when: date | datetime) -> int:
    """The year of the Republic: 111 for 2022. Zero and below are years before it."""
    return _local(when).year - 1911


def _year_words(year: int) -> str:
    return f"{year}" if year > 0 else f"民國前 {1 - year}"


def roc_date(when: date | datetime) -> str:
    """``111 年 3 月 5 日``."""
    local = _local(when)
    return f"{_year_words(roc_year(local))} 年 {local.month} 月 {local.day} 日"


def roc_month(when: date | datetime) -> str:
    """``111 年 3 月``."""
    local = _local(when)
    return f"{_year_words(roc_year(local))} 年 {local.month} 月"


def roc_short(when: date | datetime) -> str:
    """``111/03/05``, with three figures for the year so that columns line up and sort: ``099/12/31``."""
    local = _local(when)
    year = roc_year(local)
    head = f"{year:03d}" if year > 0 else f"前{1 - year:02d}"
    return f"{head}/{local.month:02d}/{local.day:02d}"


def roc_datetime(when: datetime) -> str:
    """``111/03/05 14:30`` on Taipei's clocks."""
    local = _local(when)
    return f"{roc_short(local)} {local:%H:%M}"


def parse_roc(text: str) -> date:
    """The date that a person wrote: ``111/3/5``, ``111-03-05``, ``111.3.5``, ``民國 111 年 3 月 5 日`` or ``1110305``.

    Raises ValueError where the text is no such date, or the day does not exist.
    """
    text = text.strip()
    if re.fullmatch(r"\d{6,7}", text):
        year, month, day = int(text[:-4]), int(text[-4:-2]), int(text[-2:])
    elif typed := _TYPED.fullmatch(text):
        year, month, day = (int(typed[part]) for part in ("year", "month", "day"))
    else:
        raise ValueError(f"not a date of the ROC calendar: {text!r}")
    # Four figures are a year of the common era, which people type here too.
    return date(year if year > 999 else year + 1911, month, day)
