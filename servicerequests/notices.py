"""What citizens are told about their reports; the lifecycle in ``kinds`` says after which verb."""

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from messages.registry import Audience, Notice, register

# As `cases.actions.performing.tell` gives it.
EXAMPLE = {
    "number": "D111-0099781",
    "code": "7K4M9QXR",
    "kind": "pothole",
    "text": "已用冷料填補並壓實，恢復通行。",
    "place": "苓雅區 三多三路 215 號前",
    "unit": "養護工程處道路養護科",
    "due": datetime(2022, 3, 5, 6, 30, tzinfo=UTC),
    "paused": False,
}


def _declare(name: str, label, *, can_wait: bool = False, **differs) -> Notice:
    return register(Notice(f"servicerequests.{name}", label, Audience.CITIZEN, EXAMPLE | differs, can_wait))


RECEIVED = _declare("received", _("已受理通報"), can_wait=True, text="")
DISPATCHED = _declare("dispatched", _("已派工"), text="派工給道路一隊")
QUESTION = _declare("question", _("請補充資料"), text="請問坑洞在哪一個車道？", paused=True)
EXTENDED = _declare("extended", _("期限展延"), text="須向廠商調料，預計 3 月 7 日施作。")
DONE = _declare("done", _("已處理"))
CLOSED = _declare("closed", _("已結案"), text="")
REPEATED = _declare("repeated", _("同一事由不再處理"), text="先前案件：P111-0000001、P111-0000002。")
REOPENED = _declare("reopened", _("重新處理"), text="雨後又破了。")
JOINED = _declare("joined", _("已併案"), into="D111-0099102", text="")
JOINED_DONE = _declare("joined_done", _("併入的案件已處理"), into="D111-0099102")

# The link that proves an address; ``petition`` is one from the web, which waits for it.
CONFIRM = register(
    Notice(
        "servicerequests.confirm",
        _("確認電子郵件"),
        Audience.CITIZEN,
        {"seal": "ImYw:1x", "days": 3, "petition": True, "kind": "其他陳情"},
    )
)

# An answer in a conversation: the words are the dialogue's.
LINE = register(Notice("servicerequests.line", _("LINE 回覆"), Audience.CITIZEN, {"text": "已收到您的通報。"}))
THREAD = register(Notice("servicerequests.thread", _("您的案件連結"), Audience.CITIZEN, {"seal": "ImYw:1x"}))

INCIDENT = {
    "name": "凱米颱風",
    "text": "市區多處路樹傾倒，請避免外出。各隊依序清理，主要道路優先。",
    "number": 7,
    "public": True,
}
INCIDENT_STAFF = register(Notice("servicerequests.incident_staff", _("重大事件通報（機關）"), Audience.STAFF, INCIDENT))
INCIDENT_REPORTER = register(
    Notice("servicerequests.incident_reporter", _("重大事件通報（通報人）"), Audience.CITIZEN, INCIDENT, can_wait=True)
)
