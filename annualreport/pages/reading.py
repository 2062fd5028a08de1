"""The city's reports for everybody: which there are, their contents, a chapter as a page, the whole as a file."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page

from annualreport.actions.printing import FORMATS, file_of
from annualreport.actions.reading import Edition, address_of, edition, place_of, with_corrections
from annualreport.actions.rendering import Renderer
from annualreport.models import Publication
from annualreport.registry import RESULTS, Kind, kinds
from figures import queries
from figures.registry import Period
from foundation.clock import today
from foundation.printing import Unprintable
from foundation.ratelimit import limit
from identity.doors import door

FIRST_ROC_YEAR = 104
ENDINGS = ("pdf", "odt", "docx", "json")


def asked(kind: str, period: str) -> tuple[Kind, Period]:
    """The kind and period of an address: a year of the Republic for a yearly report, 2022-08 for a monthly one."""
    try:
        found = kinds()[kind]
        wanted = Period.year(int(period) + 1911) if found.grain == "year" else Period.parse(period)
    except (KeyError, ValueError) as error:
        raise Http404(str(error)) from error
    if wanted.grain != found.grain or not wanted.has_begun or wanted.start.year < FIRST_ROC_YEAR + 1911:
        raise Http404(period)
    return found, wanted


def _edition(request: HttpRequest, kind: Kind, period: Period, chapter: str = "") -> Edition:
    version = request.GET.get("version", "")
    found = edition(kind, period, int(version) if version.isdecimal() and len(version) < 5 else None, chapter)
    if found is None:
        raise Http404(chapter)
    return found


def _context(request: HttpRequest, kind: Kind, period: Period, found: Edition) -> dict:
    publication = found.publication
    chosen = publication.number if publication and "version" in request.GET else None
    return {
        "kind": kind,
        "period": period,
        "title": found.document["title"],
        "publication": publication,
        "version": chosen,
        "versions": list(Publication.objects.of(kind.code, period.code)) if publication else [],
        "home": address_of(kind, period, version=chosen),
        "files": [
            (form.upper(), reverse("city-report-file", args=[kind.code, place_of(kind, period), form])
             + (f"?version={chosen}" if chosen else ""))
            for form in ENDINGS
        ],
    }  # fmt: skip


@door("public:annualreport:read")
@gzip_page
def index(request: HttpRequest) -> HttpResponse:
    """``/annual-report/``: the years with records, the newest first, and what was published besides."""
    years = [Period.year(year) for year in range(FIRST_ROC_YEAR + 1911, today().year + 1)]
    readings = queries.series("servicerequests.requests", years)
    published = [(each, each.report.kind, each.report.of_period) for each in Publication.objects.newest()]
    numbers = {(kind.code, period): each for each, kind, period in published}
    results = kinds().get(RESULTS)
    found = [
        {
            "period": period,
            "reading": reading,
            "publication": numbers.get((RESULTS, period)),
            "chapters": [(chapter, address_of(results, period, chapter.code)) for chapter in results.chapters],
            "home": address_of(results, period),
            "pdf": reverse("city-report-file", args=[RESULTS, place_of(results, period), "pdf"]),
        }
        for period, reading in zip(years, readings, strict=True)
        if results and (reading.value or (RESULTS, period) in numbers)
    ]
    others = [
        (kind.title(period.label), address_of(kind, period), each)
        for each, kind, period in sorted(published, key=lambda line: line[0].report.period, reverse=True)
        if kind.code != RESULTS
    ]
    return render(request, "annualreport/index.html", {"years": found[::-1], "others": others})


@door("public:annualreport:read")
@gzip_page
def contents(request: HttpRequest, period: str, kind: str = RESULTS) -> HttpResponse:
    """``/annual-report/111/``, ``/reports/analysis/2022-08/``: what the report holds, its versions, its files."""
    found_kind, found_period = asked(kind, str(period))
    found = _edition(request, found_kind, found_period)
    context = _context(request, found_kind, found_period, found)
    lines = [
        {
            "level": section["code"].count(".") + 1,
            "heading": section["heading"],
            "unit": section["unit"],
            "url": address_of(found_kind, found_period, section["code"].partition(".")[0], context["version"])
            + (f"#s{section['code']}" if "." in section["code"] else ""),
        }
        for section in found.document["sections"]
    ]
    return render(request, "annualreport/contents.html", context | {"lines": lines})


@door("public:annualreport:read")
@gzip_page
def chapter(request: HttpRequest, period: str, number: int, kind: str = RESULTS) -> HttpResponse:
    """``/annual-report/111/5/``: a chapter as a page, each number leading to where it comes from."""
    found_kind, found_period = asked(kind, str(period))
    found = _edition(request, found_kind, found_period, str(number))
    sections = found.document["sections"]
    context = _context(request, found_kind, found_period, found) | {
        "heading": sections[0]["heading"],
        "sections": Renderer().sections(sections),
        "sources": with_corrections(found),
        "pdf": reverse("annual-report-pdf", args=[place_of(found_kind, found_period), number])
        if found_kind.code == RESULTS
        else "",
    }
    return render(request, "annualreport/chapter.html", context)


def _file(request: HttpRequest, kind: Kind, period: Period, form: str, chapter: str = "") -> HttpResponse:
    found = _edition(request, kind, period, chapter)
    stem = "-".join([kind.code, place_of(kind, period), *([chapter] if chapter else [])])
    return file_response(request, found.document, form, stem)


def file_response(request: HttpRequest, document: dict, form: str, stem: str) -> HttpResponse | FileResponse:
    """A document as a file to be opened or saved; 503 in words where it cannot be printed."""
    try:
        path = file_of(document, form, stem)
    except Unprintable as problem:
        return render(request, "annualreport/unprintable.html", {"problem": str(problem)}, status=503)
    return FileResponse(path.open("rb"), filename=f"{stem}.{form}", content_type=FORMATS[form])


@door("public:annualreport:read")
@limit("annual-report-pdf", per_minute=20)
def pdf(request: HttpRequest, period: str, number: int) -> HttpResponse:
    """``/annual-report/111/5.pdf``: a chapter, printed."""
    return _file(request, *asked(RESULTS, str(period)), "pdf", str(number))


@door("public:annualreport:read")
@limit("annual-report-file", per_minute=10)
def download(request: HttpRequest, kind: str, period: str, form: str) -> HttpResponse:
    """``/reports/results/111.odt``: the whole report as PDF, ODT, DOCX, or JSON for programs."""
    if form not in ENDINGS:
        raise Http404(form)
    return _file(request, *asked(kind, period), form)
