"""Addresses of the city's reports. Years are those of the Republic, as the reports' titles have them."""

from django.urls import path

from annualreport.pages import dispatches, incidents, overview, photos, reading, writing

urlpatterns = [
    path("desk/incidents/<int:pk>/report/", incidents.report, name="incident-report"),
    path("desk/incidents/<int:pk>/report.pdf", incidents.pdf, name="incident-report-pdf"),
    path("annual-report/", reading.index, name="annual-report"),
    path("annual-report/<int:period>/", reading.contents, name="annual-report-year"),
    path("annual-report/<int:period>/<int:number>/", reading.chapter, name="annual-report-chapter"),
    path("annual-report/<int:period>/<int:number>.pdf", reading.pdf, name="annual-report-pdf"),
    path("reports/photos/<uuid:token>.jpg", photos.file, name="report-photo-file"),
    path("reports/<slug:kind>/<slug:period>/", reading.contents, name="city-report"),
    path("reports/<slug:kind>/<slug:period>/<int:number>/", reading.chapter, name="city-report-chapter"),
    path("reports/<slug:kind>/<slug:period>.<slug:form>", reading.download, name="city-report-file"),
    path("desk/reports/", overview.reports, name="reports"),
    path("desk/reports/figures/", writing.figures, name="report-figures"),
    path("desk/reports/<int:pk>/", overview.overview, name="report-overview"),
    path("desk/reports/<int:pk>/draft.<slug:form>", overview.draft, name="report-draft"),
    path("desk/reports/<int:pk>/sections/", overview.section_new, name="report-section-new"),
    path("desk/reports/<int:pk>/publication/", overview.publication, name="report-publication"),
    path("desk/reports/<int:pk>/dispatches/", dispatches.dispatches, name="report-dispatches"),
    path("desk/reports/<int:pk>/dispatches/mail/", dispatches.mailing, name="report-mailing"),
    path("desk/reports/<int:pk>/dispatches/<int:line>/again/", dispatches.resending, name="report-resending"),
    path("desk/reports/recipients/<slug:kind>/", dispatches.recipients, name="report-recipients"),
    path("desk/reports/recipients/<slug:kind>/pack/", dispatches.taking_over, name="report-recipients-pack"),
    path("desk/reports/recipients/<slug:kind>/<int:pk>/", dispatches.recipient, name="report-recipient"),
    path("desk/reports/recipients/<slug:kind>/<int:pk>/removal/", dispatches.removal, name="report-recipient-removal"),
    path("desk/reports/sections/<int:pk>/", writing.section, name="report-section"),
    path("desk/reports/sections/<int:pk>/preview/", writing.preview, name="report-preview"),
    path("desk/reports/sections/<int:pk>/versions/", writing.versions, name="report-versions"),
    path("desk/reports/sections/<int:pk>/assignment/", writing.assignment, name="report-assignment"),
    path("desk/reports/sections/<int:pk>/photos/", photos.photos, name="report-photos"),
    path("desk/reports/sections/<int:pk>/photos/<int:photo>/removal/", photos.removal, name="report-photo-removal"),
    path("desk/reports/sections/<int:pk>/<slug:verb>/", writing.verb, name="report-verb"),
]
