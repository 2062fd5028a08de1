"""A document onto paper and into files: HTML, PDF, ODT, DOCX, JSON, each made once for each state of its words.

PDF by WeasyPrint with tags and bookmarks (ISO 32000-1, 14.8), ODT and DOCX by pandoc from the same HTML.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from annualreport.actions import office
from annualreport.actions.documents import Document, with_provenance
from annualreport.actions.photos import embedded
from annualreport.actions.rendering import Renderer
from foundation.language import in_language
from foundation.printing import pdf, style_sheets
from foundation.roc import roc_date

SHEETS = ("foundation/css/tokens.css", "foundation/report.css")
FORMATS = {
    "pdf": "application/pdf",
    "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}


def whole_html(document: Document, *, bars: bool = True, contents: bool = True) -> str:
    """A document as a complete HTML file for printing: cover, contents, sections, sources of the numbers."""
    renderer = Renderer(base=settings.PUBLIC_URL, bars=bars, embed=embedded)
    sections = document["sections"]
    context = {
        "document": document,
        "sections": renderer.sections(sections),
        "contents": renderer.contents(sections) if contents and len(sections) > 1 else "",
        "note": edition_note(document),
        "is_whole": sum("." not in section["code"] for section in sections) > 1,
        "office": not bars,
        "PUBLIC_URL": settings.PUBLIC_URL,
    }
    return render_to_string("annualreport/print.html", context)


def file_of(document: Document, form: str, stem: str) -> Path:
    """A document as a file, one of FORMATS. Raises Unprintable as `foundation.printing.pdf` does."""
    if form == "json":
        # The moment at which it was made is in it, and no new state of its words.
        return kept(
            machine_readable(document | {"made_at": ""}),
            stem,
            "json",
            lambda _text: machine_readable(document).encode(),
        )
    if form == "html":
        return kept(whole_html(document), stem, "html", lambda text: text.encode())
    if form == "pdf":
        return printed(whole_html(document), stem)
    html = whole_html(document, bars=False, contents=False)
    state = "\0".join([html, office.VERSION])
    return kept(state, stem, form, lambda _state: office.convert(html, form, edition_note(document)))


def edition_note(document: Document) -> str:
    """Which version a document is, in words."""
    if edition := document.get("edition"):
        day = date.fromisoformat(edition["on"])
        return _("第 %(number)d 版，%(day)s公布") % {
            "number": edition["number"],
            "day": in_language(roc_date(day), edition["on"]),
        }
    return _("尚未公布的草稿")


def machine_readable(document: Document) -> str:
    """The document for programs: every figure with its definition and provenance; the same text for the same state."""
    told = with_provenance(document)
    figures = [figure | {"url": f"{settings.PUBLIC_URL}{figure['url']}"} for figure in told["figures"]]
    return json.dumps(told | {"figures": figures}, ensure_ascii=False, indent=1)


def printed(html: str, stem: str) -> Path:
    """HTML as PDF, printed once for each state of its words. Raises Unprintable."""
    styles = style_sheets(*SHEETS)
    return kept("\0".join([html, *styles]), stem, "pdf", lambda _text: pdf(html, styles))


def kept(text: str, stem: str, ending: str, make: Callable[[str], bytes]) -> Path:
    """The file that is made from a text, made once for each text and language and kept under ``var/reports``."""
    key = hashlib.sha256("\0".join([text, get_language() or ""]).encode()).hexdigest()[:32]
    folder = settings.VAR_DIR / "reports"
    path = folder / f"{stem}-{key}.{ending}"
    if not path.exists():
        content = make(text)
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        draft.write_bytes(content)
        draft.replace(path)
    return path
