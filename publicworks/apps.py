from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicWorksConfig(AppConfig):
    name = "publicworks"
    verbose_name = _("公共工程")
