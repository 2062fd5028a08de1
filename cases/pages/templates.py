"""Templates of answers: the editors keep them, officers begin their drafts with them."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import AnswerTemplate
from cases.models.answer_template import ENDINGS
from cases.models.case import Outcome
from cases.registry import kinds
from cases.rules import PLACES
from foundation.clock import now
from foundation.forms import CityFormMixin
from identity.doors import door


class TemplateForm(CityFormMixin, forms.ModelForm):
    """A beginning of answers."""

    kind_code = forms.ChoiceField(label=gettext_lazy("種類"), required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("處理結果"), choices=[(code, Outcome(code).label) for code in ENDINGS]
    )

    class Meta:
        model = AnswerTemplate
        fields = ["title", "kind_code", "outcome", "body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 12})}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind_code"].choices = [("", _("不限種類")), *((k.code, k.label) for k in kinds().values())]
        self.fields["body"].help_text = _("可用的欄位：%(places)s；起稿時會自動填入。") % {
            "places": " ".join(f"{{{place}}}" for place in PLACES)
        }


@door("city:templates:edit")
def listed(request: HttpRequest) -> HttpResponse:
    """``/desk/templates/``: all of them; one statement."""
    rows = [
        (each, kinds()[each.kind_code].label if each.kind_code in kinds() else _("不限種類"))
        for each in AnswerTemplate.objects.listed()
    ]
    return render(request, "cases/templates.html", {"rows": rows})


@door("city:templates:edit")
def edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """``/desk/templates/new/`` and ``/desk/templates/7/``: write one, change it, or take it away."""
    template = get_object_or_404(AnswerTemplate.objects.listed(), pk=pk) if pk else AnswerTemplate()
    if pk and "remove" in request.POST:
        template.delete()
        messages.success(request, _("已刪除範本「%(title)s」。") % {"title": template.title})
        return redirect("answer-templates")
    template.changed_by, template.changed_at = request.user, now()
    form = TemplateForm(request.POST or None, instance=template)
    if request.method == "POST" and form.is_valid():
        kept = form.save()
        messages.success(request, _("已儲存範本「%(title)s」。") % {"title": kept.title})
        return redirect("answer-templates")
    status = 422 if form.errors else 200
    return render(request, "cases/template.html", {"form": form, "pk": pk}, status=status)
