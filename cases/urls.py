"""Addresses of the desk."""

from django.urls import path

from cases.pages import approvals, case, contributions, drafts, queue, routing, templates, verbs, views

urlpatterns = [
    path("desk/", queue.queue, name="queue"),
    path("desk/export.csv", queue.export, name="queue-export"),
    path("desk/workload/", queue.workload, name="workload"),
    path("desk/views/", views.save, name="view-save"),
    path("desk/views/<int:pk>/removal/", views.remove, name="view-remove"),
    path("desk/files/<uuid:token>/<slug:variant>/", case.attachment, name="case-file"),
    path("desk/cases/<str:number>/", case.detail, name="case"),
    path("desk/cases/<str:number>/contact/", case.contact, name="case-contact"),
    path("desk/cases/<str:number>/draft/", drafts.write, name="case-draft"),
    path("desk/cases/<str:number>/letter.pdf", drafts.letter, name="case-letter"),
    path("desk/approvals/", approvals.awaiting, name="approvals"),
    path("desk/approvals/<int:pk>/", approvals.decide, name="approval"),
    path("desk/contributions/", contributions.asked, name="contributions"),
    path("desk/contributions/<int:pk>/", contributions.give, name="contribution"),
    path("desk/templates/", templates.listed, name="answer-templates"),
    path("desk/templates/new/", templates.edit, name="answer-template-new"),
    path("desk/templates/<int:pk>/", templates.edit, name="answer-template"),
    path("desk/cases/<str:number>/<slug:verb>/", verbs.act, name="case-verb"),
    path("routing/", routing.rules, name="routing"),
    path("routing/drafts/", routing.begin, name="routing-begin"),
    path("routing/drafts/<int:pk>/", routing.draft, name="routing-draft"),
    path("routing/drafts/<int:pk>/removal/", routing.removal, name="routing-removal"),
    path("routing/drafts/<int:pk>/trial/", routing.trial, name="routing-trial"),
    path("routing/drafts/<int:pk>/entry/", routing.entry, name="routing-entry"),
]
