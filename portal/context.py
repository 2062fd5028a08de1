"""What every page of the house knows: its city, and where the reader's own work is."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from organisation import storm
from organisation.pack import pack
from organisation.permissions import grants_of

# Where somebody's work begins, by the first permission that they hold.
WORK = (
    ("unit:jobs:accept", "/crew/"),
    ("unit:cases:read", "/desk/"),
    ("city:users:manage", "/people/"),
    ("city:users:recover", "/recoveries/"),
    ("city:disclosures:read", "/disclosures/"),
    ("city:templates:edit", "/desk/templates/"),
    ("city:annualreport:read", "/desk/reports/"),
    ("agency:figures:enter", "/figures/manual/"),
    ("agency:relyingsystems:apply", "/relying-systems/"),
    ("city:authentications:read", "/authentications/"),
    ("city:people:read", "/personnel/"),
    ("own:cases:read", "/my-cases/"),
)


# The pages of an office, beside where its work begins: permission, address, words. Whoever may open one finds it here.
OFFICE = (
    ("unit:cases:read", "/desk/", _("案件清單")),
    ("city:mailbox:read", "/mailbox/", _("市長信箱")),
    ("city:templates:edit", "/desk/templates/", _("答復範本")),
    ("unit:incidents:read", "/desk/incidents/", _("重大事件")),
    ("city:storm:read", "/desk/storm/", _("尖峰狀態")),
    ("unit:workload:read", "/desk/materials/", _("材料用量")),
    ("city:routing:read", "/routing/", _("分案規則")),
    ("city:models:read", "/models/", _("分類模型")),
    ("city:figures:read", "/figures/", _("指標")),
    ("unit:annualreport:read", "/desk/reports/", _("報告彙編")),
    ("agency:figures:enter", "/figures/manual/", _("填報數字")),
    ("city:messages:read", "/outbox/", _("寄出的訊息")),
    ("city:disclosures:read", "/disclosures/", _("個資查閱紀錄")),
    ("city:retention:read", "/retention/", _("個資保存期限")),
    ("city:users:manage", "/people/", _("帳號管理")),
    ("city:memberships:read", "/posts/", _("職位一覽")),
    ("city:memberships:read", "/permissions/", _("權限總表")),
    ("city:memberships:read", "/nominations/", _("等待同意的職權")),
    ("own:deputies:name", "/deputies/", _("職務代理")),
    ("city:people:read", "/personnel/", _("人事系統異動")),
    ("city:users:recover", "/recoveries/", _("帳號復原")),
    ("agency:relyingsystems:read", "/relying-systems/", _("介接系統")),
    ("agency:authentications:read", "/authentications/", _("認證紀錄")),
    ("city:anomalies:settle", "/anomalies/", _("異常登入")),
    ("city:apikeys:manage", "/api-keys/", _("API 金鑰")),
)


def house(request: HttpRequest) -> dict:
    """Template context ``city``, ``storm`` and ``nav``; roles are asked for only where a page shows the way to work."""
    return {
        "city": pack().city,
        "storm": storm.known(),
        "nav": {
            "work": SimpleLazyObject(lambda: work_of(request.user)),
            "office": SimpleLazyObject(lambda: office_of(request.user)),
        },
    }


def work_of(user) -> str:
    """The address of a person's own work, or an empty text."""
    grants = grants_of(user)
    return next((address for permission, address in WORK if grants.has(permission)), "")


def office_of(user) -> list[tuple[str, str]]:
    """The pages of an office that a person may open, as address and words."""
    grants = grants_of(user)
    return [(address, str(label)) for permission, address, label in OFFICE if grants.has(permission)]
