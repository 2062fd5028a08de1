"""Web app manifests: how a phone installs a part of the site."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import get_language

from organisation.pack.records import CityInfo


def in_brand(city: CityInfo) -> str:
    """The city's brand in the reader's language."""
    return city.brand_en if (get_language() or "").startswith("en") else city.brand


def manifest_response(short: str, name: str, start: str, **more: Any) -> HttpResponse:
    """A manifest with the house's colours and icons; ``start`` is both identity and scope, unless ``more`` says so."""
    icons = [
        {"src": static("foundation/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(
            {"src": static(f"foundation/icons/{purpose}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png",
             "purpose": purpose}
            for purpose, size in (("any", 192), ("any", 512), ("maskable", 512))
        ),
    ]  # fmt: skip
    language = "en" if (get_language() or "").startswith("en") else "zh-Hant-TW"
    content = {
        "id": start, "name": name, "short_name": short, "lang": language, "dir": "ltr", "start_url": start,
        "scope": start,
        "display": "standalone", "background_color": "#f6f8f9", "theme_color": "#0a3a53", "icons": icons,
    } | more  # fmt: skip
    return JsonResponse(content, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
