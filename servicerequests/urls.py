"""Addresses of citizens' requests: a list a topic."""

from django.urls import path

from servicerequests.pages.app import draft, home
from servicerequests.pages.crew import job, jobs, offline
from servicerequests.pages.desk import materials
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
    path("crew/today.json", offline.today, name="crew-today"),
    path("crew/waiting/", offline.waiting, name="crew-waiting"),
    path("crew/manifest.webmanifest", offline.manifest, name="crew-manifest"),
    path("crew/jobs/<int:pk>/", job.detail, name="crew-job"),
    path("crew/jobs/<int:pk>/photos/<uuid:token>/<slug:variant>/", job.photo, name="crew-photo"),
    path("crew/jobs/<int:pk>/<slug:verb>/", job.act, name="crew-verb"),
]

desk = [
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

urlpatterns = [*report, *track, *crew, *desk, *app]
