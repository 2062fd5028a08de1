"""The front door."""

from django.urls import path

from portal.pages import home

urlpatterns = [path("", home.home, name="home")]
