"""What officers are told by the clock: before a deadline and after it (`cases.actions.deadlines`)."""

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from messages.registry import Audience, Notice, register

EXAMPLE = {
    "number": "D111-0099781",
    "kind": "pothole",
    "place": "苓雅區 三多三路 215 號前",
    "due": datetime(2022, 3, 5, 6, 30, tzinfo=UTC),
}

REMIND = register(Notice("cases.remind", _("期限將至"), Audience.STAFF, EXAMPLE))
ESCALATE = register(Notice("cases.escalate", _("已逾期限"), Audience.STAFF, EXAMPLE))

# Who follows a case: "that is mine too".
FOLLOWED = {
    "number": "D111-0099781",
    "kind": "pothole",
    "place": "苓雅區 三多三路 215 號前",
    "unit": "養護工程處道路養護科",
    "link": "https://city.example/following/17:x7Q/",
    "text": "已用冷料填補並壓實，恢復通行。",
    "verb": "finish",
}

FOLLOW = register(Notice("cases.follow", _("確認關注"), Audience.CITIZEN, FOLLOWED))
TOLD = register(Notice("cases.followed", _("關注的案件有結果"), Audience.CITIZEN, FOLLOWED))
