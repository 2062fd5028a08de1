"""Addresses of the desk."""

from django.urls import path

from cases.pages import case, hold, queue, redaction, routing, verbs, views

urlpatterns = [
    path("desk/", queue.queue, name="queue"),
    path("desk/export.csv", queue.export, name="queue-export"),
    path("desk/workload/", queue.workload, name="workload"),
    path("desk/views/", views.save, name="view-save"),
    path("desk/views/<int:pk>/removal/", views.remove, name="view-remove"),
    path("desk/files/<uuid:token>/<slug:variant>/", case.attachment, name="case-file"),
    path("desk/cases/<str:number>/", case.detail, name="case"),
    path("desk/cases/<str:number>/contact/", case.contact, name="case-contact"),
    path("desk/cases/<str:number>/hold/", hold.hold, name="case-hold"),
    path("desk/cases/<str:number>/hold/release/", hold.release, name="case-release"),
    path("desk/cases/<str:number>/redaction/", redaction.overview, name="redaction"),
    path("desk/cases/<str:number>/redaction/text/", redaction.text, name="redaction-description"),
    path("desk/cases/<str:number>/redaction/text/<int:event>/", redaction.text, name="redaction-text"),
    path("desk/cases/<str:number>/redaction/<int:pk>/<slug:verb>/", redaction.change, name="redaction-change"),
    path("desk/redaction/photos/<uuid:token>/", redaction.photo, name="redaction-photo"),
    path("desk/redaction/photos/<uuid:token>/uncovered/", redaction.uncovered, name="redaction-uncovered"),
    path("desk/redaction/photos/<uuid:token>/original/", redaction.original, name="redaction-original"),
    path("desk/cases/<str:number>/<slug:verb>/", verbs.act, name="case-verb"),
    path("routing/", routing.rules, name="routing"),
    path("routing/drafts/", routing.begin, name="routing-begin"),
    path("routing/drafts/<int:pk>/", routing.draft, name="routing-draft"),
    path("routing/drafts/<int:pk>/removal/", routing.removal, name="routing-removal"),
    path("routing/drafts/<int:pk>/trial/", routing.trial, name="routing-trial"),
    path("routing/drafts/<int:pk>/entry/", routing.entry, name="routing-entry"),
]
