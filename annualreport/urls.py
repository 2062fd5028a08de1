"""Addresses of the yearly results report. Years are those of the Republic, as the report's title has them."""

from django.urls import path
from django.views.generic import RedirectView

from annualreport.pages import chapters, incidents
from identity.doors import door

urlpatterns = [
    path("desk/incidents/<int:pk>/report/", incidents.report, name="incident-report"),
    path("desk/incidents/<int:pk>/report.pdf", incidents.pdf, name="incident-report-pdf"),
    path("annual-report/", chapters.index, name="annual-report"),
    path("annual-report/<int:year>/<int:number>/", chapters.chapter, name="annual-report-chapter"),
    path("annual-report/<int:year>/<int:number>.pdf", chapters.pdf, name="annual-report-pdf"),
    path(
        "annual-report/<int:year>/",
        door("public:annualreport:read")(RedirectView.as_view(url="/annual-report/%(year)s/5/")),
        name="annual-report-year",
    ),
]
