"""Service workers: which files a part of the site needs to be readable without a connection, and what keeps them."""

from __future__ import annotations

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static

# What every kept page needs, whatever part of the site it belongs to.
COMMON = (
    "foundation/city.css",
    "foundation/icons.svg",
    "foundation/favicon.svg",
    "foundation/js/forms.js",
    "foundation/js/sign-out.js",
    "foundation/js/upload.js",
)
_FILES: dict[str, list[str]] = {
    "crew": [
        "foundation/crew.css",
        "foundation/js/offline.js",
        "foundation/js/outbox.js",
        "foundation/js/map.js",
        "vendor/leaflet/leaflet.js",
        "vendor/leaflet/leaflet.css",
    ]
}


def keep(name: str, *files: str) -> None:
    """Declare static files that the pages of a part of the site (``crew``, ``app``) need without a connection."""
    known = _FILES.setdefault(name, [])
    known.extend(file for file in files if file not in known)


def worker(request: HttpRequest, name: str, offline: str, *, outbox: bool = False, pushed: str = "") -> HttpResponse:
    """The service worker of one part of the site, naming this release's files. ``offline`` is the page shown where
    nothing was kept; with ``outbox`` it sends what waits in outbox.js when the net is back and no page is open; with
    ``pushed`` it shows what is pushed, and opens that page where the push names none of this site."""
    kept = json.dumps([offline, *(static(file) for file in (*COMMON, *_FILES[name]))])
    response = render(
        request,
        "foundation/service-worker.js",
        {
            "name": name,
            "kept": kept,
            "offline": json.dumps(offline),
            "pushed": json.dumps(pushed) if pushed else "",
            "icon": json.dumps(static("foundation/icons/any-192.png")),
            "outbox": json.dumps(static("foundation/js/outbox.js")) if outbox else "",
            "release": hashlib.sha256(kept.encode()).hexdigest()[:12],
        },
        content_type="text/javascript",
    )
    response["Cache-Control"] = "no-cache"
    return response
