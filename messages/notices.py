"""Letters of the apps below: ``identity`` and ``organisation`` name them only (``settings.LETTERS``)."""

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
OPENED = register(
    Notice(
        "identity.opened",
        _("新帳號通知"),
        Audience.STAFF,
        {"path": "/set-password/7/abc/", "days": 3, "name": "Mei Lin", "username": "meilin"},
        secret=True,
    )
)
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

# Letters about what somebody may do, of ``organisation``, which stands below this app as well.
OFFICE = {"absent": "Li Da-hua", "office": "unit head (Public Works)", "begins": AT, "ends": AT, "is_deputy": True}
DEPUTY = register(Notice("organisation.deputy", _("職務代理通知"), Audience.STAFF, OFFICE | {"deputy": "Wang Mei"}))
DEPUTY_ENDED = register(
    Notice("organisation.deputy_ended", _("職務代理結束通知"), Audience.STAFF, OFFICE | {"deputy": "Wang Mei"})
)
PUT_FORWARD = {"name": "Wang Mei", "absent": "", "office": "auditor (whole city)", "by": "Li Da-hua"}
WAITS = register(Notice("organisation.waits", _("職權待同意通知"), Audience.STAFF, PUT_FORWARD))
DECIDED = register(
    Notice(
        "organisation.decided",
        _("職權決定通知"),
        Audience.STAFF,
        PUT_FORWARD | {"decision": "refused", "words": "Not yet."},
    )
)
