"""Signing in to a system by OpenID Connect: the way from its request to the code that it gets.

A step that needs the person keeps the request (`AuthorizationRequest`) and comes back through ``resume``, a page of its
own: browsers hold what follows a form to the form's own CSP, and the system lies elsewhere.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from foundation.ratelimit import limit
from identity.doors import SignedInRequest, door
from singlesignon.actions import authorizing
from singlesignon.actions.authorizing import URN
from singlesignon.claims import WORDS, issuer
from singlesignon.models import Client
from singlesignon.pages.passage import Away, onward, pause, proof_of, step, stop
from singlesignon.rules import GRANT, Refusal, returns_to, single, wish, with_answer


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
            return stop(request, _("沒有這個應用系統，或者它目前停用。"))
        waiting = authorizing.held(given["request_uri"]) if "request_uri" in given else None
        if "request_uri" in given and (waiting is None or waiting.client_id != client.pk):
            return stop(request, _("這個登入請求已經過期。請回到原來的系統，再登入一次。"), client)
        asked = waiting.parameters if waiting else given
        facts = authorizing.facts(client)
        address = asked.get("redirect_uri", "")
        if not returns_to(address, facts.redirect_uris, facts.native):
            return stop(request, _("這個系統要求返回的網址沒有登記。"), client, address)
    except Refusal as refusal:
        return stop(request, _("這個登入請求不完整：%(why)s。") % {"why": refusal.description})
    if request.method == "POST":
        # A form of another site comes without our cookie: once more as a link, which brings it.
        return _again(client, authorizing.hold(client, asked))
    user_id = request.user.pk
    try:
        what = wish(asked, facts, pushed=bool(waiting and waiting.pushed))
        next_one = step(request, client, what, waiting)
        if next_one == GRANT and not authorizing.may_try(request.user, client):
            raise Refusal("access_denied", "the system is being tested by its own agency")
    except Refusal as refusal:
        if user_id or refusal.error != "login_required":
            authorizing.note_refusal(client, user_id, proof_of(request), refusal)
        return _tell(address, asked.get("state", ""), refusal)
    if next_one != GRANT:
        return pause(client, asked, what, waiting, given.get("request_uri", ""), next_one)
    code = authorizing.vouch(client, user_id, proof_of(request), what, waiting.pk if waiting else "")
    return Away(with_answer(address, {"code": code, "state": what.state, "iss": issuer()}))


@door("public:openid:enter")
@never_cache
@require_safe
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """The way on, after the person did what was asked of them: a page that goes on by itself, or by its link."""
    waiting = authorizing.held(URN + token)
    if waiting is None:
        return stop(request, _("這個登入請求已經過期。請回到原來的系統，再登入一次。"))
    context = {"system": waiting.client.system, "onward": onward(waiting.client, URN + token)}
    return render(request, "singlesignon/resume.html", context)


@door("own:openid:agree")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: SignedInRequest, token: str) -> HttpResponse:
    """What the system would learn, in plain words; the person agrees or not."""
    waiting = authorizing.held(URN + token)
    if waiting is None:
        return stop(request, _("這個登入請求已經過期。請回到原來的系統，再登入一次。"))
    client, asked = waiting.client, waiting.parameters
    try:
        what = authorizing.wish_of(client, asked, pushed=waiting.pushed)
    except Refusal:  # which the system is told on the way on
        return HttpResponseRedirect(reverse("openid-resume", args=[token]))
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
    return single((name, value) for name, values in query.lists() for value in values)


def _again(client: Client, uri: str) -> HttpResponse:
    response = HttpResponse(status=303)
    response["Location"] = onward(client, uri)
    return response


def _tell(address: str, state: str, refusal: Refusal) -> HttpResponse:
    answer = {"error": refusal.error, "error_description": refusal.description, "state": state, "iss": issuer()}
    return Away(with_answer(address, answer))
