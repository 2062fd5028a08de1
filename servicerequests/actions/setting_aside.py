"""Petitions that the law lets a city leave unhandled (行政程序法 173). What goes on a record is in Chinese."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.actions.closing import put_away
from cases.actions.performing import Said
from cases.models import Case
from cases.models.case import Outcome
from cases.models.contact import contact_of
from servicerequests.repeats import answered_before, is_repeated

REPEATED = "同一事由經適當處理並明確答復後仍一再陳情，依行政程序法第 173 條第 2 款不再處理。"
NAMELESS = "未具真實姓名或聯絡方式，依行政程序法第 173 條第 1 款不予處理。"


def close_repeated(case: Case, actor, text: str = "") -> Said:
    """The same person was answered often enough on the same matter: close with notice, naming law and earlier cases."""
    contact = contact_of(case)
    if contact is None or not is_repeated(case, contact):
        raise ValidationError({"text": _("同一人、同一事由的答復次數還不到規定，不能不予處理。")})
    numbers = [str(earlier.number) for earlier in answered_before(case, contact)]
    put_away(case, Outcome.REPEATED)
    words = f"{REPEATED}先前案件：{'、'.join(numbers)}。"
    return Said("\n".join(filter(None, (words, text))), {"earlier": numbers})


def set_aside(case: Case, actor, text: str = "") -> Said:
    """A petition without a name: closed, and kept for whoever looks it up."""
    if contact_of(case):
        raise ValidationError({"text": _("本案有聯絡方式，不是匿名陳情。")})
    put_away(case, Outcome.SET_ASIDE)
    return Said("\n".join(filter(None, (NAMELESS, text))))
