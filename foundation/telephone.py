"""Telephone numbers as people write them. Pure."""

from __future__ import annotations

import re
import unicodedata

_MOBILE = re.compile(r"(?:(?:\+|00)?886(?:\(0\)|0)?|0)(9[0-9]{8})")


def mobile(number: str) -> str | None:
    """A Taiwanese mobile number as E.164 (``+886912345678``), however it was written; None for any other number.

    Mobile numbers are 09 and eight digits (電信號碼計畫); one with an extension is no mobile.
    """
    plain = re.sub(r"[\s.\-‐-―−]", "", unicodedata.normalize("NFKC", number))
    found = _MOBILE.fullmatch(plain)
    return f"+886{found[1]}" if found else None


def national(number: str) -> str:
    """An E.164 number as people here write it: ``0912-345-678``; another one as it is."""
    found = re.fullmatch(r"\+886(9\d{2})(\d{3})(\d{3})", number)
    return f"0{found[1]}-{found[2]}-{found[3]}" if found else number


def masked_number(number: str) -> str:
    """Enough of a telephone number for its owner to know it: ``0912***678``."""
    national = re.sub(r"^\+886", "0", number)
    return f"{national[:4]}***{national[-3:]}" if len(national) >= 9 else "***"
