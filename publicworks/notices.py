"""What citizens are told about their reports on works; the lifecycle in ``kinds`` says after which verb."""

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from messages.registry import Audience, Notice, register

# As `cases.actions.performing.tell` gives it.
EXAMPLE = {
    "number": "W111-0000087",
    "code": "7K4M9QXR",
    "kind": "works_site",
    "text": "已要求廠商夜間收工前鋪設鋼板，並增設警示燈。",
    "place": "鼓山區 明誠四路 10 號前",
    "unit": "新建工程處",
    "due": datetime(2022, 3, 15, 9, 30, tzinfo=UTC),
    "paused": False,
}


def _declare(name: str, label, **differs) -> Notice:
    return register(Notice(f"publicworks.{name}", label, Audience.CITIZEN, EXAMPLE | differs))


RECEIVED = _declare("received", _("已受理全民督工通報"), text="")
QUESTION = _declare("question", _("請補充資料"), text="請問是哪一個路口的圍籬？", paused=True)
EXTENDED = _declare("extended", _("期限展延"), text="須取樣試驗，預計 3 月 20 日有結果。")
ANSWERED = _declare("answered", _("已答復"))
INSPECTION = _declare("inspection", _("已申請工程查核"), text="混凝土表面有蜂窩，請派員查核。")
INSPECTED = _declare("inspected", _("已辦理工程查核"), text="現場查核結果，已列三項缺失限期改善。")
CLOSED = _declare("closed", _("已結案"), text="")
REOPENED = _declare("reopened", _("重新處理"), text="圍籬又倒了。")
