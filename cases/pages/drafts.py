"""The draft of an answer: written by an officer, read by the unit, handed in to its chain."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.answers import begin, letter_pdf
from cases.actions.approving import draft, hand_in
from cases.actions.performing import Conflict
from cases.models import AnswerTemplate, Case, Contribution, Proposal
from cases.models.answer_template import ENDINGS
from cases.models.case import Outcome
from cases.pages.case import case_or_404, context_of
from cases.pages.queue import rail
from cases.panels import versions_told
from cases.permissions import may
from foundation.forms import CityForm
from foundation.printing import Unprintable
from identity.doors import door


class AnswerForm(CityForm):
    """The words of an answer. ``seen`` is the version that the writer was looking at."""

    seen = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    text = forms.CharField(
        label=gettext_lazy("給民眾的答復"), max_length=4000, widget=forms.Textarea(attrs={"rows": 12})
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("處理結果"),
        choices=[(code, Outcome(code).label) for code in ENDINGS],
        widget=forms.RadioSelect,
        initial=Outcome.ANSWERED,
    )

    despite = forms.CharField(
        label=gettext_lazy("為什麼不等會辦單位回復"),
        help_text=gettext_lazy("陳核才需要；核定的人看得到，民眾看不到。"),
        required=False,
        max_length=500,
    )

    def __init__(self, *args, consulting: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not consulting:
            del self.fields["despite"]

    def inputs(self) -> dict:
        """What the verb gets when it is carried out."""
        return {name: self.cleaned_data[name] for name in ("text", "outcome")}


class BeginningForm(forms.Form):
    """Which template a draft begins with; sent by GET, so choosing changes nothing yet."""

    template = forms.ChoiceField(label=gettext_lazy("以範本開始"))

    def __init__(self, data, *, templates) -> None:
        super().__init__(data)
        self.fields["template"].choices = [
            (str(each.pk), f"{each.title}（{each.get_outcome_display()}）") for each in templates
        ]


@door("unit:cases:draft")
def write(request: HttpRequest, number: str) -> HttpResponse:
    """``/desk/cases/P111-0000001/draft/``: write, keep, hand in. ``?template=7`` begins with a template."""
    case = case_or_404(request, number)
    if not case.kind.approval.answer:
        raise Http404
    if not may(request.user, case, "cases:draft"):
        raise PermissionDenied("cases:draft")
    proposal = Proposal.objects.of(case, "answer").open().told().first()
    templates = list(AnswerTemplate.objects.for_kind(case.kind_code))
    not_yet = list(Contribution.objects.of(case).open()) if "contributions" in case.extras else []
    initial = _initial(proposal, templates, case, request)
    form = AnswerForm(request.POST or None, initial=initial, consulting=bool(not_yet))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _keep(request, case, form)
            except Conflict as conflict:
                form, proposal, status = _asked_again(form, case, str(conflict))
            except ValidationError as refusal:
                form.add_error(None, refusal)
    return render(
        request,
        "cases/draft.html",
        rail(request)
        | context_of(request, case)
        | {
            "form": form,
            "proposal": proposal,
            "versions": versions_told(proposal),
            "beginning": BeginningForm(request.GET if "template" in request.GET else None, templates=templates),
            "has_templates": bool(templates),
            "not_yet": not_yet,
            "locked": proposal is not None and proposal.state != Proposal.State.DRAFT,
        },
        status=status,
    )


def _initial(proposal: Proposal | None, templates: list[AnswerTemplate], case: Case, request: HttpRequest) -> dict:
    kept = proposal.newest if proposal else None
    initial = dict(kept.inputs, seen=kept.number) if kept else {}
    chosen = next((each for each in templates if str(each.pk) == request.GET.get("template")), None)
    return initial | ({"text": begin(chosen, case), "outcome": chosen.outcome} if chosen else {})


def _keep(request: HttpRequest, case: Case, form: AnswerForm) -> HttpResponse:
    with transaction.atomic():  # what is refused has not been kept either: the form goes on from the version it knew
        draft(request.user, case.pk, form.inputs(), seen=form.cleaned_data["seen"])
        if "hand_in" in request.POST:
            hand_in(request.user, case.pk, despite=form.cleaned_data.get("despite", ""))
    if "hand_in" in request.POST:
        messages.success(request, _("%(number)s：已陳核。") % {"number": case.number})
        return redirect("case", number=case.number)
    messages.success(request, _("%(number)s：已存稿。") % {"number": case.number})
    return redirect("case-draft", number=case.number)


def _asked_again(form: AnswerForm, case: Case, why: str) -> tuple[AnswerForm, Proposal | None, int]:
    """The form with what was typed, for the newest version, and why it was not kept."""
    proposal = Proposal.objects.of(case, "answer").open().told().first()
    form.data = form.data.copy()
    form.data["seen"] = str(proposal.newest.number if proposal else 0)
    form.add_error(None, why)
    return form, proposal, 409


@door("unit:cases:read")
def letter(request: HttpRequest, number: str) -> HttpResponse:
    """``/desk/cases/P111-0000001/letter.pdf``: the answer that went out, on paper."""
    return letter_response(request, case_or_404(request, number))


def letter_response(request: HttpRequest, case: Case) -> HttpResponse:
    """The letter of a case that the reader may see; page 404 while there is none, 503 where it cannot be printed."""
    try:
        content = letter_pdf(case)
    except Unprintable as problem:
        return render(request, "cases/unprintable.html", {"problem": str(problem)}, status=503)
    if content is None:
        raise Http404
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{case.number}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )
