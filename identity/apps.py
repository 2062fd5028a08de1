from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class IdentityConfig(AppConfig):
    name = "identity"
    verbose_name = _("身分")

    def ready(self) -> None:
        from identity.actions import has_totp
        from identity.checks import staff_prove_twice
        from identity.citizen_certificate.adapter import service
        from identity.levels import Way, add_way
        from identity.models import Passkey, RecoveryCode
        from identity.registry import declare

        words = {"username": _("帳號"), "name": _("姓名"), "email": _("電子郵件"), "language": _("語言")}
        words["always_second"] = _("第二道驗證")
        declare("user", _("帳號"), words)

        def holds_passkey(user: object) -> bool:
            return Passkey.objects.of(user).exists()

        def has_codes(user: object) -> bool:
            return RecoveryCode.objects.left(user) > 0

        add_way(Way("passkey", 2, _("通行密鑰"), "passkey-prove", held=holds_passkey))
        add_way(Way("recovery", 2, _("備用碼"), "recovery-prove", held=has_codes))
        add_way(Way("totp", 2, _("驗證碼 App"), "totp-prove", held=has_totp))
        add_way(Way("fido", 3, _("行動自然人憑證"), "certificate-sign-in", ready=lambda: service().is_open()))
        register(staff_prove_twice)
        autodiscover_modules("personal")
