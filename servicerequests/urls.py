"""Addresses of citizens' requests: a list a topic."""

from django.urls import path

from servicerequests.pages.crew import job, jobs
from servicerequests.pages.mailbox import confirm, letters, paper
from servicerequests.pages.report import flow, photos, send, start
from servicerequests.pages.track import case, find, mine, thread, verbs

report = [
    path("report/", start.start, name="report"),
    path("report/send/", send.send, name="report-send"),
    path("report/sent/<str:seal>/", send.sent, name="report-sent"),
    path("report/waits/<str:seal>/", send.waits, name="report-confirm"),
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

mailbox = [
    path("thread/", thread.ask, name="thread-ask"),
    path("thread/<str:seal>/", thread.thread, name="thread"),
    path("confirm/<str:seal>/", confirm.confirm, name="confirm"),
    path("mailbox/", letters.letters, name="mailbox"),
    path("mailbox/paper/", paper.paper, name="mailbox-paper"),
    path("mailbox/paper/<uuid:token>/", paper.scan, name="mailbox-scan"),
    path("mailbox/<uuid:token>/", letters.letter, name="mailbox-letter"),
    path("mailbox/<uuid:token>/sender/", letters.sender, name="mailbox-sender"),
    path("mailbox/<uuid:token>/filing/", letters.filing, name="mailbox-filing"),
    path("mailbox/<uuid:token>/addition/", letters.addition, name="mailbox-addition"),
    path("mailbox/<uuid:token>/taking/", letters.taking, name="mailbox-taking"),
    path("mailbox/<uuid:token>/dismissal/", letters.dismissal, name="mailbox-dismissal"),
]

urlpatterns = [*report, *track, *crew, *mailbox]
