"""Addresses of the house itself."""

from django.urls import path

from foundation.pages import health, language, look, statements

urlpatterns = [
    path("language/<str:code>/", language.language, name="language"),
    path("healthz", health.healthz, name="healthz"),
    path("accessibility/", statements.accessibility, name="accessibility"),
    path("offline/", statements.offline, name="offline"),
    path("service-worker.js", statements.service_worker, name="service-worker"),
    path("look/", look.look, name="look"),
    path("look/districts.geojson", look.districts, name="look-districts"),
    path("look/<str:name>/", look.frame, name="look-frame"),
]
