"""The promise bar's data: a reading of the clock, with its words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.rules import read_clock

if TYPE_CHECKING:
    from cases.models.case import Case


def amount_in_words(amount: Decimal, unit: str) -> str:
    """``4 小時``, ``2 個工作天``; English with its plurals."""
    number = f"{amount.normalize():f}"
    count = int(amount) if amount == int(amount) else 2
    match unit:
        case "hours":
            return ngettext("%(n)s 小時", "%(n)s 小時", count) % {"n": number}
        case "working_hours":
            return ngettext("%(n)s 個上班小時", "%(n)s 個上班小時", count) % {"n": number}
        case "working_days":
            return ngettext("%(n)s 個工作天", "%(n)s 個工作天", count) % {"n": number}
        case "days" if amount == 0:
            return _("當日")
        case "days":
            return ngettext("%(n)s 天", "%(n)s 天", count) % {"n": number}
        case _:
            return ngettext("%(n)s 個月", "%(n)s 個月", count) % {"n": number}


def span_in_words(span: timedelta) -> str:
    """A stretch of wall-clock time to the precision that matters: ``33 分鐘``, ``2 時 10 分``, ``4 天``."""
    minutes = int(abs(span).total_seconds() // 60)
    if minutes < 60:
        return _("%(m)d 分鐘") % {"m": minutes}
    if minutes < 24 * 60:
        return _("%(h)d 時 %(m)02d 分") % {"h": minutes // 60, "m": minutes % 60}
    days, hours = divmod(minutes // 60, 24)
    if days < 3 and hours:
        return ngettext("%(d)d 天 %(h)d 時", "%(d)d 天 %(h)d 時", days) % {"d": days, "h": hours}
    return ngettext("%(d)d 天", "%(d)d 天", days) % {"d": days}


@dataclass(frozen=True)
class PromiseClock:
    """What the promise bar shows. ``state`` as in `cases.rules.Reading`; the words stand always beside the bar."""

    state: str
    fraction: float
    words: str
    promise: str
    received: datetime
    due: datetime | None
    late: bool

    @classmethod
    def of(cls, case: Case, at: datetime) -> PromiseClock:
        """Read a case's clock at a moment. Costs no query when the case came with its district."""
        due = case.due_at
        reading = read_clock(
            case.promised_at,
            due,
            case.promise_unit,
            case.calendar,
            now=at,
            done=case.done_at or case.closed_at,
            pauses=case.pause_list,
        )
        promise = case.promise
        return cls(
            state=reading.state,
            fraction=reading.fraction,
            words=cls._words(case, reading),
            promise=_("期限 %(amount)s") % {"amount": amount_in_words(promise.amount, promise.unit)} if promise else "",
            received=case.promised_at,
            due=due,
            late=reading.state in {"late", "broken"},
        )

    @staticmethod
    def _words(case: Case, reading) -> str:
        left = span_in_words(reading.left)
        match reading.state:
            case "none":
                return _("沒有期限")
            case "wait":
                return _("計時暫停，等待補充")
            case "late":
                return _("逾期 %(span)s") % {"span": left}
            case "kept" | "broken" if case.done_at is None and case.closed_at:  # withdrawn, merged, left unhandled
                return _("%(span)s後結束") % {"span": span_in_words(case.closed_at - case.promised_at)}
            case "kept" if case.done_at:
                return _("%(span)s完成") % {"span": span_in_words(case.done_at - case.promised_at)}
            case "broken":
                return _("逾期 %(span)s完成") % {"span": left}
            case _:
                return _("還有 %(span)s") % {"span": left}
