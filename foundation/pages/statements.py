"""Pages of words: the accessibility statement, what to do without a connection, and the crew's service worker."""

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

# What the crew's pages need to be readable without a connection.
KEPT_OFFLINE = (
    "foundation/city.css",
    "foundation/crew.css",
    "foundation/icons.svg",
    "foundation/favicon.svg",
    "foundation/js/forms.js",
    "foundation/js/offline.js",
    "foundation/js/map.js",
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet/leaflet.css",
)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "foundation/pages/accessibility.html")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows where a page was never seen before and there is no connection."""
    return render(request, "foundation/pages/offline.html")


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The crew's service worker, naming this release's files; at the root so that its scope may be /crew/."""
    kept = json.dumps(["/offline/", *(static(name) for name in KEPT_OFFLINE)])
    response = render(
        request,
        "foundation/service-worker.js",
        {"kept": kept, "release": hashlib.sha256(kept.encode()).hexdigest()[:12]},
        content_type="text/javascript",
    )
    response["Cache-Control"] = "no-cache"
    return response
