"""Which app answers which address. Composition only."""

from django.urls import include, path

APPS = "foundation identity organisation messages figures classification retention cases".split()
APPS += "servicerequests publicworks singlesignon dashboard annualreport publicmap portal".split()
urlpatterns = [path("", include(f"{app}.urls")) for app in APPS]
