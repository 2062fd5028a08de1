"""Signing in to a system: the way from its request to the code that it gets, with what the person has to do on it.

A step that needs the person keeps the request (`AuthorizationRequest`) and comes back through ``resume``, a page of its
own: browsers hold what follows a form to the form's own CSP, and the system lies elsewhere.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from foundation import clock
from foundation.ratelimit import client_ip, limit
from identity import levels
from identity.actions import sid_of
from identity.doors import SignedInRequest, door
from singlesignon import keys
from singlesignon.actions import authorizing
from singlesignon.actions.authorizing import URN, Proof
from singlesignon.claims import WORDS, issuer, subject
from singlesignon.models import AuthorizationRequest, Client
from singlesignon.rules import (
    AGAIN,
    CONSENT,
    ENTER,
    GRANT,
    RAISE,
    Refusal,
    Sitting,
    Wish,
    next_step,
    returns_to,
    single,
    wish,
    with_answer,
)


class Away(HttpResponseRedirect):
    """A redirect to a system: of a web site or of an app with a scheme of its own, all registered."""

    def __init__(self, address: str) -> None:
        self.allowed_schemes = [*super().allowed_schemes, address.partition(":")[0]]
        super().__init__(address)
        self["Referrer-Policy"] = "no-referrer"


@door("public:openid:enter")
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limit("openid-authorize", 300)
def authorize(request: HttpRequest) -> HttpResponse:
    """The authorization endpoint (RFC 6749, 3.1; OpenID Connect Core, 3.1.2)."""
    try:
        given = _given(request)
        client = authorizing.find_client(given.get("client_id", ""))
        if client is None:
            return _stop(request, _("沒有這個應用系統，或者它目前停用。"))
        waiting = authorizing.held(given["request_uri"]) if "request_uri" in given else None
        if "request_uri" in given and (waiting is None or waiting.client_id != client.pk):
            return _stop(request, _("這個登入請求已經過期。請回到原來的系統，再登入一次。"), client)
        asked = waiting.parameters if waiting else given
        facts = authorizing.facts(client)
        address = asked.get("redirect_uri", "")
        if not returns_to(address, facts.redirect_uris, facts.native):
            return _stop(request, _("這個系統要求返回的網址沒有登記。"), client, address)
    except Refusal as refusal:
        return _stop(request, _("這個登入請求不完整：%(why)s。") % {"why": refusal.description})
    if request.method == "POST":
        # A form of another site comes without our cookie: once more as a link, which brings it.
        return _again(client, authorizing.hold(client, asked))
    user_id = request.user.pk
    try:
        what = wish(asked, facts, pushed=bool(waiting and waiting.pushed))
        step = _step(request, client, what, waiting)
        if step == GRANT and not authorizing.may_try(request.user, client):
            raise Refusal("access_denied", "the system is being tested by its own agency")
    except Refusal as refusal:
        if user_id or refusal.error != "login_required":
            authorizing.note_refusal(client, user_id, proof_of(request), refusal)
        return _tell(address, asked.get("state", ""), refusal)
    if step != GRANT:
        return _pause(request, client, asked, what, waiting, step)
    code = authorizing.vouch(client, user_id, proof_of(request), what, waiting.pk if waiting else "")
    return Away(with_answer(address, {"code": code, "state": what.state, "iss": issuer()}))


@door("public:openid:enter")
@never_cache
@require_safe
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """The way on, after the person did what was asked of them: a page that goes on by itself, or by its link."""
    waiting = authorizing.held(URN + token)
    if waiting is None:
        return _stop(request, _("這個登入請求已經過期。請回到原來的系統，再登入一次。"))
    context = {"system": waiting.client.system, "onward": _onward(waiting.client, URN + token)}
    return render(request, "singlesignon/resume.html", context)


@door("own:openid:agree")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: SignedInRequest, token: str) -> HttpResponse:
    """What the system would learn, in plain words; the person agrees or not."""
    waiting = authorizing.held(URN + token)
    if waiting is None:
        return _stop(request, _("這個登入請求已經過期。請回到原來的系統，再登入一次。"))
    client, asked = waiting.client, waiting.parameters
    what = wish(asked, authorizing.facts(client), pushed=waiting.pushed)
    if request.method == "POST":
        if "agree" in request.POST:
            authorizing.agree(request.user, waiting, what)
            return HttpResponseRedirect(reverse("openid-resume", args=[token]))
        authorizing.refuse(waiting)
        return HttpResponseRedirect(reverse("openid-resume", args=[token]))
    context = {"system": client.system, "words": [WORDS[scope] for scope in what.scopes if scope in WORDS]}
    return render(request, "singlesignon/consent.html", context)


def _given(request: HttpRequest) -> dict[str, str]:
    query = request.POST if request.method == "POST" else request.GET
    pairs = [(name, value) for name, values in query.lists() for value in values]
    if any("\0" in value for _name, value in pairs):
        raise Refusal("invalid_request", "NUL")
    return single(pairs)


def _step(request: HttpRequest, client: Client, what: Wish, waiting: AuthorizationRequest | None) -> str:
    """What the person has to do next. Raises Refusal for what nobody can do, or may be asked to."""
    if waiting and waiting.refused_at:
        raise Refusal("access_denied", "the person did not agree")
    user = request.user
    if what.hint:
        hint = keys.verified(what.hint, client.pk)
        if hint is None:
            raise Refusal("invalid_request", "id_token_hint is no token of ours for this system")
        if user.is_authenticated and hint["sub"] != subject(user.pk, client.system.homepage):
            # Somebody else sits there than the system means.
            if "none" in what.prompts:
                raise Refusal("login_required", "another person is signed in")
            return ENTER
    sitting = Sitting(user.is_authenticated, levels.authenticated_at(request), levels.level(request))
    return next_step(
        what,
        sitting,
        user.is_authenticated and authorizing.agreed(user, client, what),
        now=int(clock.now().timestamp()),
        since=int(waiting.at.timestamp()) if waiting and waiting.at else None,
        asked_once=bool(waiting and waiting.agreed_by_id and waiting.agreed_by_id == user.pk),
    )


def _pause(
    request: HttpRequest, client: Client, asked: dict[str, str], what: Wish, waiting: AuthorizationRequest | None,
    step: str,
) -> HttpResponse:  # fmt: skip
    """Keep the request and send the person to what they have to do."""
    if waiting is None:
        uri = authorizing.hold(client, asked)
    else:
        uri = request.GET["request_uri"]
        authorizing.wait_longer(waiting)
    token = uri.removeprefix(URN)
    back = reverse("openid-resume", args=[token])
    if step == CONSENT:
        return HttpResponseRedirect(reverse("openid-consent", args=[token]))
    if step == ENTER:
        return _to("sign-in", next=back, username=what.login_hint)
    if step == AGAIN:
        return _to("sign-in-again", next=back)
    assert step == RAISE
    return _to("sign-in-again", next=back, level=str(what.level))


def _to(name: str, **query: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}")


def _onward(client: Client, uri: str) -> str:
    return f"{reverse('openid-authorize')}?{urlencode({'client_id': client.pk, 'request_uri': uri})}"


def _again(client: Client, uri: str) -> HttpResponse:
    response = HttpResponse(status=303)
    response["Location"] = _onward(client, uri)
    return response


def _tell(address: str, state: str, refusal: Refusal) -> HttpResponse:
    answer = {"error": refusal.error, "error_description": refusal.description, "state": state, "iss": issuer()}
    return Away(with_answer(address, answer))


def _stop(request: HttpRequest, why: str, client: Client | None = None, address: str = "") -> HttpResponse:
    """What can't be told to the system is told to the person: an unknown address is never sent to."""
    context = {"why": why, "system": client.system if client else None, "address": address}
    return render(request, "singlesignon/stop.html", context, status=400)


def proof_of(request: HttpRequest) -> Proof:
    """How sure we are of who sits there, and where they are."""
    signed_in = request.user.is_authenticated
    return Proof(
        session=sid_of(request) if signed_in else "",
        authenticated_at=levels.authenticated_at(request),
        level=levels.level(request),
        methods=levels.methods(request),
        place=network(client_ip(request)),
    )


def network(address: str) -> str:
    """The network that an address lies in, coarse enough to be no person: /24 of IPv4, /48 of IPv6."""
    try:
        found = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return ""
    return str(found.supernet(new_prefix=24 if found.version == 4 else 48))
