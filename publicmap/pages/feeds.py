"""The list for programs: Atom with GeoRSS, GeoJSON, CSV. Each says what the filters say, and 304 to who knows it.

Field names follow Open311 GeoReport v2 where it has one. The language is part of the address, so that caches may share.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree as ET

from django.conf import settings
from django.db.models import Count, Max, Sum
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from cases.models import Case
from foundation.clock import now
from foundation.export import csv_response
from foundation.ratelimit import limit
from identity.doors import door
from publicmap.pages.filters import STAND_LABELS, MapFilter
from publicmap.queries import Asked, place_of
from publicmap.rules import STAND_OF

ENTRIES = 50  # of the Atom feed
ROWS = 20_000  # of the others
ATOM, GEORSS = "http://www.w3.org/2005/Atom", "http://www.georss.org/georss"
COLUMNS = (
    "service_request_id", "service_code", "service_name", "status", "state", "requested_datetime", "expected_datetime",
    "updated_datetime", "district", "village", "agency_responsible", "lat", "long",
)  # fmt: skip


def feed(view: Callable[[HttpRequest, Asked, str], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A feed: reads the filters, answers 304 where nothing has changed, in the language of the address."""

    @wraps(view)
    def conditional(request: HttpRequest) -> HttpResponse:
        asked = MapFilter(request.GET).asked()
        language = "en" if request.GET.get("lang") == "en" else settings.LANGUAGE_CODE
        # Every verb makes a case's version one more, so the sum tells of any change.
        stamp = asked.cases().aggregate(n=Count("pk"), version=Sum("version"), last=Max("pk"))
        etag = f'"{sha256(repr((view.__name__, asked, language, stamp)).encode()).hexdigest()[:32]}"'
        response = get_conditional_response(request, etag=etag)
        if response is None:
            response = view(request, asked, language)
        response["ETag"], response["Content-Language"] = etag, language
        response.headers.pop("Cache-Control", None)
        patch_cache_control(response, public=True, max_age=300)
        return response

    return conditional


def newest(asked: Asked) -> Any:
    """The cases of a feed, the newest first."""
    return asked.cases().select_related("district", "village", "unit__agency").order_by("-received_at", "-pk")


def told(cases: Any, language: str) -> Iterator[dict[str, Any]]:
    """The cases as records, in a language: a stream goes on when the page's own language is long gone."""
    for case in cases.iterator(chunk_size=2000):
        with override(language):
            said = record(case)
        yield said


def updated(case: Case) -> datetime:
    """When the public last saw it change its stand."""
    return max(filter(None, (case.received_at, case.done_at, case.closed_at)))


def record(case: Case) -> dict[str, Any]:
    """A case as every feed tells it. The words of the report and its address are not among it."""
    lat, lon = place_of(case)
    stand = STAND_OF[case.state]
    return {
        "service_request_id": str(case.number),
        "service_code": case.kind_code,
        "service_name": case.kind.label,
        "status": "open" if stand in {"received", "working"} else "closed",
        "state": stand,
        "requested_datetime": case.received_at.isoformat(timespec="seconds"),
        "expected_datetime": case.due_at.isoformat(timespec="seconds") if case.due_at else None,
        "updated_datetime": updated(case).isoformat(timespec="seconds"),
        "district": str(case.district or ""),
        "village": str(case.village or ""),
        "agency_responsible": str(case.unit.agency),
        "lat": lat,
        "long": lon,
    }


@door("public:map:read")
@limit("map-feed", 30)
@require_safe
@feed
def geojson(request: HttpRequest, asked: Asked, language: str) -> HttpResponse:
    """``/map/cases.geojson``: RFC 7946, streamed; the newest 20,000."""
    return StreamingHttpResponse(_features(told(newest(asked)[:ROWS], language)), content_type="application/geo+json")


def _features(records: Iterator[dict[str, Any]]) -> Iterator[str]:
    before = '{"type":"FeatureCollection","features":['
    for properties in records:
        lat, lon = properties.pop("lat"), properties.pop("long")
        feature = {
            "type": "Feature", "id": properties["service_request_id"], "properties": properties,
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
        }  # fmt: skip
        yield before + json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        before = ","
    yield "]}" if before == "," else before + "]}"


@door("public:map:read")
@limit("map-feed", 30)
@require_safe
@feed
def table(request: HttpRequest, asked: Asked, language: str) -> HttpResponse:
    """``/map/cases.csv``: the same columns, streamed; the newest 20,000."""
    rows = (said.values() for said in told(newest(asked)[:ROWS], language))
    return csv_response("cases.csv", COLUMNS, rows)


@door("public:map:read")
@limit("map-feed", 30)
@require_safe
@feed
def atom(request: HttpRequest, asked: Asked, language: str) -> HttpResponse:
    """``/map/cases.atom``: RFC 4287 with GeoRSS-Simple (OGC 17-002r1); the newest 50."""
    ET.register_namespace("", ATOM)
    ET.register_namespace("georss", GEORSS)
    with override(language):
        root = _feed(request, list(newest(asked)[:ENTRIES]))
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(content, content_type="application/atom+xml; charset=utf-8")


def _feed(request: HttpRequest, cases: list[Case]) -> ET.Element:
    root = ET.Element(f"{{{ATOM}}}feed")
    query = request.META.get("QUERY_STRING", "")
    here, page = (
        settings.PUBLIC_URL + path + (f"?{query}" if query else "") for path in (request.path, reverse("map"))
    )
    _add(root, "title", _("公開的通報"))
    _add(root, "id", here)
    _add(root, "updated", (max(map(updated, cases)) if cases else now()).isoformat(timespec="seconds"))
    ET.SubElement(root, f"{{{ATOM}}}link", rel="self", href=here, type="application/atom+xml")
    ET.SubElement(root, f"{{{ATOM}}}link", rel="alternate", href=page, type="text/html")
    for case in cases:
        _entry(root, case)
    return root


def _entry(root: ET.Element, case: Case) -> None:
    said = record(case)
    entry = ET.SubElement(root, f"{{{ATOM}}}entry")
    address = settings.PUBLIC_URL + reverse("track-number", args=[case.number])
    stand = str(STAND_LABELS[said["state"]])
    place = " ".join(filter(None, (said["district"], said["village"])))
    _add(entry, "title", " · ".join(filter(None, (said["service_name"], place, stand))))
    _add(entry, "id", address)
    _add(entry, "published", said["requested_datetime"])
    _add(entry, "updated", said["updated_datetime"])
    ET.SubElement(_add(entry, "author"), f"{{{ATOM}}}name").text = said["agency_responsible"]
    ET.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=address, type="text/html")
    ET.SubElement(entry, f"{{{ATOM}}}category", term=case.kind_code, label=said["service_name"])
    _add(entry, "summary", f"{case.number} {said['service_name']} {place} {stand}")
    ET.SubElement(entry, f"{{{GEORSS}}}point").text = f"{said['lat']} {said['long']}"


def _add(parent: ET.Element, name: str, text: str = "") -> ET.Element:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}")
    element.text = text or None
    return element
