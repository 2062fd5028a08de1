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
