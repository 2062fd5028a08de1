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
    """A question with its answer in lines, and the step that changes it."""

    label: str
    lines: tuple[str, ...]
    step: str


def summary(draft: Draft) -> list[Row]:
    """What will be sent, in the order asked. What was left empty says so."""
    return [*_what(draft), _where(draft), *_which(draft), _contact(draft)]


def _what(draft: Draft) -> list[Row]:
    answers = draft.answers.get("what", {})
    own = [Row(label, (words,), "what") for label, words in draft.kind.answers(values_of(answers))]
    return [*own, Row(_("描述"), (answers.get("description") or _("未填寫"),), "what")]


def _where(draft: Draft) -> Row:
    answers = draft.answers.get("where", {})
    district = str(directory.district(answers.get("in_district")) or "")
    address = answers.get("address", "")
    lines = [district if district and district not in address else "", address, answers.get("place_note", "")]
    if answers.get("point"):
        lines.append(_("地圖座標 %(point)s") % {"point": answers["point"]})
    return Row(_("地點"), tuple(filter(None, lines)) or (_("沒有特定地點"),), "where")


def _which(draft: Draft) -> list[Row]:
    """What it is about, of kinds that ask; where there was nothing to choose, nothing stands here."""
    values = values_of(draft.answers.get("which", {}))
    return [
        Row(f.label, (f.display(values[f.name]) if values.get(f.name) else _("都不是，或不確定"),), "which")
        for f in draft.kind.references
        if f.name in values
    ]


def _contact(draft: Draft) -> Row:
    answers = draft.answers.get("contact", {})
    lines = [answers[name] for name in ("name", "email", "phone") if answers.get(name)]
    if answers.get("unnamed") or not lines:
        return Row(_("聯絡方式"), (_("匿名：只能用編號與查詢碼查進度"),), "contact")
    if answers.get("email"):
        lines.append(_("通知信：%(language)s") % {"language": dict(settings.LANGUAGES)[answers["language"]]})
    if answers.get("wants_sms"):
        lines.append(_("用簡訊通知"))
    if answers.get("confidential"):
        lines.append(_("請為我保密"))
    if answers.get("against"):
        lines.append(_("對%(agency)s保密") % {"agency": directory.agency(answers["against"])})
    return Row(_("聯絡方式"), tuple(lines), "contact")
