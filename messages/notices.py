"""Letters about accounts. ``identity`` stands below this app and names them only (``settings.LETTERS``)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from foundation.clock import TAIPEI
from messages.registry import Audience, Notice, register

AT = datetime(2022, 3, 7, 9, 30, tzinfo=TAIPEI)

DEVICE = register(
    Notice(
        "identity.device",
        _("新裝置登入通知"),
        Audience.CITIZEN,
        {"at": AT, "browser": "Chrome", "system": "Windows", "network": "192.0.2.1"},
    )
)
FACTORS = register(
    Notice("identity.factors", _("驗證方式異動通知"), Audience.CITIZEN, {"added": True, "what": "totp", "at": AT})
)
LINK = {"path": "/confirm-address/abc/", "hours": 24, "name": "Mei Lin"}
REGISTER = register(Notice("identity.register", _("註冊確認信"), Audience.CITIZEN, LINK, secret=True))
KNOWN = register(Notice("identity.known", _("已有帳號通知"), Audience.CITIZEN))
CONFIRM = register(Notice("identity.confirm", _("電子郵件確認信"), Audience.CITIZEN, LINK, secret=True))
RECOVERY = register(
    Notice(
        "identity.recovery",
        _("櫃台帳號復原通知"),
        Audience.CITIZEN,
        {"done": False, "at": AT, "opens_at": AT, "waits": True},
    )
)
RESET = register(
    Notice(
        "identity.reset",
        _("重設密碼的信"),
        Audience.CITIZEN,
        {"path": "/password/reset/abc/", "minutes": 30},
        secret=True,
    )
)
PASSWORD = register(Notice("identity.password", _("密碼變更通知"), Audience.CITIZEN, {"at": AT}))
ADDRESS = register(Notice("identity.address", _("聯絡方式異動通知"), Audience.CITIZEN, {"what": "email", "at": AT}))
CODE = register(
    Notice("identity.code", _("手機驗證碼"), Audience.CITIZEN, {"code": "012345", "minutes": 10}, secret=True)
)
