"""Addresses of citizens' requests: a list a topic."""

from django.urls import path

from servicerequests.pages.crew import job, jobs
from servicerequests.pages.follow import follow
from servicerequests.pages.follow import photo as public_photo
from servicerequests.pages.report import flow, near, photos, send, start
from servicerequests.pages.track import case, find, mine, verbs

report = [
    path("report/", start.start, name="report"),
    path("report/send/", send.send, name="report-send"),
    path("report/sent/<str:seal>/", send.sent, name="report-sent"),
    path("report/photo/<uuid:token>/", photos.thumbnail, name="report-photo"),
    path("report/<slug:kind_code>/", flow.report, name="report-kind"),
    path("report/<slug:kind_code>/near/", near.near, name="report-near"),
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

following = [
    path("follow/<str:number>/", follow.follow, name="follow"),
    path("following/<str:seal>/", follow.mine, name="following"),
    path("following/<str:seal>/stop/", follow.stop, name="following-stop"),
    path("photos/<uuid:token>/", public_photo.thumbnail, name="public-photo"),
]

urlpatterns = [*report, *track, *crew, *following]
