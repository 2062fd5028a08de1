"""What the city hall keeps of me: a copy of it, and its end."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth import logout
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _

from foundation import clock
from foundation.ratelimit import client_user, limit
from identity.actions import erase, export, serves
from identity.doors import SignedInRequest, door
from identity.pages.entering import not_fresh
from identity.registry import parts


@door("own:account:manage")
@limit("my-data", 6, key=client_user, methods={"POST"})
def my_data(request: SignedInRequest) -> HttpResponse:
    """What is kept of me, by its parts; posting gives all of it as one JSON file."""
    if request.method != "POST":
        return render(request, "identity/rights/my_data.html", {"parts": parts(), "serves": serves(request.user)})
    if again := not_fresh(request, request.user, resolve_url("account-data")):
        return again
    text = json.dumps(export(request.user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    name = f"my-data-{clock.today():%Y%m%d}.json"
    return HttpResponse(
        text, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@door("own:account:manage")
@limit("my-deletion", 6, key=client_user, methods={"POST"})
def my_deletion(request: SignedInRequest) -> HttpResponse:
    """Delete my account. Staff are told whom to ask."""
    if serves(request.user):
        return render(request, "identity/rights/deletion.html", {"serves": True}, status=409)
    if again := not_fresh(request, request.user):
        return again
    if request.method != "POST":
        return render(request, "identity/rights/deletion.html")
    erase(request.user)
    logout(request)
    messages.success(request, _("您的帳號已經刪除。"))
    return redirect("sign-in")
