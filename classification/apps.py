from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ClassificationConfig(AppConfig):
    name = "classification"
    verbose_name = _("分類模型")

    def ready(self) -> None:
        """Pick up what the apps declare in ``<app>/classifiers.py``."""
        autodiscover_modules("classifiers")
