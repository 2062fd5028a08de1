"""Pages of words: the accessibility statement, what to do without a connection, and the service workers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.offline import worker


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
    """The crew's service worker; at the root so that its scope may be /crew/."""
    return worker(request, "crew", offline="/offline/", outbox=True)
