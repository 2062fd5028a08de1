"""The map's tiles: cells with counts, small whatever they count, the same for everybody, kept for a minute."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from foundation.ratelimit import limit
from identity.doors import door
from publicmap.pages.filters import MapFilter
from publicmap.queries import tile
from publicmap.rules import RESOLUTION, STANDS


@door("public:map:read")
@limit("map-tile", 1200)
@require_safe
@cache_control(public=True, max_age=60)
@gzip_page
@conditional_page
def cells(request: HttpRequest, zoom: int, x: int, y: int) -> HttpResponse:
    """``/map/tiles/12/3415/1785.json``: of the tile's H3 cells those that hold something. One statement."""
    if zoom not in RESOLUTION or not (x < 1 << zoom and y < 1 << zoom):
        raise Http404
    body = {"stands": list(STANDS), "cells": tile(MapFilter(request.GET).asked(), zoom, x, y)}
    return HttpResponse(json.dumps(body, separators=(",", ":")), content_type="application/json")
