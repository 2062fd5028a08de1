"""HTML onto paper: PDF in the fonts that travel with the house, and no character that they lack."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from fontTools.ttLib import TTFont
from PIL import ImageFile

FONTS = Path(__file__).parent / "fonts"


class Unprintable(Exception):
    """Printing is not possible, in words for whoever keeps the system."""


def style_sheets(*names: str) -> list[str]:
    """The texts of static style sheets, as `pdf` wants them."""
    return [Path(str(finders.find(name))).read_text() for name in names]


def pdf(html: str, styles: list[str]) -> bytes:
    """A complete HTML document as PDF, tagged for screen readers, with its headings as bookmarks.

    Raises Unprintable where the fonts lack a character, rather than printing a box, or the machine lacks Pango.
    """
    check_glyphs(html)
    # Half a second to import, and only whoever prints needs it.
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
    except OSError as error:
        raise Unprintable(
            _("這部機器沒有排版程式庫 Pango（Debian：apt-get install libpango-1.0-0 libpangoft2-1.0-0）。")
        ) from error
    # WeasyPrint has Pillow take pictures that break off, in the whole process: uploads would be taken damaged.
    ImageFile.LOAD_TRUNCATED_IMAGES = False

    fonts = FontConfiguration()
    faces = "".join(
        f'@font-face {{ font-family: "Noto Sans TC"; font-weight: {weight}; src: url("{(FONTS / name).as_uri()}") }}'
        for weight, name in ((400, "NotoSansTC-Regular.ttf"), (700, "NotoSansTC-Bold.ttf"))
    )
    sheets = [CSS(string=css, font_config=fonts) for css in (faces, *styles)]
    printed = HTML(string=html, base_url=settings.PUBLIC_URL).write_pdf(
        stylesheets=sheets, font_config=fonts, pdf_tags=True
    )
    assert isinstance(printed, bytes)
    return printed


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """The code points that the fonts have; both weights have the same, which a test holds, so one is read."""
    with TTFont(FONTS / "NotoSansTC-Regular.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap())


def check_glyphs(text: str) -> None:
    """Refuse a text with a visible character that the fonts lack."""
    missing = sorted({c for c in text if not c.isspace() and ord(c) >= 32 and ord(c) not in _glyphs()})
    if missing:
        glyphs = " ".join(f"{c} (U+{ord(c):04X})" for c in missing)
        raise Unprintable(_("字型缺少這些字：%(glyphs)s") % {"glyphs": glyphs})
