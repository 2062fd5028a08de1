"""Addresses of citizens' requests: a list a topic."""

from django.urls import path

from servicerequests.pages import storm
from servicerequests.pages.crew import job, jobs
from servicerequests.pages.incidents import desk as incident_desk
from servicerequests.pages.incidents import public as incident_public
from servicerequests.pages.report import flow, photos, send, start
from servicerequests.pages.track import case, find, mine, verbs

report = [
    path("report/", start.start, name="report"),
    path("report/send/", send.send, name="report-send"),
    path("report/sent/<str:seal>/", send.sent, name="report-sent"),
    path("report/photo/<uuid:token>/", photos.thumbnail, name="report-photo"),
    path("report/<slug:kind_code>/", flow.report, name="report-kind"),
]

track = [
    path("track/", find.find, name="track"),
    path("track/<str:number>/", case.public, name="track-number"),
    path("track/<str:number>/<str:code>/", case.whole, name="track-case"),
    path("track/<str:number>/<str:code>/photos/<uuid:token>/<slug:variant>/", case.photo, name="track-photo"),
    path("track/<str:number>/<str:code>/<slug:verb>/", verbs.act, name="track-verb"),
    path("my-cases/", mine.mine, name="my-cases"),
]

crew = [
    path("crew/", jobs.jobs, name="crew"),
    path("crew/jobs/<int:pk>/", job.detail, name="crew-job"),
    path("crew/jobs/<int:pk>/photos/<uuid:token>/<slug:variant>/", job.photo, name="crew-photo"),
    path("crew/jobs/<int:pk>/<slug:verb>/", job.act, name="crew-verb"),
]

incidents = [
    path("incidents/", incident_public.index, name="public-incidents"),
    path("incidents/<int:pk>/", incident_public.page, name="public-incident"),
    path("desk/storm/", storm.state, name="storm"),
    path("desk/storm/begin/", storm.begin, name="storm-begin"),
    path("desk/storm/end/", storm.end, name="storm-end"),
    path("desk/incidents/", incident_desk.index, name="incidents"),
    path("desk/incidents/new/", incident_desk.declare, name="incident-new"),
    path("desk/incidents/<int:pk>/", incident_desk.page, name="incident"),
    path("desk/incidents/<int:pk>/change/", incident_desk.change, name="incident-change"),
    path("desk/incidents/<int:pk>/cases/", incident_desk.cases, name="incident-cases"),
    path("desk/incidents/<int:pk>/verbs/<slug:verb>/", incident_desk.act, name="incident-verb"),
]

urlpatterns = [*report, *track, *crew, *incidents]
