"""What will be let go of tonight, and what was in the nights before."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from foundation.retention import Holding, holdings
from identity.doors import door
from retention.actions import forecast
from retention.models import Run

NIGHTS = 30


@door("city:retention:read")
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """``/retention/``: the rules, what tonight's run would do (a dry run), and the reports of 30 nights."""
    known = {holding.code: holding for holding in holdings()}
    tonight = [(each, term_in_words(each.amount, each.unit), kept(each.holding, each.held)) for each in forecast()]
    runs = Run.objects.visible_to(request.user).newest_first()[: NIGHTS * max(1, len(known))]
    lines = [
        (run, known[run.holding].label if run.holding in known else run.holding, kept(known.get(run.holding), run.held))
        for run in runs
    ]
    context = {"tonight": tonight, "total": sum(each.free for each, _t, _k in tonight), "lines": lines}
    return render(request, "retention/reports.html", context)


def term_in_words(amount: int, unit: str) -> str:
    """``5 年``."""
    if unit == "years":
        return ngettext("%(n)d 年", "%(n)d 年", amount) % {"n": amount}
    return ngettext("%(n)d 天", "%(n)d 天", amount) % {"n": amount}


def kept(holding: Holding | None, held: dict[str, int]) -> list[str]:
    """How many are kept and why, a line each."""
    words = holding.excuses if holding else {}
    return [_("%(why)s：%(n)d") % {"why": words.get(why, why), "n": n} for why, n in sorted(held.items())]
