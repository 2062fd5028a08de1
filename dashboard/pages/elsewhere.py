"""Boards outside their own pages: on a wall, in the frame of another site, as a picture in a file."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dashboard.filing import svg
from dashboard.models import Board
from dashboard.pages.boards import asked_chart, found_board, last_content
from dashboard.reading import tell
from figures import queries
from identity.doors import door


@door("public:dashboard:read")
@require_safe
@never_cache
@gzip_page
def screen(request: HttpRequest, key: str) -> HttpResponse:
    """``/screens/KEY/``: a board for a wall. Whoever knows the address sees it: a screen has no account to sign in
    with, and what it shows are sums, never people."""
    board, charts = found_board(Board.objects.by_key(key), screen_key=key)
    return render(request, "dashboard/screen.html", last_content(request, board, charts).value)


@door("public:dashboard:read")
@require_safe
@gzip_page
def frame(request: HttpRequest, slug: str) -> HttpResponse:
    """``/dashboard/requests/frame/``: a board, or with ``chart`` one of its charts, for the sites that its editor
    named; none: not found. Browsers keep to ``frame-ancestors``; the older header knows no list and is left out."""
    board, charts = found_board(Board.objects.public(), slug=slug)
    only = request.GET.get("chart", "")
    if only:
        charts = [chart for chart in charts if str(chart.pk) == only]
    if not board.sites or (only and not charts):
        raise Http404
    response = render(request, "dashboard/frame.html", last_content(request, board, charts).value)
    response._csp_config = {**settings.SECURE_CSP, "frame-ancestors": board.sites}
    response.xframe_options_exempt = True
    return response


@door("public:dashboard:read")
@require_safe
def picture(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """``/dashboard/requests/12.svg``: the chart as a file; from it the page's script makes a PNG."""
    chart, chosen = asked_chart(request, slug, pk)
    (told,) = tell([chart], chosen)
    drawn = svg(chart, told, chosen, queries.up_to_date_at())
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{slug}-{pk}.svg")
    # Opened by itself it is a document of ours: it may colour itself, and nothing else.
    response._csp_config = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"]}
    return response
