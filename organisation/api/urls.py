"""Where personnel systems speak to the city hall, below `/scim/v2/`."""

from django.urls import path

from organisation.api.endpoint import scim

urlpatterns = [
    path("", scim, name="scim-root"),
    path("<path:path>", scim, name="scim"),
]
