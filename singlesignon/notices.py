"""What those who answer for a system are told (`singlesignon.actions.housekeeping`)."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from messages.registry import Audience, Notice, register

EXAMPLE = {"system": "場地線上租借", "error": "HTTP 503", "until": date(2022, 12, 31), "days": 14, "pk": 3}

ANOMALIES = register(Notice("singlesignon.anomalies", _("異常登入"), Audience.STAFF, {"number": 2}))
CONTRACT = register(Notice("singlesignon.contract", _("介接契約到期提醒"), Audience.STAFF, EXAMPLE))
CERTIFICATE = register(Notice("singlesignon.certificate", _("簽章憑證更換提醒"), Audience.STAFF, EXAMPLE))
SECRET = register(Notice("singlesignon.secret", _("密鑰到期提醒"), Audience.STAFF, EXAMPLE))
DOWN = register(Notice("singlesignon.down", _("系統連不上的通知"), Audience.STAFF, EXAMPLE))
UP = register(Notice("singlesignon.up", _("系統恢復連線的通知"), Audience.STAFF, EXAMPLE))
