"""What names a person in a text, and how a text is shown without it. Pure.

Suggestions only: an officer accepts each or marks by hand. Ends of spans are exclusive, as in Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

HIDDEN = "○○○"

# What the letters of a national ID (國民身分證統一編號) count as: A 10, B 11 and so on, but I 34, O 35, W 32, Z 33.
_LETTERS = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
_ID_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)

_SURNAMES = (
    "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高簡朱鍾彭游詹胡施沈余趙盧梁顏柯孫魏翁戴范方宋鄧杜"
    "傅侯曹薛丁卓馬阮董温溫唐藍蔣石古紀姚連馮歐程湯康田姜汪白鄒尤巫鐘黎涂龔嚴韓袁金童陸夏柳凃邵錢伍倪溫于譚駱熊任甘秦"
    "顧毛章史官萬俞雷粘"
)
_TITLES = "先生|小姐|女士|太太|老師|議員|里長|鄰長|醫師|律師|經理|主任|同學|阿姨|伯伯"


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a text, and what it seems to be: name, phone, email, id, plate, address, line, or hand."""

    start: int
    end: int
    what: str = "hand"


def is_national_id(text: str) -> bool:
    """Whether ten characters are a national ID or a residence number (統一證號, since 2021 of the same form) whose
    check digit fits."""
    if not re.fullmatch(r"[A-Z][1289][0-9]{8}", text):
        return False
    first = _LETTERS[text[0]]
    digits = (first // 10, first % 10, *map(int, text[1:]))
    return sum(d * w for d, w in zip(digits, _ID_WEIGHTS, strict=True)) % 10 == 0


_NOT_IN_NUMBER = r"(?<![0-9A-Za-z])"
_NOR_AFTER = r"(?![0-9A-Za-z])"
_RULES: tuple[tuple[str, re.Pattern[str], Callable[[str], bool] | None], ...] = (
    ("email", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), None),
    ("line", re.compile(r"(?:LINE|賴)\s*(?:ID|id|Id|帳號)?\s*(?:是|為)?\s*[:：]?\s*(@?[A-Za-z0-9][A-Za-z0-9._-]{3,19})",
                        re.IGNORECASE), None),
    ("id", re.compile(rf"{_NOT_IN_NUMBER}[A-Z][1289][0-9]{{8}}{_NOR_AFTER}"), is_national_id),
    # Mobile 09xx-xxx-xxx, also as +886 9…; then area codes (公眾電信網路號碼計畫), 6 to 8 digits, an extension.
    ("phone", re.compile(rf"(?:{_NOT_IN_NUMBER}09|\+886[\s-]?9)[0-9]{{2}}[\s-]?[0-9]{{3}}[\s-]?[0-9]{{3}}{_NOR_AFTER}"),
     None),
    ("phone", re.compile(
        rf"(?:{_NOT_IN_NUMBER}\(?0(?:2|3|37|4|49|5|6|7|8|89|82|826|836)\)?|\+886[\s-]?[2-8])[\s-]?[0-9]{{3,4}}[\s-]?"
        rf"[0-9]{{3,4}}(?:\s*(?:#|轉|分機)\s*[0-9]{{1,6}})?{_NOR_AFTER}"), None),
    # 道路交通安全規則 and 公路局: ABC-1234, 1234-AB, AB-1234, AB-123, 123-ABC, ABC-123; a letter on at least one side.
    ("plate", re.compile(
        rf"{_NOT_IN_NUMBER}(?:[A-Z]{{2,3}}[-－][0-9]{{3,4}}|[0-9]{{3,4}}[-－][A-Z]{{2,3}}|[A-Z][0-9][-－][0-9]{{3,4}}"
        rf"|[0-9][A-Z][-－][0-9]{{3,4}}|[0-9]{{3,4}}[-－](?:[A-Z][0-9]|[0-9][A-Z]))(?![0-9A-Za-z-])"), None),
    # A house, not a road: from the road's name to 號 and, where there is one, the floor.
    ("address", re.compile(
        r"(?:[\u4e00-\u9fff]{1,6}(?:路|街|大道|巷|村|里))(?:[一二三四五六七八九十0-9]+段)?(?:[0-9]+巷)?(?:[0-9]+弄)?"
        r"\s*[0-9]+(?:[-之][0-9]+)?號(?:之[0-9]+)?(?:\s*(?:[0-9]+|[一二三四五六七八九十]+|[Bb][0-9])(?:樓|[Ff])(?:之[0-9]+)?)?"),
     None),
    ("name", re.compile(rf"[{_SURNAMES}](?:[\u4e00-\u9fff○]{{0,2}})(?={_TITLES})"), None),
    ("name", re.compile(rf"(?:我(?:叫|是)|姓名\s*[:：]?|聯絡人\s*[:：]?)\s*([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
                        r"(?=[，。、,.\s（(]|$)"), None),
)  # fmt: skip


