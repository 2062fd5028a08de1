"""Which app answers which address. Composition only."""

from importlib.util import find_spec

from django.urls import include, path

# While the house is being built an app may not have its doors yet.
APPS = ["identity", "messages", "figures", "cases", "servicerequests", "dashboard", "annualreport", "portal"]
urlpatterns = [path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")]
