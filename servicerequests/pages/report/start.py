"""Where a report begins: the kinds as pictures and words, or one's own words that lead to a kind."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases.suggestions import suggested_agency, suggested_kind
from foundation.ratelimit import limit
from identity.doors import door
from organisation.pack import pack
from servicerequests.pages.report.catalogue import suggestions, tiles
from servicerequests.pages.report.draft import Draft, Lost, channel_of
from servicerequests.pages.report.flow import lost
from servicerequests.pages.report.forms import DESCRIPTION_MAX
from servicerequests.permissions import files_for_others


class TextForm(forms.Form):
    """The citizen's own words."""

    text = forms.CharField(
        label=gettext_lazy("哪裡不對勁？"),
        max_length=DESCRIPTION_MAX,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": gettext_lazy("例如：我家門口路燈三天沒亮了")}
        ),
        error_messages={"required": gettext_lazy("請用一句話說說哪裡不對勁，或從下面的圖選一項。")},
    )


@door("public:cases:file")
@limit("report", 240, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """``/report/``: choose from pictures, or send ``text`` and be led. With a draft it changes the draft's kind."""
    if "draft" in request.POST:
        return _change_kind(request)
    app = request.POST.get("app", "") if channel_of(request) else ""
    typed = request.POST if request.method == "POST" else request.GET
    if "text" not in typed:
        return _page(request, TextForm(), app=app)
    form = TextForm(typed)
    if not form.is_valid():
        return _page(request, form, status=422 if request.method == "POST" else 200, app=app)
    text = form.cleaned_data["text"]
    found, sure = suggestions(text, suggested_kind(text))
    return _page(
        request,
        form,
        found=found,
        sure=sure,
        text=text,
        agency=suggested_agency(text),
        staff=files_for_others(request.user),
        app=app,
    )


def _change_kind(request: HttpRequest) -> HttpResponse:
    try:
        draft = Draft.open(request.POST["draft"])
    except Lost:
        return lost(request)
    return _page(request, TextForm(), draft=draft, sealed=draft.seal())


def _page(request: HttpRequest, form: TextForm, status: int = 200, **more) -> HttpResponse:
    phone = pack().city.phone
    return render(
        request,
        "servicerequests/report/start.html",
        {"form": form, "tiles": tiles(), "emergency": pack().text("emergency"), "phone": phone, **more},
        status=status,
    )
