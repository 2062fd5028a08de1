"""Outlines for the maps: GeoJSON, public, kept by browsers for a day and cheap to ask for again after that."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from identity.doors import door
from organisation.geography import district_outline, village_outlines
from organisation.pack import pack


def _etag(request: HttpRequest, district: str = "") -> str:
    return f'"{pack().digest[:20]}{district}"'


@door("public:pages:read")
@require_safe
@cache_control(public=True, max_age=86_400)
@gzip_page
@condition(etag_func=_etag)
def districts(request: HttpRequest) -> HttpResponse:
    """The outlines of all districts."""
    return _geojson(district_outline())


@door("public:pages:read")
@require_safe
@cache_control(public=True, max_age=86_400)
@gzip_page
@condition(etag_func=_etag)
def villages(request: HttpRequest, district: str) -> HttpResponse:
    """The outlines of a district's villages."""
    try:
        return _geojson(village_outlines(district))
    except KeyError:
        raise Http404 from None


def _geojson(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/geo+json")
