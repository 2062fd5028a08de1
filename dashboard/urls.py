"""Addresses of the boards."""

from django.urls import path

from dashboard.pages import requests

urlpatterns = [
    path("dashboard/", requests.board, name="dashboard"),
    path("dashboard/requests-by-<slug:by>.csv", requests.download, name="dashboard-csv"),
]
