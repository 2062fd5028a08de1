"""The answers of a report in words, for the check page."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from organisation import directory
from servicerequests.pages.report.draft import Draft
from servicerequests.pages.report.forms import values_of


@dataclass(frozen=True)
class Row:
    """A question with its answer in words, and the step that changes it."""

    label: str
    answer: str
    step: str


def summary(draft: Draft) -> list[Row]:
    """What will be sent, in the order asked. What was left empty is left out, but for the contact, which says so."""
    return [*_what(draft), *_where(draft), *_contact(draft)]


def _what(draft: Draft) -> list[Row]:
    answers = draft.answers.get("what", {})
    own = [Row(label, words, "what") for label, words in draft.kind.answers(values_of(answers))]
    return [*own, Row(_("描述"), answers.get("description") or _("沒有填"), "what")]


def _where(draft: Draft) -> list[Row]:
    answers = draft.answers.get("where", {})
    district = directory.district(answers.get("in_district"))
    parts = [
        (_("行政區"), str(district) if district else ""),
        (_("地址或路口"), answers.get("address")),
        (_("地圖座標"), answers.get("point")),
        (_("怎麼找到那裡"), answers.get("place_note")),
    ]
    return [Row(label, words, "where") for label, words in parts if words] or [
        Row(_("地點"), _("沒有特定地點"), "where")
    ]


def _contact(draft: Draft) -> list[Row]:
    answers = draft.answers.get("contact", {})
    parts = [(_("電子郵件"), "email"), (_("電話"), "phone"), (_("怎麼稱呼您"), "name")]
    rows = [Row(label, answers[name], "contact") for label, name in parts if answers.get(name)]
    if answers.get("unnamed") or not rows:
        return [Row(_("聯絡方式"), _("匿名：只能用編號與查詢碼查進度"), "contact")]
    if answers.get("confidential"):
        rows.append(Row(_("保密"), _("請為我保密"), "contact"))
    return [*rows, Row(_("通知信的語言"), dict(settings.LANGUAGES)[answers["language"]], "contact")]
