"""What those who write a report are told (`annualreport.actions.telling`)."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from annualreport.actions.sending import attachments
from messages.registry import Audience, Notice, register

EXAMPLE = {
    "report": "民國 111 年施政成果報告",
    "sections": [
        {"title": "（一）施政計畫評核", "due": date(2023, 2, 14), "late": False, "pk": 7},
        {"title": "二、公文處理督導考核", "due": date(2023, 2, 1), "late": True, "pk": 8},
    ],
    "text": "請補上與前一年的比較。",
}

PUBLISHED_EXAMPLE = {
    "report": "民國 111 年施政成果報告", "number": 2, "note": "更正話務總量。", "form": "PDF", "megabytes": 6,
    "address": "/annual-report/111/?version=2",
}  # fmt: skip

ASSIGNED = register(Notice("annualreport.assigned", _("請撰寫報告章節"), Audience.STAFF, EXAMPLE))
RETURNED = register(Notice("annualreport.returned", _("報告章節退回修正"), Audience.STAFF, EXAMPLE))
REMINDER = register(Notice("annualreport.reminder", _("報告章節期限提醒"), Audience.STAFF, EXAMPLE))
PUBLISHED = register(
    Notice("annualreport.published", _("報告公布，寄送受文者"), Audience.STAFF, PUBLISHED_EXAMPLE, attach=attachments)
)
