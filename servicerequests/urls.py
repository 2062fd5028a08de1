"""Addresses of citizens' requests: a list a topic."""

from django.urls import path

from servicerequests.pages import developers, storm
from servicerequests.pages.app import draft, home
from servicerequests.pages.crew import job, jobs, offline
from servicerequests.pages.desk import materials
from servicerequests.pages.follow import follow
from servicerequests.pages.follow import photo as public_photo
from servicerequests.pages.incidents import desk as incident_desk
from servicerequests.pages.incidents import public as incident_public
from servicerequests.pages.mailbox import confirm, letters, paper
from servicerequests.pages.report import flow, near, photos, send, start
from servicerequests.pages.track import case, find, mine, push, rating, thread, verbs

report = [
    path("report/", start.start, name="report"),
    path("report/send/", send.send, name="report-send"),
    path("report/sent/<str:seal>/", send.sent, name="report-sent"),
    path("report/waits/<str:seal>/", send.waits, name="report-confirm"),
    path("report/photo/<uuid:token>/", photos.thumbnail, name="report-photo"),
    path("report/<slug:kind_code>/", flow.report, name="report-kind"),
    path("report/<slug:kind_code>/near/", near.near, name="report-near"),
]

track = [
    path("track/", find.find, name="track"),
    path("track/<str:number>/", case.public, name="track-number"),
    path("track/<str:number>/<str:code>/", case.whole, name="track-case"),
    path("track/<str:number>/<str:code>/photos/<uuid:token>/<slug:variant>/", case.photo, name="track-photo"),
    path("track/<str:number>/<str:code>/letter.pdf", case.letter, name="track-letter"),
    path("track/<str:number>/<str:code>/push/", push.push, name="track-push"),
    path("track/<str:number>/<str:code>/<slug:verb>/", verbs.act, name="track-verb"),
    path("rate/<str:seal>/", rating.rate, name="rate"),
    path("my-cases/", mine.mine, name="my-cases"),
]

crew = [
    path("crew/", jobs.jobs, name="crew"),
    path("crew/today.json", offline.today, name="crew-today"),
    path("crew/waiting/", offline.waiting, name="crew-waiting"),
    path("crew/manifest.webmanifest", offline.manifest, name="crew-manifest"),
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
    path("mailbox/<uuid:token>/files/<int:number>/", letters.file, name="mailbox-file"),
    path("mailbox/<uuid:token>/filing/", letters.filing, name="mailbox-filing"),
    path("mailbox/<uuid:token>/addition/", letters.addition, name="mailbox-addition"),
    path("mailbox/<uuid:token>/taking/", letters.taking, name="mailbox-taking"),
    path("mailbox/<uuid:token>/dismissal/", letters.dismissal, name="mailbox-dismissal"),
]

following = [
    path("follow/<str:number>/", follow.follow, name="follow"),
    path("following/<str:seal>/", follow.mine, name="following"),
    path("following/<str:seal>/push/", follow.push, name="following-push"),
    path("following/<str:seal>/stop/", follow.stop, name="following-stop"),
    path("photos/<uuid:token>/", public_photo.thumbnail, name="public-photo"),
]

desk = [
    path("open311/", developers.developers, name="open311"),
    path("api-keys/<int:pk>/requests/", developers.requests_of_key, name="api-key-requests"),
    path("desk/materials/", materials.materials, name="materials"),
    path("desk/materials.csv", materials.export, name="materials-export"),
]

app = [
    path("app/", home.home, name="app"),
    path("app/draft/", draft.draft, name="app-draft"),
    path("app/nearby/", home.nearby, name="app-nearby"),
    path("app/notices/", home.notices, name="app-notices"),
    path("app/manifest.webmanifest", home.manifest, name="app-manifest"),
    path("app/service-worker.js", home.worker, name="app-worker"),
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

urlpatterns = [*report, *track, *crew, *following, *desk, *app, *mailbox, *incidents]
