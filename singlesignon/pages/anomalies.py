"""What the watch found, for the security officer: what waits first, and what came of looking at it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from identity.doors import SignedInRequest, door
from singlesignon import places
from singlesignon.actions import watching
from singlesignon.models import Anomaly
from singlesignon.pages.forms import WordsForm

A_PAGE = 50


@door("city:authentications:read")
def anomalies(request: SignedInRequest) -> HttpResponse:
    """``/anomalies/``: what nobody has looked at; with ``?all=1`` what somebody did as well."""
    found = Anomaly.objects.visible_to(request.user).for_list()
    is_all = request.GET.get("all") == "1"
    page = Paginator(found if is_all else found.waiting(), A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "is_all": is_all, "has_places": places.is_known()}
    return render(request, "singlesignon/anomalies.html", context)


@door("city:authentications:read", post="city:anomalies:settle")
def anomaly(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/anomalies/7/``: one of them, and the form in which it is noted what came of it."""
    found = get_object_or_404(Anomaly.objects.visible_to(request.user).for_list(), pk=pk)
    form = WordsForm(
        request.POST or None, label=_("處理情形"), hint=_("問過誰、查到什麼、做了什麼；沒有異常也請寫明理由。")
    )
    if request.method == "POST" and form.is_valid():
        try:
            watching.settle(request.user, found, form.cleaned_data["text"])
        except watching.Settled:
            messages.error(request, _("這一件已經有人處理過了，您的文字沒有存下來。"))
            return redirect("anomaly", pk)
        messages.success(request, _("已經記下處理情形。"))
        return redirect("anomalies")
    context = {"anomaly": found, "form": form}
    return render(request, "singlesignon/anomaly.html", context, status=422 if form.errors else 200)
