"""The systems that I signed in to: what each may know, and how to take that back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from identity.doors import SignedInRequest, door
from singlesignon.actions.logout import withdraw_consent
from singlesignon.claims import WORDS
from singlesignon.models import Authentication, Consent, SignOn

SHOWN = 30


@door("own:openid:agree")
def systems(request: SignedInRequest) -> HttpResponse:
    """My consents, where I am signed in now, and my last authentications."""
    consents = Consent.objects.visible_to(request.user).standing().select_related("system__agency")
    running = SignOn.objects.visible_to(request.user).running().select_related("client__system__agency")
    latest = Authentication.objects.of(request.user).select_related("system").order_by("-at")[:SHOWN]
    context = {
        "consents": [(each, [WORDS[scope] for scope in each.scopes if scope in WORDS]) for each in consents],
        "running": running.order_by("-started_at")[:SHOWN],
        "latest": latest,
    }
    return render(request, "singlesignon/mine.html", context)


@door("own:openid:agree")
@require_POST
def withdrawal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a consent back: the system's tokens end, and it is told to sign me out."""
    consent = get_object_or_404(Consent.objects.visible_to(request.user).standing().select_related("system"), pk=pk)
    withdraw_consent(request.user, consent.system)
    messages.success(
        request, _("已經收回對「%(name)s」的同意，它不能再取得您的資料。") % {"name": consent.system.label}
    )
    return redirect("my-systems")
