from django.urls import path

from organisation.pages import geo

urlpatterns = [
    path("geo/districts.json", geo.districts, name="geo-districts"),
    path("geo/villages/<str:district>.json", geo.villages, name="geo-villages"),
]
