"""Addresses of Open311, below ``/open311/``."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from servicerequests.api import catalogue, requests, updates

# Each in XML and in JSON by its ending, and without one by the header Accept.
FORMATS = (("", ""), (".xml", "xml"), (".json", "json"))


def _in_each_format(route: str, view: Callable[..., HttpResponseBase], name: str) -> list[URLPattern]:
    return [
        path(route + ending, view, {"fmt": fmt}, name=f"open311-{name}-{fmt}" if fmt else f"open311-{name}")
        for ending, fmt in reversed(FORMATS)
    ]


urlpatterns = [
    *_in_each_format("discovery", catalogue.discovery, "discovery"),
    *_in_each_format("v2/discovery", catalogue.discovery, "discovery-v2"),
    *_in_each_format("v2/services", catalogue.services, "services"),
    *_in_each_format("v2/services/<str:code>", catalogue.definition, "service"),
    *_in_each_format("v2/requests", requests.requests, "requests"),
    *_in_each_format("v2/requests/<str:number>/updates", updates.request_updates, "request-updates"),
    *_in_each_format("v2/requests/<str:number>", requests.request, "request"),
    *_in_each_format("v2/tokens/<str:token>", requests.token, "token"),
    *_in_each_format("v2/servicerequestupdates", updates.updates, "updates"),
    path("v2/media/<uuid:token>.jpg", requests.media, name="open311-media"),
    path("v2/<path:rest>", requests.unknown_address, name="open311-unknown"),
]
