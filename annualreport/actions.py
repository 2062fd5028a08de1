"""Printing: a chapter as a web page's body and as PDF. Numbers come from `figures`, never from a keyboard."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from annualreport.registry import Chapter
from cases.fields import in_language
from figures import queries
from figures.registry import Period
from foundation.printing import pdf, style_sheets
from organisation.pack import pack
from servicerequests.actions import broadcasting
from servicerequests.actions.counting import Sums
from servicerequests.models import Incident
from servicerequests.models.incident import Event
from servicerequests.wording import scope_words, sums_context

SHEETS = ("foundation/css/tokens.css", "foundation/report.css")


def context_of(chapter: Chapter, period: Period) -> dict:
    """Readings by figure, the tables by month and kind, and the sources of all numbers, for a chapter's template."""
    readings = queries.values(chapter.figures, period)
    city = pack().city
    return {
        "chapter": chapter,
        "city_name": in_language(city.name, city.name_en),
        "period": period,
        "readings": {code.partition(".")[2]: reading for code, reading in readings.items()},
        "sources": [readings[code] for code in chapter.figures],
        **(tables_of(chapter, period) if chapter.tabled else {}),
    }


def tables_of(chapter: Chapter, period: Period) -> dict:
    """The chapter's tables: by month, with the width of a bar for the first column, and by kind."""
    months = [queries.series(code, period.months) for code in chapter.tabled]
    kinds = queries.table(chapter.tabled, period, "kind")
    most = max((reading.value or 0 for reading in months[0]), default=0) or 1
    return {
        "months": [
            {"period": month, "readings": row, "width": f"{float(row[0].value or 0) / float(most) * 100:.1f}%"}
            for month, *row in zip(period.months, *months, strict=True)
        ],
        "kinds": [row for row in kinds.rows if row.readings[0].value],
        "total": kinds.total,
    }


def chapter_html(chapter: Chapter, period: Period) -> str:
    """The chapter as a complete HTML document for printing, in the reader's language."""
    context = context_of(chapter, period) | {"printed": True, "PUBLIC_URL": settings.PUBLIC_URL}
    return render_to_string("annualreport/print.html", context)


def chapter_pdf(chapter: Chapter, period: Period) -> Path:
    """The chapter as PDF.

    Raises Unprintable as `foundation.printing.pdf` does.
    """
    return printed(chapter_html(chapter, period), f"{period}-{chapter.number}")


def printed(html: str, stem: str) -> Path:
    """A document as PDF; printed once for each state of its words, kept under ``var/reports``. Raises Unprintable."""
    styles = style_sheets(*SHEETS)
    key = hashlib.sha256("\0".join([html, *styles, get_language() or ""]).encode()).hexdigest()[:32]
    folder = settings.VAR_DIR / "reports"
    path = folder / f"{stem}-{key}.pdf"
    if not path.exists():
        content = pdf(html, styles)
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        draft.write_bytes(content)
        draft.replace(path)
    return path


def incident_context(incident: Incident) -> dict:
    """What the report after an incident prints. Of a closed one the sums at its closing, and beside them those of now:
    what is corrected or finished later is seen and changes nothing that was reported."""
    now = sums_context(incident, Sums.of(incident))
    sums = sums_context(incident, Sums.kept(incident.figures), links=False) if incident.closed_at else now
    for cell, current in zip(sums["total"], now["total"], strict=True):
        cell |= {"now": current["value"], "url": current["url"]}
    return {
        "incident": incident,
        "event": Event(incident.event).label,
        "scope": scope_words(incident),
        "sums": sums,
        "now": now,
        "broadcasts": broadcasting.reached(incident)[::-1],
        "events": incident.events.select_related("actor").order_by("at", "pk"),
    }
