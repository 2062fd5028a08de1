"""What awaits my signature: the list, and the page on which one is signed, changed or sent back."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.approving import OWN, approve, send_back
from cases.actions.performing import Conflict
from cases.models import CaseEvent, Endorsement, Proposal
from cases.models.clock import amount_in_words
from cases.pages.queue import rail
from cases.panels import versions_told
from cases.registry import kind
from foundation.forms import CityForm
from identity.doors import door

PAGE = 50


class DecisionForm(CityForm):
    """The proposal's words, which the approver may change, and what the approver says to its writer."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(label=gettext_lazy("內容"), max_length=4000, widget=forms.Textarea(attrs={"rows": 12}))
    words = forms.CharField(
        label=gettext_lazy("給擬稿人的話"),
        help_text=gettext_lazy("退回時必填，寫明要修正什麼。"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@door("unit:cases:approve")
def awaiting(request: HttpRequest) -> HttpResponse:
    """``/desk/approvals/``: what awaits my signature, the most urgent case on top; a fixed number of statements."""
    page = Paginator(Endorsement.objects.awaiting(request.user).for_list(), PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "sign": sign,
            "case": sign.proposal.case,
            "clock": sign.proposal.case.clock(),
            "act": kind(sign.proposal.case.kind_code).lifecycle.transitions[sign.proposal.verb].label,
        }
        for sign in page
    ]
    return render(request, "cases/approvals.html", rail(request, "approvals") | {"page": page, "rows": rows})


@door("unit:cases:approve")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """``/desk/approvals/7/``: read it with its history; approve, approve with changes, or send it back."""
    sign = get_object_or_404(Endorsement.objects.visible_to(request.user).for_list(), pk=pk)
    proposal = Proposal.objects.of(sign.proposal.case).told().get(pk=sign.proposal_id)
    newest = proposal.newest
    form = DecisionForm(request.POST or None, initial={"seen": newest.number, "text": newest.text})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _decided(request, sign, proposal, form)
            except Conflict as conflict:
                form.add_error(None, str(conflict))
                status = 409
            except ValidationError as error:
                for name, problems in getattr(error, "message_dict", {None: error.messages}).items():
                    form.add_error(name if name in form.fields else None, problems)
    case, sign.proposal = sign.proposal.case, proposal
    handed_in = CaseEvent.objects.of(case).filter(verb="hand_in", data__act=proposal.verb).last()
    context = {
        "own": OWN if sign.is_own(request.user) else "",
        "sign": sign, "proposal": proposal, "case": case, "clock": case.clock(), "form": form,
        "amount": _amount(proposal),
        "despite": handed_in.text if handed_in else "",
        "act": case.kind.lifecycle.transitions[proposal.verb].label, "versions": versions_told(proposal),
        "open": not sign.decision and sign.asked_at is not None,
    }  # fmt: skip
    return render(request, "cases/approval.html", rail(request, "approvals") | context, status=status)


def _amount(proposal: Proposal) -> str:
    """By how much an extension is to move the deadline, in words; empty for other acts."""
    amount = proposal.newest.inputs.get("amount")
    return amount_in_words(Decimal(amount), kind(proposal.case.kind_code).extension.unit) if amount else ""


def _decided(request: HttpRequest, sign: Endorsement, proposal: Proposal, form: DecisionForm) -> HttpResponse:
    given, number = form.cleaned_data, sign.proposal.case.number
    if "send_back" in request.POST:
        send_back(request.user, sign.pk, seen=given["seen"], words=given["words"])
        messages.success(request, _("%(number)s：已退回修正。") % {"number": number})
    else:
        inputs = proposal.newest.inputs | {"text": given["text"]}
        approve(request.user, sign.pk, seen=given["seen"], inputs=inputs, words=given["words"])
        messages.success(request, _("%(number)s：已核定。") % {"number": number})
    return redirect("approvals")
