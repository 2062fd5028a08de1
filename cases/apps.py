from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from identity.registry import declare


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        """Find the families that desks declare in their ``kinds`` room; name the personal data for the log."""
        from cases.models.contact import FIELDS

        declare("case", _("案件"), {**FIELDS, "original": _("照片原檔")})
        autodiscover_modules("kinds")
