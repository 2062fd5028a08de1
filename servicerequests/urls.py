"""Addresses of citizens' requests: a list a topic."""

from django.urls import path

from servicerequests.pages.crew import job, jobs
from servicerequests.pages.report import flow, photos, send, start
from servicerequests.pages.track import case, find, mine, rating, verbs

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
    path("track/<str:number>/<str:code>/letter.pdf", case.letter, name="track-letter"),
    path("track/<str:number>/<str:code>/<slug:verb>/", verbs.act, name="track-verb"),
    path("rate/<str:seal>/", rating.rate, name="rate"),
    path("my-cases/", mine.mine, name="my-cases"),
]

crew = [
    path("crew/", jobs.jobs, name="crew"),
    path("crew/jobs/<int:pk>/", job.detail, name="crew-job"),
    path("crew/jobs/<int:pk>/photos/<uuid:token>/<slug:variant>/", job.photo, name="crew-photo"),
    path("crew/jobs/<int:pk>/<slug:verb>/", job.act, name="crew-verb"),
]

urlpatterns = [*report, *track, *crew]
