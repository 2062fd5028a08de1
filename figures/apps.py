from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

from identity.registry import declare


class FiguresConfig(AppConfig):
    name = "figures"
    verbose_name = _("統計")

    def ready(self) -> None:
        """Pick up what the apps declare, low to high: ``<app>/figures.py`` or every module in ``<app>/figures/``."""
        from figures import checks  # noqa: F401  registers itself

        declare("figure", _("統計項目"), {"evidence": _("佐證檔案")})

        for app in apps.get_app_configs():
            if app.module and module_has_submodule(app.module, "figures"):
                declared = import_module(f"{app.name}.figures")
                for module in iter_modules(getattr(declared, "__path__", ())):
                    import_module(f"{declared.__name__}.{module.name}")
