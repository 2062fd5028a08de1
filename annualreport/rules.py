"""What a report is written by: its numbering, the forms of a number, typed numbers, differences. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from difflib import SequenceMatcher

_DIGITS = "零一二三四五六七八九"
_FORMAL = "零壹貳參肆伍陸柒捌玖"
NEAR = timedelta(days=3)  # before its due date a section is near it
ROC = 1911


def chinese(number: int, *, formal: bool = False) -> str:
    """A number from 1 to 99 in Chinese, as sections are counted: 一, 十, 二十三; formal 壹, 拾, 貳拾參.

    Raises ValueError for any other.
    """
    if not 1 <= number <= 99:
        raise ValueError(f"no section has the number {number}")
    digits, ten = (_FORMAL, "拾") if formal else (_DIGITS, "十")
    tens, ones = divmod(number, 10)
    return (digits[tens] if tens > 1 else "") + (ten if tens else "") + (digits[ones] if ones else "")


def mark(code: str) -> str:
    """How a section is numbered in Chinese, by its place in the tree, as official documents do (文書處理手冊):
    ``5`` 伍、; ``5.2`` 二、; ``5.2.1`` (一); then 1. and (1)."""
    place = code.split(".")
    number = int(place[-1])
    match len(place):
        case 1:
            return f"{chinese(number, formal=True)}、"
        case 2:
            return f"{chinese(number)}、"
        case 3:
            return f"（{chinese(number)}）"
        case 4:
            return f"{number}."
        case _:
            return f"({number})"


def in_order(code: str) -> tuple[int, ...]:
    """What sections are sorted by: ``3.2`` before ``3.10``."""
    return tuple(int(part) for part in code.split("."))


def due_on(period_end: date, days: int, today: date, least: int = 14) -> date:
    """By when a section is wanted: so many days after the period, and never less than ``least`` days from today."""
    return max(period_end + timedelta(days=days), today + timedelta(days=least))


def written(value: Decimal, form: str, *, english: bool = False) -> str:
    """A value in a form of `annualreport.markup.FORMS`, else with its thousands apart.

    ``萬`` and ``億`` with at most two decimals, a half up, in Chinese only (English has no such words and keeps the
    number); ``%`` with its sign; ``roc`` a year of the common era as the Republic's; ``plain`` without commas."""
    match form:
        case "萬" | "億" if not english:
            scaled = value / (10_000 if form == "萬" else 100_000_000)
            shown = scaled.quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
            return f"{shown:,f}{form}"
        case "%":
            return f"{value:,f}%"
        case "roc":
            return f"{value if english else value - ROC:f}"
        case "plain":
            return f"{value:f}"
        case _:
            return f"{value:,f}"


# What follows a number that counts something; 年, 月, 日, 條, 屆, 期 and 版 name a date, a law or a place in a row.
_UNITS = (
    "件", "案", "人", "名", "位", "戶", "場", "個", "項", "款", "次", "通", "席", "家", "處", "台", "臺", "輛", "座",
    "筆", "組", "類", "種", "份", "元", "萬", "億", "倍", "成", "%", "％", "小時", "分鐘", "天", "週", "公里", "公尺",
    "公頃", "坪", "棟", "所", "校", "隊", "梯次", "人次", "機關", "單位", "品牌", "國",
)  # fmt: skip
_AFTER = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_NAMES = r"年|月|日|條|屆|期|版|號|樓|世紀|專線"
_ARABIC = re.compile(
    r"(?<![0-9A-Za-z.,:/\-_第])(?<!第\s)(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
    rf"(?![0-9A-Za-z_])(?!\s?(?:{_NAMES}))(?![.,:/\-][0-9])"
)
_CHINESE = re.compile(
    rf"(?<![第一二三四五六七八九十百千萬億兩零])(?P<number>[一二三四五六七八九十百千萬億兩零]+)(?:多|餘)?\s?(?:{_AFTER})"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DATED = re.compile(
    r"[0-9]{1,2}\s+(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+[0-9]{1,2}"
    r"|(?:Article|Articles|Chapter|Section|No\.|Act|Level|Phase|Term)\s+[0-9]+"
)


def typed_numbers(text: str) -> list[str]:
    """The numbers that somebody typed into a stretch of text where a figure could stand: ``99,781``, ``三萬``.

    Left out: years, months and days, articles of laws, places in a row (第 5 屆), parts of names (5G, D111-0099781),
    and ``一`` with a measure, which in Chinese is an article (一個). A four-figure year needs no 年 unless a measure
    follows.
    """
    dated = [range(*found.span()) for found in _DATED.finditer(text)]
    found = []
    for match in _ARABIC.finditer(text):
        number, rest = match["number"], text[match.end() :].lstrip()
        is_year = _YEAR.fullmatch(number) and not re.match(_AFTER, rest)
        if not is_year and not any(match.start() in span for span in dated):
            found.append((match.start(), number))
    for match in _CHINESE.finditer(text):
        if match["number"] not in ("一", "萬", "億", "千", "百") or match.end() - match.start() > 4:
            found.append((match.start(), match["number"]))
    return [number for _at, number in sorted(found)]


@dataclass(frozen=True)
class Standing:
    """How a section's promise stands: the states of the promise bar, the share of the time spent, and the days left
    (negative: late) on the day that counts."""

    state: str
    fraction: float
    days: int


def standing(assigned: date, due: date, today: date, done: date | None) -> Standing:
    """Where a promise from ``assigned`` to ``due`` (which still counts) stands today, or stood when it was done."""
    on = done or today
    days = (due - on).days
    span = max((due - assigned).days, 1)
    fraction = min(max((on - assigned).days / span, 0.0), 1.0)
    if days < 0:
        return Standing("broken" if done else "late", 1.0, days)
    if done:
        return Standing("kept", fraction, days)
    return Standing("near" if days <= NEAR.days else "on", fraction, days)


_TOKEN = re.compile(r"\{[^{}\n]*\}|[A-Za-z0-9_.,%]+|\s+|.", re.DOTALL)


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """What changed between two texts, as stretches: ``same``, ``gone`` and ``new``, word by word, in order.

    The stretches that are not new make up ``before``, those that are not gone ``after``.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    found: list[tuple[str, str]] = []
    for sort, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if sort == "equal":
            found.append(("same", "".join(old[i:j])))
        else:
            found += [("gone", "".join(old[i:j]))] * (j > i) + [("new", "".join(new[k:m]))] * (m > k)
    return found
