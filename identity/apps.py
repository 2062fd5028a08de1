from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdentityConfig(AppConfig):
    name = "identity"
    verbose_name = _("身分")

    def ready(self) -> None:
        from identity.registry import declare

        words = {"username": _("帳號"), "name": _("姓名"), "email": _("電子郵件"), "language": _("語言")}
        declare("user", _("帳號"), words)

        from identity.citizen_certificate.adapter import service
        from identity.levels import Way, add_way

        add_way(Way("fido", 3, _("行動自然人憑證"), "certificate-sign-in", ready=lambda: service().is_open()))
