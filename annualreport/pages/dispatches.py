"""For who compiles: to whom a report went, by mail and by hand, and who is to have every report of a kind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from annualreport.actions.publishing import dispatch
from annualreport.actions.recipients import keep, on_paper, take_over
from annualreport.actions.sending import again, messages_of, send_out, waiting
from annualreport.models import Dispatch, Publication, Recipient
from annualreport.models.publication import Way
from annualreport.models.recipient import Form, Sort
from annualreport.pages.overview import COMPILE, report_of
from annualreport.registry import Kind, kinds
from foundation.clock import today
from foundation.forms import CityForm, DateBox
from identity.doors import SignedInRequest, door
from identity.models import Language
from messages.models import OVER
from organisation.permissions import grants_of


class DispatchForm(CityForm):
    """To whom a version was sent, when and how."""

    recipients = forms.CharField(label=gettext_lazy("受文者"), widget=forms.Textarea,
                                 help_text=gettext_lazy("一行一個。"))  # fmt: skip
    way = forms.ChoiceField(label=gettext_lazy("方式"), choices=Way.choices)
    on = forms.DateField(label=gettext_lazy("發送日期"), widget=DateBox)
    reference = forms.CharField(label=gettext_lazy("文號或備註"), max_length=200, required=False)


@door("unit:annualreport:read", post=COMPILE)
def dispatches(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/reports/7/dispatches/``: the log of who was sent which version; nothing in it changes. What became of
    each mail is what the outbox says."""
    report = report_of(request, pk)
    latest = Publication.objects.of(report.kind_code, report.period).first()
    may_compile = grants_of(request.user).has(COMPILE)
    form = DispatchForm(request.POST or None, initial={"on": today(), "recipients": "\n".join(on_paper(report.kind))})
    if request.method == "POST" and latest and form.is_valid():
        facts = form.cleaned_data
        try:
            sent = dispatch(request.user, latest, facts["recipients"].splitlines(), facts["way"], facts["on"],
                            facts["reference"])  # fmt: skip
        except ValidationError as error:
            for name, told in error.message_dict.items():
                form.add_error(name, told)
        else:
            messages.success(request, _("已登載 %(n)d 筆分送紀錄。") % {"n": len(sent)})
            return redirect("report-dispatches", report.pk)
    listed = list(Dispatch.objects.of(report))
    mails = messages_of(listed)
    lines = [
        {"dispatch": each, "message": mail, "again": may_compile and mail is not None and mail.state in OVER}
        for each in listed
        for mail in (mails.get(each.pk),)
    ]
    context = {
        "report": report,
        "latest": latest,
        "form": form if latest and may_compile else None,
        "lines": lines,
        "waiting": waiting(latest) if latest and may_compile else [],
        "may_compile": may_compile,
    }
    return render(request, "annualreport/dispatches.html", context, status=422 if form.errors else 200)


@door(COMPILE)
@require_POST
def mailing(request: SignedInRequest, pk: int) -> HttpResponse:
    """``POST /desk/reports/7/dispatches/mail/``: mail the newest version to whoever was put on the list since."""
    report = report_of(request, pk)
    latest = Publication.objects.of(report.kind_code, report.period).first()
    if latest is None:
        raise Http404("nothing is published")
    n = len(send_out(request.user, latest))
    messages.success(request, ngettext("已交寄 %(n)d 封。", "已交寄 %(n)d 封。", n) % {"n": n})
    return redirect("report-dispatches", report.pk)


@door(COMPILE)
@require_POST
def resending(request: SignedInRequest, pk: int, line: int) -> HttpResponse:
    """``POST /desk/reports/7/dispatches/9/again/``: mail again what failed or was kept."""
    report = report_of(request, pk)
    found = get_object_or_404(Dispatch.objects.of(report), pk=line)
    if again(request.user, found):
        messages.success(request, _("已重新排入寄送。"))
    else:
        messages.error(request, _("沒有重新寄送：這封信已在寄送或已寄出，或郵件伺服器還沒有設定。"))
    return redirect("report-dispatches", report.pk)


class RecipientForm(CityForm):
    """A standing recipient: who, in which form, where to."""

    name = forms.CharField(label=gettext_lazy("受文者"), max_length=120)
    sort = forms.ChoiceField(label=gettext_lazy("受文者類別"), choices=Sort.choices)
    form = forms.ChoiceField(
        label=gettext_lazy("格式"), choices=Form.choices,
        help_text=gettext_lazy("選檔案的，報告一公布就寄到電子郵件；紙本的由您寄出後登載。"),
    )  # fmt: skip
    mail = forms.EmailField(label=gettext_lazy("電子郵件"), required=False)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    copies = forms.IntegerField(label=gettext_lazy("份數"), min_value=1, max_value=999, initial=1,
                                widget=forms.NumberInput(attrs={"class": "chars-4"}))  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("語言"), choices=Language.choices)


def _kind_of(code: str) -> Kind:
    """A kind of report. 404 for one that the pack does not know."""
    if code not in kinds():
        raise Http404(code)
    return kinds()[code]


@door(COMPILE)
def recipients(request: SignedInRequest, kind: str) -> HttpResponse:
    """``/desk/reports/recipients/results/``: who gets every report of a kind, and a form for one more."""
    found = _kind_of(kind)
    return _recipient_page(request, found, Recipient(kind_code=found.code))


@door(COMPILE)
def recipient(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """``/desk/reports/recipients/results/7/``: change a recipient."""
    found = _kind_of(kind)
    listed = Recipient.objects.visible_to(request.user).of(found.code)
    return _recipient_page(request, found, get_object_or_404(listed, pk=pk))


def _recipient_page(request: SignedInRequest, kind: Kind, chosen: Recipient) -> HttpResponse:
    fields = list(RecipientForm.base_fields)
    initial: dict[str, Any] = {name: getattr(chosen, name) for name in fields}
    form = RecipientForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            keep(chosen, form.cleaned_data)
        except ValidationError as error:
            for name, told in error.message_dict.items():
                form.add_error(name, told)
        else:
            messages.success(request, _("已儲存「%(name)s」。") % {"name": chosen.name})
            return redirect("report-recipients", kind.code)
    listed = list(Recipient.objects.visible_to(request.user).of(kind.code))
    context = {
        "kind": kind,
        "chosen": next((each for each in listed if each.pk == chosen.pk), None),
        "form": form,
        "recipients": listed,
        "from_pack": 0 if listed else len(kind.recipients),
    }
    return render(request, "annualreport/recipients.html", context, status=422 if form.errors else 200)


@door(COMPILE)
@require_POST
def taking_over(request: SignedInRequest, kind: str) -> HttpResponse:
    """``POST /desk/reports/recipients/results/pack/``: begin the list with the recipients of the city pack."""
    n = take_over(_kind_of(kind))
    messages.success(request, ngettext("已帶入 %(n)d 個受文者。", "已帶入 %(n)d 個受文者。", n) % {"n": n})
    return redirect("report-recipients", kind)


@door(COMPILE)
@require_POST
def removal(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """``POST /desk/reports/recipients/results/7/removal/``: take somebody off the list; what was sent stays noted."""
    listed = Recipient.objects.visible_to(request.user).of(_kind_of(kind).code)
    chosen = get_object_or_404(listed, pk=pk)
    chosen.delete()
    messages.success(request, _("已從名單移除「%(name)s」。") % {"name": chosen.name})
    return redirect("report-recipients", kind)
