from django.apps import AppConfig


class ServiceRequestsConfig(AppConfig):
    name = "servicerequests"
