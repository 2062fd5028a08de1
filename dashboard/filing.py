"""A chart as a picture in a file: what a page shows with its style sheet, with all of it inside."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from unicodedata import east_asian_width

from django.utils.translation import gettext as _

from dashboard.choosing import Choice
from dashboard.models import Chart
from dashboard.picturing import picture
from dashboard.told import Told
from dashboard.words import sentence
from foundation.stylesheet import STATIC
from foundation.templatetags.city import roc_datetime

WIDTH, EDGE = 800, 24
MOST = 104  # half-width places in a line of text 13 pixels high
STYLES = STATIC / "css" / "picture.css"


def svg(chart: Chart, told: Told, chosen: Choice, as_of) -> str:
    """The chart with its title, sentence, legend and where it is from, 800 pixels wide, in the light colours."""
    drawn = picture(chart, told, chosen, WIDTH - 2 * EDGE)
    parts, y = [_line(38, str(chart), "title")], 38.0
    for line in wrapped(sentence(chart, told)):
        y += 22
        parts.append(_line(y, line, "words"))
    y += 20
    if drawn and drawn.height:
        style = f"picture picture-{chart.kind}"
        size = f'x="{EDGE}" y="{y:g}" width="{WIDTH - 2 * EDGE}" height="{drawn.height}"'
        parts.append(f'<svg {size} class="{style}">{drawn.body}</svg>')
        y += drawn.height + 12
        legend, y = _legend([(mark.style, mark.label) for mark in drawn.legend], y)
        parts.append(legend)
    origin = chart.in_language("source") or _("市政府統計資料")
    y += 22
    parts.append(_line(y, f"{told.stretch.label} · {origin} · {_('資料至')} {roc_datetime(as_of)}", "tick"))
    y += EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y:g}" viewBox="0 0 {WIDTH} {y:g}">'
        f"<title>{escape(str(chart))}</title><style>{_style()}</style>"
        f'<rect width="{WIDTH}" height="{y:g}" fill="#ffffff"/><g class="picture">{"".join(parts)}</g></svg>'
    )


def _line(y: float, words: str, style: str) -> str:
    return f'<text x="{EDGE}" y="{y:g}" class="{style}">{escape(words)}</text>'


def _legend(marks: list[tuple[str, str]], y: float) -> tuple[str, float]:
    """The legend in as many lines as it needs, and where it ends."""
    drawn, x = [], float(EDGE)
    for style, label in marks:
        width = 24 + _places(label) * 6.8 + 18
        if x + width > WIDTH - EDGE and x > EDGE:
            x, y = float(EDGE), y + 20
        drawn.append(f'<rect x="{x:g}" y="{y:g}" width="16" height="12" class="{style}"/>')
        drawn.append(f'<text x="{x + 22:g}" y="{y + 11:g}">{escape(label)}</text>')
        x += width
    return "".join(drawn), y + (14 if marks else 0)


def wrapped(text: str, most: int = MOST) -> list[str]:
    """A sentence in lines of up to so many half-width places; Latin words stay whole."""
    lines, line = [], ""
    for piece in re.findall(r"[\x21-\x7e]+\s*|.", text):
        if line and _places(line + piece.rstrip()) > most:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _places(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


@lru_cache(maxsize=1)
def _style() -> str:
    """The rules of the style sheet that colour pictures, with the values of the light colours."""
    tokens = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    values = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", tokens[: tokens.index("@media")]))
    rules = re.findall(r"^\.picture[^\n]+$", STYLES.read_text(encoding="utf-8"), re.M)
    text = re.sub(r"var\((--[\w-]+)\)", lambda found: values[found[1]], "\n".join(rules))
    words = f".picture .title {{ font-size: 22px; font-weight: 700; }} .picture .words {{ fill: {values['--ink-2']}; }}"
    areas = "\n".join(rule.replace(" use", " path") for rule in text.splitlines() if " use" in rule)
    return "\n".join((text, areas, words))
