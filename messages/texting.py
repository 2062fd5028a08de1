"""Text messages: how long a text is on the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# The default alphabet of 3GPP TS 23.038 §6.2.1, and what costs two places in it (§6.2.1.1).
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWO = frozenset("\f^{}\\[~]|€")

# Places in a text that goes as one, and in each part of a longer one, whose head tells phones how to join the parts
# (3GPP TS 23.040 §9.2.3.24.1): 140 bytes, less 6.
_ALONE = {True: 160, False: 70}
_PART = {True: 153, False: 67}


@dataclass(frozen=True)
class Length:
    """How long a text is on the way: its places, and in how many parts it goes, each of which costs."""

    places: int
    parts: int
    gsm: bool


def length(text: str) -> Length:
    """Places and parts of a text: of 7 bits if the default alphabet has all of it, else UCS-2 as phones take it, which
    is UTF-16: a character beyond the first plane has two places. No character is cut in two by the end of a part."""
    gsm = all(character in _GSM or character in _GSM_TWO for character in text)
    widths = [_width(character, gsm) for character in text]
    places = sum(widths)
    if places <= _ALONE[gsm]:
        return Length(places, 1 if text else 0, gsm)
    parts, left = 1, _PART[gsm]
    for width in widths:
        if width > left:
            parts, left = parts + 1, _PART[gsm]
        left -= width
    return Length(places, parts, gsm)


def _width(character: str, gsm: bool) -> int:
    return 2 if (character in _GSM_TWO if gsm else ord(character) > 0xFFFF) else 1


def fitted(text: str, most: int) -> str:
    """The text in at most so many parts: its words are cut, and its last line, which is where to read on, stays whole.

    An address that is too long by itself goes alone: half of one leads nowhere.
    """
    text = text.strip()
    words, _line, last = text.rpartition("\n")
    if length(text).parts <= most:
        return text
    if not words:
        words, last = text, ""
    words = words[: most * _ALONE[True]].rstrip()
    while words:
        ending = "..." if length(words + last).gsm else "…"
        shorter = f"{words}{ending}\n{last}" if last else f"{words}{ending}"
        if length(shorter).parts <= most:
            return shorter
        words = words[:-1].rstrip()
    return last
