"""Addresses of the boards, of their screens, and of where they are made."""

from django.urls import path

from dashboard.pages import boards, editor, elsewhere

urlpatterns = [
    path("dashboard/", boards.index, name="dashboard"),
    path("dashboard/<slug:slug>/", boards.board, name="board"),
    path("dashboard/<slug:slug>/<int:pk>/", boards.chart, name="board-chart"),
    path("dashboard/<slug:slug>/<int:pk>.csv", boards.table, name="board-csv"),
    path("dashboard/<slug:slug>/<int:pk>.svg", elsewhere.picture, name="board-svg"),
    path("dashboard/<slug:slug>/frame/", elsewhere.frame, name="board-frame"),
    path("screens/<str:key>/", elsewhere.screen, name="screen"),
    path("boards/new/", editor.new, name="board-new"),
    path("boards/<slug:slug>/", editor.edit, name="board-edit"),
    path("boards/<slug:slug>/screen/", editor.screen, name="board-screen"),
    path("boards/<slug:slug>/charts/new/", editor.chart, name="chart-new"),
    path("boards/<slug:slug>/charts/<int:pk>/", editor.chart, name="chart-edit"),
    path("boards/<slug:slug>/charts/<int:pk>/place/", editor.move, name="chart-move"),
    path("boards/<slug:slug>/charts/<int:pk>/removal/", editor.removal, name="chart-removal"),
]
