"""Addresses of the public map."""

from django.urls import path

from publicmap.pages import feeds, index, subscriptions, tiles

urlpatterns = [
    path("map/", index.index, name="map"),
    path("map/tiles/<int:zoom>/<int:x>/<int:y>.json", tiles.cells, name="map-tile"),
    path("map/cases.atom", feeds.atom, name="map-atom"),
    path("map/cases.geojson", feeds.geojson, name="map-geojson"),
    path("map/cases.csv", feeds.table, name="map-csv"),
    path("map/subscriptions/", subscriptions.subscribe, name="subscribe"),
    path("map/subscriptions/<str:seal>/", subscriptions.mine, name="subscription"),
    path("map/subscriptions/<str:seal>/stop/", subscriptions.stop, name="subscription-stop"),
]
