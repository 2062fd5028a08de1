"""Signing in and out by SAML 2.0: the message is weighed, waits as any request does, and is answered by a form.

The person's way between is that of OpenID Connect (`passage.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout as end_django_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from foundation import clock
from foundation.ratelimit import limit
from identity.actions import end_session, ended, sid_of
from identity.doors import door
from singlesignon.actions import authorizing, providers
from singlesignon.actions.authorizing import URN
from singlesignon.claims import claims_of, issuer, subject
from singlesignon.models import Client, Kind
from singlesignon.pages.passage import Away, pause, proof_of, step, stop
from singlesignon.rules import GRANT, Refusal, single
from singlesignon.saml import bindings, certificates, metadata, requests, responses
from singlesignon.saml.requests import Received, Unsound
from singlesignon.saml.responses import Answer
from singlesignon.saml.rules import answered_class, name_format


@door("public:openid:speak")
@require_safe
def own_metadata(request: HttpRequest) -> HttpResponse:
    """The provider's metadata; an hour in a cache, which is less than a certificate is published before it signs."""
    response = HttpResponse(metadata.own(), content_type="application/samlmetadata+xml")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@door("public:openid:enter")
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limit("saml-sso", 300)
def sso(request: HttpRequest) -> HttpResponse:
    """The single sign-on service, by address and by form. A request in order waits, and goes on as a link: a form of
    another site comes without our cookie."""
    try:
        client, asked = requests.authn_request(_received(request, "saml-sso"), providers.find, clock.now())
    except Refusal as refusal:
        return _stop(request, refusal)
    if authorizing.was_answered(client, asked["id"]):
        return _answered(request, client)
    response = HttpResponse(status=303)
    response["Location"] = reverse("saml-answer", args=[authorizing.hold(client, asked).removeprefix(URN)])
    return response


@door("public:openid:enter")
@never_cache
@require_GET
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the request that waits, or send the person to what they have to do first."""
    waiting = authorizing.held(URN + token)
    if waiting is None or waiting.client.system.kind != Kind.SAML:
        return stop(request, _("這個登入請求已經過期。請回到原來的系統，再登入一次。"))
    client, asked = waiting.client, waiting.parameters
    if not authorizing.is_open(client):
        return stop(request, _("沒有這個應用系統，或者它目前停用。"))
    if asked["redirect_uri"] not in client.redirect_uris:  # since it began to wait
        return stop(request, _("這個系統要求返回的網址沒有登記。"), client, asked["redirect_uri"])
    to = Answer(asked["id"], asked["redirect_uri"], client.provider.entity_id)
    user = request.user
    try:
        what = authorizing.wish_of(client, asked)
        next_one = step(request, client, what, waiting)
        if next_one == GRANT and not authorizing.may_try(user, client):
            raise Refusal("access_denied", "the system is being tested by its own agency")
        # Whom the system names is vouched for or nobody (Core, 3.4.1.4).
        meant = asked.get("subject")
        if next_one == GRANT and meant and meant != subject(user.pk, client.system.homepage):
            raise Refusal("unknown_principal", "another person is signed in")
    except Refusal as refusal:
        if not authorizing.refuse_once(client, asked["id"], waiting.pk):
            return _answered(request, client)
        if user.is_authenticated or refusal.error != "login_required":
            authorizing.note_refusal(client, user.pk, proof_of(request), refusal)
        message = responses.refusal(to, refusal.error, refusal.description, clock.now())
        return _deliver(request, client, asked, message)
    if next_one != GRANT:
        return pause(client, asked, what, waiting, URN + token, next_one)
    form = name_format(asked.get("name_format", ""))
    sign_on = authorizing.vouch_once(client, user.pk, proof_of(request), what, waiting.pk, form)
    if sign_on is None:
        return _answered(request, client)
    classes = asked.get("classes", "").split()
    message = responses.assertion(
        to,
        sign_on,
        name=responses.name_of(sign_on, client.system.homepage, form),
        form=form,
        context=answered_class(classes, asked.get("comparison", ""), sign_on.level),
        claims=claims_of(user, client.system, what.scopes),
        now=clock.now(),
    )
    return _deliver(request, client, asked, message)


@door("public:openid:enter")
@never_cache
@require_safe
@limit("saml-slo", 300)
def slo(request: HttpRequest) -> HttpResponse:
    """The single logout service: a system's signed word ends the person's session, and that of every system with it.

    The signature says that the system means it, so the person is not asked, as with an ID token of theirs. Somebody
    else who sits at the browser by now stays signed in.
    """
    now = clock.now()
    try:
        asked = requests.logout_request(_received(request, "saml-slo"), providers.named, now)
    except Refusal as refusal:
        return _stop(request, refusal, leaving=True)
    here = sid_of(request) if request.user.is_authenticated else ""
    for sign_on in providers.meant(asked, here):
        if str(sign_on.session) == here:
            end_django_session(request)
        if not end_session(sign_on.user, str(sign_on.session)):
            ended(str(sign_on.session))
    back = asked.client.provider.logout_uri
    message = responses.logout_response(asked.id, back, now)
    key, _certificate = certificates.signing()
    return Away(bindings.for_address(back, "SAMLResponse", message, asked.relay_state, key))


def _received(request: HttpRequest, name: str) -> Received:
    by_form = request.method == "POST"
    query = request.POST if by_form else request.GET
    given = single((name, value) for name, values in query.lists() for value in values)
    if any("\0" in value for value in given.values()):
        raise Refusal("invalid_request", "NUL")
    return Received(given, None if by_form else request.META["QUERY_STRING"], issuer() + reverse(name))


def _deliver(request: HttpRequest, client: Client, asked: Mapping[str, str], message: bytes) -> HttpResponse:
    """The page that brings the answer to the system by a form: the one page whose form may go elsewhere.

    To where the system is registered, and to its home page: browsers hold what its answer leads to to the same rule.
    """
    address = asked["redirect_uri"]
    sites = sorted({_origin(address), _origin(client.system.homepage)})
    policy = settings.SECURE_CSP | {"form-action": ["'self'", *sites]}
    context = {
        "system": client.system,
        "address": address,
        "message": bindings.for_form(message),
        "relay_state": asked.get("relay_state", ""),
    }
    return csp_override(policy)(render)(request, "singlesignon/deliver.html", context)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _answered(request: HttpRequest, client: Client) -> HttpResponse:
    return stop(request, _("這個登入請求已經回答過了，不能再用一次。請回到原來的系統，再登入一次。"), client)


def _stop(request: HttpRequest, refusal: Refusal, *, leaving: bool = False) -> HttpResponse:
    """Words for a message that is not in order: the system is not told, as it may not be the system that sent it.

    The log has a line where it says from which one it is.
    """
    client = refusal.client if isinstance(refusal, Unsound) else None
    if client:
        authorizing.note_refusal(client, request.user.pk, proof_of(request), refusal)
    words = {
        "unknown_issuer": _("沒有這個應用系統，或者它目前停用。"),
        "unknown_address": _("這個系統要求返回的網址沒有登記。"),
        "invalid_signature": _("這個請求的簽章不對：%(why)s。") % {"why": refusal.description},
    }
    address = refusal.description if refusal.error == "unknown_address" else ""
    incomplete = _("這個請求不完整：%(why)s。") % {"why": refusal.description}
    return stop(request, words.get(refusal.error, incomplete), client, address, leaving=leaving)
