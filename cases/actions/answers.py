"""Answers on paper and their beginnings: a template with its places filled, and the letter as PDF."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from cases.models import AnswerTemplate, Case, CaseEvent
from cases.rules import fill
from foundation.clock import today
from foundation.printing import pdf, style_sheets
from foundation.roc import roc_date
from organisation.pack import pack

ANSWERS = ("answer", "finish")  # the verbs whose words are the answer of the city


def begin(template: AnswerTemplate, case: Case) -> str:
    """A template as the beginning of an answer to this case, in Chinese as answers are."""
    with override(settings.LANGUAGE_CODE):
        return fill(
            template.body,
            {
                "案號": str(case.number),
                "種類": case.kind.label_zh,
                "地點": case.place,
                "單位": case.unit.name,
                "機關": case.unit.agency.name,
                "受理日期": roc_date(case.received_on),
                "今天": roc_date(today()),
            },
        )


def answer_of(case: Case) -> CaseEvent | None:
    """The answer that went out last; None while the case has none, and after it was opened again."""
    if case.done_at is None:
        return None
    return case.events.filter(verb__in=ANSWERS).order_by("at", "pk").last()


def letter_pdf(case: Case) -> bytes | None:
    """The answer as a letter on paper; None where none has gone out. It names nobody: the number says whose it is.

    Raises `foundation.printing.Unprintable`.
    """
    answer = answer_of(case)
    if answer is None:
        return None
    with override(settings.LANGUAGE_CODE):
        html = render_to_string("cases/print/letter.html", {"case": case, "answer": answer, "city": pack().city})
    return pdf(html, style_sheets("foundation/css/tokens.css", "foundation/report.css"))
