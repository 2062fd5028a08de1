from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        """Find the families that desks declare in their ``kinds`` room."""
        autodiscover_modules("kinds")
