"""Signing out at the wish of a system (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from django.contrib.auth import logout as end_django_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from identity.actions import ended, sid_of
from identity.doors import door
from singlesignon import keys
from singlesignon.actions.authorizing import named
from singlesignon.claims import subject
from singlesignon.models import Client
from singlesignon.pages.passage import Away
from singlesignon.rules import Refusal, single, with_answer

ASKED = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@door("public:openid:enter")
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """End the person's session and every system's that was entered out of it, then go back where the system asked.

    With a token of ours for the person who sits there the system has shown that it means them; without one the person
    is asked, for anyone can put a link into a page.
    """
    if "confirmed" in request.POST:
        return _confirmed(request)
    given = _given(request)
    client, claims = _hint(given)
    address = given.get("post_logout_redirect_uri", "")
    returns = bool(client and address in client.post_logout_redirect_uris)
    if address and not returns:
        return render(request, "singlesignon/stop.html", {"unknown_return": address, "address": address}, status=400)
    back = with_answer(address, {"state": given.get("state", "")}) if returns else ""
    if request.user.is_authenticated:
        theirs = bool(client and claims and claims["sub"] == subject(request.user.pk, client.system.homepage))
        if not theirs:
            return _ask(request)
        _end(request)
    return Away(back) if back else render(request, "singlesignon/signed_out.html", {"system": client and client.system})


def _ask(request: HttpRequest) -> HttpResponse:
    """The person decides. The form carries the request along, so that it is weighed once more."""
    given = _given(request)
    client, _claims = _hint(given)
    return render(request, "singlesignon/sign_out.html", {"system": client and client.system, "asked": given.items()})


@csrf_protect
def _confirmed(request: HttpRequest) -> HttpResponse:
    """What the person agreed to. The way back is a link: the system lies elsewhere, and this came of a form."""
    given = _given(request)
    client, _claims = _hint(given)
    address = given.get("post_logout_redirect_uri", "")
    returns = bool(client and address in client.post_logout_redirect_uris)
    if request.user.is_authenticated:
        _end(request)
    context = {
        "system": client and client.system,
        "back": with_answer(address, {"state": given.get("state", "")}) if returns else "",
    }
    return render(request, "singlesignon/signed_out.html", context)


def _end(request: HttpRequest) -> None:
    sid = sid_of(request)
    end_django_session(request)
    ended(sid)


def _given(request: HttpRequest) -> dict[str, str]:
    query = request.POST if request.method == "POST" else request.GET
    try:
        found = single((name, value) for name, values in query.lists() for value in values if name in ASKED)
    except Refusal:
        return {}
    return {name: value for name, value in found.items() if "\0" not in value}


def _hint(given: dict[str, str]) -> tuple[Client | None, dict | None]:
    """The client that asks, and the claims of its token if it brought a good one. They must agree with each other."""
    hint = given.get("id_token_hint", "")
    name = keys.audience_of(hint) if hint else given.get("client_id", "")
    if hint and given.get("client_id", name) != name:
        return None, None
    client = named(name)
    return client, keys.verified(hint, client.pk) if client and hint else None
