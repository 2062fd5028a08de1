"""Tidying addresses as other systems export them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_POSTCODE = re.compile(r"^\d{3,6}(?=\D)")
_COUNTRY = re.compile(r"^(?:台灣|臺灣|中華民國)(?:省)?")
_NEIGHBOURHOOD = re.compile(r"\d{1,3}鄰")


def tidy(address: str, district: str, city_names: Collection[str]) -> str:
    """An address without what is said twice: ``松山區105台灣台北市松山區光復北路190巷`` gives
    ``松山區光復北路190巷``. The number of the neighbourhood (鄰), which leads to a household, is left out. Of
    ``city_names`` the longest stands first.

    Full-width letters and digits become half-width; what is not understood stays as it is.
    """
    text = unicodedata.normalize("NFKC", address).strip(" ,、;")
    while True:
        before = text
        text = _COUNTRY.sub("", _POSTCODE.sub("", text)).lstrip()
        for name in (district, *city_names):
            if name and text.startswith(name):
                text = text[len(name) :].lstrip()
                break  # and begin again with the longest name
        if text == before:
            break
    text = _NEIGHBOURHOOD.sub("", text, count=1)
    return f"{district}{text}"
