"""Letting in a device that has no keyboard (RFC 8628, 3.3)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from foundation.ratelimit import client_user, limit
from identity.doors import SignedInRequest, door
from singlesignon.actions import devices
from singlesignon.claims import WORDS
from singlesignon.pages.passage import proof_of


@door("own:openid:agree")
@never_cache
@limit("openid-device-code", 20, key=client_user)
def device(request: SignedInRequest) -> HttpResponse:
    """The code that the device shows, then what would be let in, then yes or no.

    The code in the address only fills the box: a link alone must let nothing in (RFC 8628, 5.4).
    """
    code = request.POST.get("code", request.GET.get("code", ""))[:20].strip()
    context: dict = {"code": code}
    if request.method == "POST":
        found = devices.waiting(code)
        if found is None:
            context["error"] = _("沒有這個代碼，或者它已經過期。請看清楚裝置上的代碼；過期時請在裝置上重新開始。")
            return render(request, "singlesignon/device.html", context, status=422)
        context["system"] = found.client.system
        context["words"] = [WORDS[scope] for scope in found.scopes if scope in WORDS]
        if "agree" in request.POST or "refuse" in request.POST:
            let_in = "agree" in request.POST
            done = devices.decide(request.user, found, proof_of(request), let_in=let_in)
            context["outcome"] = "late" if not done else "in" if let_in else "refused"
    return render(request, "singlesignon/device.html", context)
