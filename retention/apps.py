from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "retention"
    verbose_name = _("保存期限")

    def ready(self) -> None:
        """Pick up what the apps declare in ``<app>/retention.py``."""
        autodiscover_modules("retention")
