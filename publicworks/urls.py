"""Addresses of public works."""

from django.urls import path

from publicworks.pages import correction, inspections, works

urlpatterns = [
    path("works/", works.index, name="works"),
    path("works.csv", works.download, name="works-csv"),
    path("works/inspections/", inspections.wanted, name="works-inspections"),
    path("works/<int:pk>/", works.work, name="work"),
    path("works/<int:pk>/change/", correction.change, name="work-change"),
    path("works/<int:pk>/change/file/", correction.take, name="work-take"),
]
