"""Which district a messy text means: an address as people, maps and old records write it. Pure string work.

``高雄市苓雅區…``, ``105台灣台北市松山區光復北路…``, ``８０２高雄市　苓雅 中正路``, ``No. 5, Lingya Dist., Kaohsiung``,
``高雄縣鳳山市…`` of before 2010.

A wrong district sends a crew to the wrong place, and no district asks the citizen: so what is doubtful is None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

# The cities and counties of Taiwan, so that a district of another one is not taken for ours.
COUNTIES = (
    "臺北市", "新北市", "桃園市", "臺中市", "臺南市", "高雄市", "基隆市", "新竹市", "新竹縣", "苗栗縣", "彰化縣",
    "南投縣", "雲林縣", "嘉義市", "嘉義縣", "屏東縣", "宜蘭縣", "花蓮縣", "臺東縣", "澎湖縣", "金門縣", "連江縣",
    "臺北縣", "桃園縣", "臺中縣", "臺南縣", "高雄縣",
)  # fmt: skip
COUNTIES_EN = (
    "new taipei", "taipei", "taoyuan", "taichung", "tainan", "kaohsiung", "keelung", "hsinchu", "miaoli", "changhua",
    "nantou", "yunlin", "chiayi", "pingtung", "yilan", "hualien", "taitung", "penghu", "kinmen", "lienchiang",
)  # fmt: skip
# After a bare name, these make it the name of something else: 中山北路, 左營大路, 大安國小, 前鎮河.
OTHER_THINGS = re.compile(
    r"[東西南北中大]?[0-9一二三四五六七八九十]*"
    r"(路|街|道|巷|弄|橋|段|國小|國中|高中|大學|學校|公園|市場|車站|站|醫院|分局|里|村|河|溪|溝|港|圳|山|宮|寺|廟)"
)
HAN = "\u4e00-\u9fff"


def plain(text: str) -> str:
    """A text as it is compared: NFKC (full-width digits and letters), 臺 for 台, small letters, single spaces."""
    text = unicodedata.normalize("NFKC", text).replace("台", "臺").lower()
    return re.sub(r"\s+", " ", text.replace("'", "").replace("\u2019", "")).strip()


class DistrictNames:
    """Finds the district that a text names.

    ``city`` are the city's names in both languages; ``districts`` gives the code, name, English name, postcode of three
    digits (or none) and the other ways to write each name.
    """

    def __init__(self, city: Iterable[str], districts: Iterable[tuple[str, str, str, str, Sequence[str]]]) -> None:
        ours = {plain(name) for name in city}
        self._ours = ours
        full: dict[str, str] = {}
        bare: dict[str, str] = {}
        english: dict[str, str] = {}
        self._zip: dict[str, str] = {}
        for code, name, name_en, zip3, aliases in districts:
            full |= {plain(written): code for written in (name, *aliases)}
            bare[plain(name).removesuffix("區")] = code
            english[plain(name_en).removesuffix(" district")] = code
            self._zip |= {zip3: code} if zip3 else {}
        self._codes = {**full, **bare, **english}
        named = _any(ours)
        self._full = re.compile(_any(full))
        self._other = re.compile(_any(set(COUNTIES) - ours))
        self._other_before = re.compile(rf"(?:{self._other.pattern})[\s,]*$")
        # A postcode, the country and the city, each of which may be missing or doubled; then a name without 區.
        start = rf"^(?:\d{{3}}(?:\d{{2,3}})?)?[\s,]*(?:臺灣省?|taiwan)?[\s,]*((?:(?:{named})[\s,]*)*)"
        self._bare = re.compile(rf"{start}({_any(bare)})(?=(.*))")
        self._english = re.compile(rf"\b({_any(english)})\s*dist(?:rict)?\b")
        self._counties_en = re.compile(_any(COUNTIES_EN))
        self._postcode = re.compile(
            rf"^(\d{{3}})(?:\d{{2,3}})?(?=\s(?![號巷弄之樓])|,|臺灣|taiwan|{named})|taiwan[\s,]*(?:\(roc\))?[\s,]*(\d{{3}})(?:\d{{2,3}})?$"
        )

    def find(self, text: str) -> str | None:
        """The code of the district that a text names first, or None.

        A full name goes before a name without 區, that before the English name, and that before the postcode.
        """
        text = plain(text)
        return self._by_full(text) or self._by_bare(text) or self._by_english(text) or self._by_postcode(text)

    def _by_full(self, text: str) -> str | None:
        for found in self._full.finditer(text):
            before = text[: found.start()]
            if self._other_before.search(before):
                continue  # 臺中市大安區 is not ours
            if found[0].endswith("社區") and re.search(rf"[{HAN}]$", before) and not re.search(r"[市縣灣省]$", before):
                continue  # 大社區 is a district, and also the end of 某某大社區
            return self._codes[found[0]]
        return None

    def _by_bare(self, text: str) -> str | None:
        found = self._bare.search(text)
        if not found or OTHER_THINGS.match(found[3]):
            return None
        alone = not re.match(rf"[{HAN}0-9a-z]", found[3])
        in_address = found[1] and re.search(r"[路街道巷里]", found[3])
        return self._codes[found[2]] if alone or in_address else None

    def _by_english(self, text: str) -> str | None:
        found = self._english.search(text)
        counties = set(self._counties_en.findall(text))
        if not found or (counties and not counties & self._ours):
            return None
        return self._codes[found[1]]

    def _by_postcode(self, text: str) -> str | None:
        found = None if self._other.search(text) else self._postcode.search(text)
        return self._zip.get(found[1] or found[2]) if found else None


def _any(names: Iterable[str]) -> str:
    """A pattern for any of the names, the longest first."""
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))
