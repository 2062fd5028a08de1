from django.apps import AppConfig


class SingleSignOnConfig(AppConfig):
    name = "singlesignon"
