"""What a column's text becomes. A factory returns a ``parse``; each ``parse`` raises Refused with a reason in words."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from foundation.clock import TAIPEI
from foundation.imports.registry import Refused
from foundation.roc import parse_roc

_DATE_THEN_TIME = re.compile(
    r"(.+?)(?:[T\s]+(?:(上午|下午|AM|PM)\s*)?(\d{1,2}):?(\d{2})(?::?(\d{2})(?:\.\d+)?)?)?", re.IGNORECASE
)
_SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?[Ee]\+?\d+")


def text(max_length: int) -> Callable[[str], str]:
    """Text of at most so many characters."""

    def parse(value: str) -> str:
        if len(value) > max_length:
            raise Refused(_("超過 %(limit)s 個字（有 %(length)s 個）"), limit=max_length, length=len(value))
        return value

    return parse


def source_number(max_length: int = 64) -> Callable[[str], str]:
    """A number that another system gave. One that a spreadsheet turned into ``2.02504E+12`` is lost, and refused."""
    shortened = text(max_length)

    def parse(value: str) -> str:
        if _SCIENTIFIC.fullmatch(value):
            raise Refused(_("編號被試算表改成科學記號「%(value)s」，原編號已無法還原"), value=value)
        return shortened(value)

    return parse


def whole(minimum: int | None = None, maximum: int | None = None) -> Callable[[str], int]:
    """A whole number within bounds; thousands may be parted by commas."""

    def parse(value: str) -> int:
        try:
            number = int(value.replace(",", ""))
        except ValueError:
            raise Refused(_("「%(value)s」不是整數"), value=value) from None
        _within(number, minimum, maximum)
        return number

    return parse


def number(minimum: float | None = None, maximum: float | None = None) -> Callable[[str], float]:
    """A finite number within bounds."""

    def parse(value: str) -> float:
        try:
            parsed = float(value)
        except ValueError:
            parsed = math.nan
        if not math.isfinite(parsed):
            raise Refused(_("「%(value)s」不是數字"), value=value)
        _within(parsed, minimum, maximum)
        return parsed

    return parse


def decimal(places: int, minimum: Decimal | None = None, maximum: Decimal | None = None) -> Callable[[str], Decimal]:
    """A decimal number with at most so many places, such as an amount of money."""

    def parse(value: str) -> Decimal:
        try:
            parsed = Decimal(value.replace(",", ""))
        except InvalidOperation:
            parsed = Decimal("NaN")
        if not parsed.is_finite():
            raise Refused(_("「%(value)s」不是數字"), value=value)
        if -int(parsed.as_tuple().exponent) > places:
            raise Refused(_("「%(value)s」的小數超過 %(places)s 位"), value=value, places=places)
        _within(parsed, minimum, maximum)
        return parsed

    return parse


def _within(value: Any, minimum: Any, maximum: Any) -> None:
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        raise Refused(
            _("%(value)s 不在 %(minimum)s 到 %(maximum)s 的範圍內"),
            value=value,
            minimum="−∞" if minimum is None else minimum,
            maximum="∞" if maximum is None else maximum,
        )


def choice(choices: Mapping[str, Any]) -> Callable[[str], Any]:
    """One of the texts that the mapping knows; the value is what it maps to."""

    def parse(value: str) -> Any:
        try:
            return choices[value]
        except KeyError:
            raise Refused(
                _("「%(value)s」不在可用的值之中（%(known)s）"), value=value, known=_shortened(choices)
            ) from None

    return parse


def _shortened(choices: Mapping[str, Any]) -> str:
    return "、".join(list(choices)[:12]) + ("…" if len(choices) > 12 else "")


def boolean(value: str) -> bool:
    """是 / 否 and the other usual pairs."""
    folded = value.casefold()
    if folded in ("是", "1", "true", "t", "yes", "y", "v", "有"):
        return True
    if folded in ("否", "0", "false", "f", "no", "n", "x", "無"):
        return False
    raise Refused(_("「%(value)s」不是「是」或「否」"), value=value)


def day(value: str) -> date:
    """A date: ``2022-03-05``, ``20220305``, ``2022/3/5``, ``111/03/05``, ``1110305``, ``民國111年3月5日``."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        pass
    try:
        return parse_roc(value)
    except ValueError:
        raise Refused(_("「%(value)s」不是日期"), value=value) from None


def moment(value: str) -> datetime:
    """A point in time, on Taipei's clocks unless it says otherwise; a date alone is its midnight.

    ``2022-03-05 14:30:00``, ``2022-03-05T14:30+08:00``, ``20220305 143000``, ``111/03/05 14:30``,
    ``2022/3/5 下午 2:30``.
    """
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        parsed = _written(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=TAIPEI)


def _written(value: str) -> datetime:
    parts = _DATE_THEN_TIME.fullmatch(value)
    if parts is None:
        raise Refused(_("「%(value)s」不是日期和時間"), value=value)
    written_day, half, hour, minute, second = parts.groups()
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.upper() in ("下午", "PM") else 0)
    try:
        return datetime.combine(day(written_day), time(hours, int(minute or 0), int(second or 0)))
    except (ValueError, Refused):
        raise Refused(_("「%(value)s」不是日期和時間"), value=value) from None
