"""What waits for a second person: the strongest roles, given or deputised."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.doors import SignedInRequest, door
from organisation.actions import confirm, refuse
from organisation.actions.nominations import may_decide
from organisation.models import Deputyship, Nomination
from organisation.models.four_eyes import FourEyes
from organisation.pages.forms import RefusableForm

SHOWN = 50
KINDS: dict[str, type[Nomination] | type[Deputyship]] = {"role": Nomination, "deputy": Deputyship}
Decision = FourEyes.Decision


class DecisionForm(RefusableForm):
    """Yes or no; a no says why."""

    decision = forms.ChoiceField(
        label=gettext_lazy("您的決定"),
        choices=[(Decision.CONFIRMED, gettext_lazy("同意給予")), (Decision.REFUSED, gettext_lazy("不同意給予"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("理由"),
        help_text=gettext_lazy("不同意時要寫，提名人與本人都會看到。"),
        max_length=200,
        required=False,
    )


@door("city:memberships:read")
def nominations(request: SignedInRequest) -> HttpResponse:
    """What waits for a second person, and what was decided lately."""
    roles = Nomination.objects.visible_to(request.user).told()
    deputies = Deputyship.objects.visible_to(request.user).told()
    context = {
        "waiting": [*_lines("role", roles.waiting()), *_lines("deputy", deputies.waiting())],
        "decided": [*_lines("role", roles.decided()[:SHOWN]), *_lines("deputy", deputies.decided()[:SHOWN])],
    }
    return render(request, "organisation/nominations.html", context)


@door("city:memberships:read", post="city:memberships:manage")
def nomination(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """One of them, and for whoever may decide it the form that does."""
    if kind not in KINDS:
        raise Http404
    found: Any = get_object_or_404(KINDS[kind].objects.visible_to(request.user).told(), pk=pk)
    (line,) = _lines(kind, [found])
    form = None
    if line["waits"] and may_decide(request.user, found):
        form = DecisionForm(request.POST or None)
    if request.method == "POST":
        if form is None:
            messages.error(request, _why_not(request, line))
            return redirect("nomination", kind, pk)
        if form.is_valid() and _decided(request, found, form):
            return redirect("nominations")
    why_not = "" if form else _why_not(request, line)
    context = {"line": line, "form": form, "why_not": why_not}
    return render(request, "organisation/nomination.html", context, status=422 if form and form.errors else 200)


def _decided(request: SignedInRequest, found: Any, form: DecisionForm) -> bool:
    said = form.cleaned_data
    try:
        if said["decision"] == Decision.CONFIRMED:
            confirm(request.user, found)
            messages.success(request, _("已經同意，依所定的期間生效。"))
        else:
            refuse(request.user, found, said["words"])
            messages.success(request, _("已經退回，提名人與本人會收到信。"))
    except ValidationError as refusal:
        form.refuse(refusal if hasattr(refusal, "error_dict") else ValidationError({"decision": refusal.messages}))
        return False
    except PermissionDenied:
        form.add_error("decision", _("不能由您決定。"))
        return False
    return True


def _why_not(request: SignedInRequest, line: dict[str, Any]) -> str:
    if not line["waits"]:
        return _("這一項已經決定了。")
    if line["each"].proposed_by_id == request.user.pk:
        return _("您是提名人，要由另一位系統管理員決定。")
    return _("要由另一位系統管理員決定；本人與提名人不能決定。")


def _lines(kind: str, found: Any) -> list[dict[str, Any]]:
    """Both kinds alike for the templates: who gains it, in what, and whether it waits."""
    lines = []
    for each in found:
        is_deputy = isinstance(each, Deputyship)
        lines.append(
            {
                "kind": kind,
                "each": each,
                "person": each.deputy if is_deputy else each.user,
                "absent": each.absent if is_deputy else None,
                "held": each.membership if is_deputy else each,
                "waits": each.waits if is_deputy else not each.decision,
            }
        )
    return lines
