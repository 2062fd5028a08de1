"""The yearly results report: years, a chapter as a page, and as PDF."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from annualreport.actions import chapter_pdf, context_of
from annualreport.registry import CHAPTERS, Chapter
from figures import queries
from figures.registry import Period
from foundation.clock import today
from foundation.printing import Unprintable
from foundation.ratelimit import limit
from identity.doors import door

FIRST_ROC_YEAR = 104


def _asked(year: int, number: int) -> tuple[Chapter, Period]:
    """The chapter and period of an address; years of the Republic that have begun."""
    if number not in CHAPTERS or not FIRST_ROC_YEAR <= year <= today().year - 1911:
        raise Http404
    return CHAPTERS[number], Period.year(year + 1911)


@door("public:annualreport:read")
def index(request: HttpRequest) -> HttpResponse:
    """``/annual-report/``: the years with records, the newest first."""
    years = [Period.year(year) for year in range(FIRST_ROC_YEAR + 1911, today().year + 1)]
    readings = queries.series("servicerequests.requests", years)
    found = [
        {"period": period, "roc": period.start.year - 1911, "reading": reading}
        for period, reading in zip(years, readings, strict=True)
        if reading.value
    ]
    return render(request, "annualreport/index.html", {"years": found[::-1], "chapters": CHAPTERS.values()})


@door("public:annualreport:read")
def chapter(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """``/annual-report/111/5/``: the chapter as a page."""
    found, period = _asked(year, number)
    return render(request, "annualreport/chapter.html", context_of(found, period) | {"roc": year})


@door("public:annualreport:read")
@limit("annual-report-pdf", per_minute=20)
def pdf(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """``/annual-report/111/5.pdf``: the same, printed."""
    found, period = _asked(year, number)
    try:
        path = chapter_pdf(found, period)
    except Unprintable as problem:
        return render(request, "annualreport/unprintable.html", {"problem": str(problem)}, status=503)
    return FileResponse(
        path.open("rb"),
        as_attachment=False,
        filename=f"annual-report-{year}-{number}.pdf",
        content_type="application/pdf",
    )
