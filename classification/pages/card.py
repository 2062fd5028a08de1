"""Model cards: what a model learned from, how good it is, which version answers, and going back to another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from classification.actions import MANAGE, let_go, put_in_force
from classification.models import InForce, Version
from classification.queries import guesses, threshold
from classification.registry import Classifier, classifiers
from classification.rules import BINS, LONGEST, TOP, above
from foundation.clock import today
from foundation.forms import CityForm
from identity.doors import door
from organisation.permissions import grants_of

SIDE = 240  # of the drawn reliability diagram, in its own units


class TrialForm(CityForm):
    """A text to try the model on; it is not kept."""

    text = forms.CharField(label=gettext_lazy("一段內容"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(CityForm):
    """Why a person chooses a version."""

    reason = forms.CharField(label=gettext_lazy("啟用這一版的原因"), max_length=200)


@dataclass(frozen=True)
class Bar:
    """A bin of the reliability diagram that has texts: what was stated, what came true, and where that is drawn."""

    low: int  # per cent
    high: int
    texts: int
    stated: float
    right: float

    @property
    def x(self) -> str:
        return f"{self.stated * SIDE:.1f}"

    @property
    def y(self) -> str:
        return f"{(1 - self.right) * SIDE:.1f}"

    @property
    def radius(self) -> str:
        return f"{min(3 + self.texts**0.5 / 3, 12):.1f}"


@door("city:models:read")
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """``/models/``: the classifiers, with the version that answers."""
    now = {line.classifier: line for line in InForce.objects.now().select_related("version").defer("version__weights")}
    rows = [{"declared": each, "line": now.get(each.code)} for each in classifiers()]
    return render(request, "classification/models.html", {"rows": rows})


@door("city:models:read")
@require_safe
def card(request: HttpRequest, declared: Classifier, number: int | None = None) -> HttpResponse:
    """``/models/cases.agency/``: the card of the version that answers; with a number, that of another one."""
    return _card(request, declared, number)


@door("city:models:read")
@require_POST
def trial(request: HttpRequest, declared: Classifier) -> HttpResponse:
    """What the version in force says of a text."""
    form = TrialForm(request.POST)
    if not form.is_valid():
        return _card(request, declared, trial=form, status=422)
    found = guesses(declared.code, form.cleaned_data["text"])[:TOP]
    tried = [(declared.words(guess.label), guess.probability) for guess in found]
    return _card(request, declared, trial=form, tried=tried, tried_any=bool(tried))


@door("city:models:manage")
@require_POST
def in_force(request: HttpRequest, declared: Classifier, number: int) -> HttpResponse:
    """A person puts a version in force, such as an earlier one."""
    version = get_object_or_404(Version.objects.visible_to(request.user).of(declared.code), number=number)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            put_in_force(request.user, version, form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_error("reason", refusal.message_dict["reason"])
        else:
            messages.success(request, _("第 %(n)d 版已啟用；恢復自動更新之前，訓練不會取代它。") % {"n": number})
            return redirect("model", declared=declared)
    return _card(request, declared, number, choice=form, status=422)


@door("city:models:manage")
@require_POST
def automatic(request: HttpRequest, declared: Classifier) -> HttpResponse:
    """Training may replace the version in force again."""
    try:
        let_go(request.user, declared.code)
    except ValidationError as refusal:
        messages.info(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("已恢復自動更新：下次訓練的版本如果比較好，就會啟用。"))
    return redirect("model", declared=declared)


def _card(
    request: HttpRequest, declared: Classifier, number: int | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    versions = list(Version.objects.visible_to(request.user).of(declared.code)[:30])
    log = list(InForce.objects.of(declared.code)[:30])
    current = log[0] if log else None
    wanted = number or (current.version.number if current else versions[0].number if versions else None)
    if wanted is None:
        return render(request, "classification/card.html", {"declared": declared, "trial": TrialForm()} | more)
    shown = next((version for version in versions if version.number == wanted), None)
    if shown is None:
        raise Http404
    context = {
        "declared": declared,
        "version": shown,
        "current": current,
        "answers": bool(current) and current.version_id == shown.pk,
        "versions": versions,
        "log": log,
        "may_manage": grants_of(request.user).has(MANAGE),
        "trial": TrialForm(),
        "choice": ReasonForm(),
        **measured_in_words(declared, shown),
    }
    return render(request, "classification/card.html", context | more, status=status)


def measured_in_words(declared: Classifier, version: Version) -> dict[str, Any]:
    """What the card shows of a measurement."""
    measured, asked = version.measured, threshold(declared.code, today())
    spoken, right = above(measured, asked) if asked is not None else (0, 0)
    labels = [
        {
            "words": declared.words(label),
            "texts": texts,
            "found": right / texts if texts else None,
            "trusted": right / said if said else None,
        }
        for label, (texts, said, right) in measured["labels"].items()
        if label
    ]
    return {
        "measured": measured,
        "threshold": asked,
        "spoken": spoken / measured["texts"] if measured["texts"] else None,
        "spoken_right": right / spoken if spoken else None,
        "bars": [
            Bar(round(100 * i / BINS), round(100 * (i + 1) / BINS), texts, total / texts, right / texts)
            for i, (texts, total, right) in enumerate(measured["bins"])
            if texts
        ],
        "labels": sorted(labels, key=lambda row: (-row["texts"], row["words"])),
        "threshold_x": f"{asked * SIDE:.1f}" if asked is not None else "",
    }
