"""Address of the reports."""

from django.urls import path

from retention.pages import reports

urlpatterns = [path("retention/", reports.reports, name="retention")]