def suggestions(text: str) -> list[Span]:
    """What in a text seems to name a person, in order and without overlap; of two that overlap the earlier rule's."""
    return tidy(_found(text))


def _found(text: str) -> Iterator[Span]:
    for what, pattern, check in _RULES:
        for match in pattern.finditer(text):
            part = match.lastindex or 0
            if check is None or check(match.group(part)):
                yield Span(*match.span(part), what)


def tidy(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that overlap become one, of the kind of the first given."""
    kept: list[Span] = []
    for span in spans:
        if span.start >= span.end:
            continue
        touching = [old for old in kept if old.start < span.end and span.start < old.end]
        if touching:
            kept = [old for old in kept if old not in touching]
            start, end = min(span.start, *(o.start for o in touching)), max(span.end, *(o.end for o in touching))
            span = Span(start, end, touching[0].what)
        kept.append(span)
    return sorted(kept)


def places(text: str, words: str) -> list[Span]:
    """Where somebody's own words stand in a text, each time; none for empty words."""
    return [Span(*match.span()) for match in re.finditer(re.escape(words), text)] if words else []


def hidden(text: str, spans: Iterable[Span]) -> str:
    """The text with ○○○ in place of each span. As long as it is or shorter tells nothing of what stood there."""
    shown, at = [], 0
    for span in tidy(spans):
        shown += [text[at : span.start], HIDDEN]
        at = span.end
    return "".join([*shown, text[at:]])


def hidden_by_rule(text: str) -> str:
    """A text that nobody has looked through yet, without anything that the rules suggest."""
    return hidden(text, suggestions(text))


# --- Pictures ---------------------------------------------------------------------------------------------------------

WHOLE = 1000  # a side of the picture: regions are in tenths of a per cent, so that they fit every size of it


@dataclass(frozen=True, order=True)
class Region:
    """A rectangle of a picture in tenths of a per cent of its sides; ``what``: face, plate or hand."""

    x: int
    y: int
    width: int
    height: int
    what: str = "hand"

    @property
    def fits(self) -> bool:
        """Whether it lies inside the picture and has an area."""
        inside = self.x >= 0 and self.y >= 0 and self.x + self.width <= WHOLE and self.y + self.height <= WHOLE
        return inside and self.width > 0 and self.height > 0

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in a picture of so many pixels; rounded outwards, at least one pixel."""
        return (
            self.x * width // WHOLE,
            self.y * height // WHOLE,
            -(-(self.x + self.width) * width // WHOLE),
            -(-(self.y + self.height) * height // WHOLE),
        )


def region_of(box: tuple[float, float, float, float], size: tuple[int, int], what: str, margin: float = 0.0) -> Region:
    """The region of a box (x, y, width, height in pixels) of a picture, wider by a share of its sides all round."""
    (x, y, w, h), (width, height) = box, size
    left, top = max(0.0, x - margin * w), max(0.0, y - margin * h)
    right, bottom = min(float(width), x + w * (1 + margin)), min(float(height), y + h * (1 + margin))
    x0, y0 = int(left * WHOLE / width), int(top * WHOLE / height)
    x1, y1 = min(WHOLE, -int(-right * WHOLE // width)), min(WHOLE, -int(-bottom * WHOLE // height))
    return Region(x0, y0, x1 - x0, y1 - y0, what)
