"""Which app answers which address. Composition only."""

from django.urls import include, path

APPS = "foundation identity organisation messages figures classification retention cases".split()
APPS += "servicerequests publicworks singlesignon dashboard annualreport publicmap portal".split()
# The doors that programs knock at all day come first: addresses are tried in this order, one by one.
urlpatterns = [path("open311/", include("servicerequests.api.urls")), path("openid/", include("singlesignon.api.urls"))]
urlpatterns += [path("scim/v2/", include("organisation.api.urls"))]
urlpatterns += [path("", include(f"{app}.urls")) for app in APPS]
