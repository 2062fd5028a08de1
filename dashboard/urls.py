"""Addresses of the boards."""

from django.urls import path

from dashboard.pages import boards

urlpatterns = [
    path("dashboard/", boards.index, name="dashboard"),
    path("dashboard/<slug:slug>/", boards.board, name="board"),
    path("dashboard/<slug:slug>/<int:pk>/", boards.chart, name="board-chart"),
    path("dashboard/<slug:slug>/<int:pk>.csv", boards.table, name="board-csv"),
]
