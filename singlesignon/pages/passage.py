"""A request's way through what the person has to do, whichever protocol its system speaks: signing in, proving more,
agreeing, and on."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from foundation import clock
from foundation.ratelimit import client_ip
from identity import levels
from identity.actions import sid_of
from singlesignon import keys
from singlesignon.actions import authorizing
from singlesignon.actions.authorizing import URN, Proof
from singlesignon.claims import subject
from singlesignon.models import AuthorizationRequest, Client, Kind
from singlesignon.rules import AGAIN, CONSENT, ENTER, RAISE, Refusal, Sitting, Wish, next_step


class Away(HttpResponseRedirect):
    """A redirect to a system: of a web site or of an app with a scheme of its own, all registered."""

    def __init__(self, address: str) -> None:
        self.allowed_schemes = [*super().allowed_schemes, address.partition(":")[0]]
        super().__init__(address)
        self["Referrer-Policy"] = "no-referrer"


def step(request: HttpRequest, client: Client, what: Wish, waiting: AuthorizationRequest | None) -> str:
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


def pause(
    client: Client, asked: Mapping[str, str], what: Wish, waiting: AuthorizationRequest | None, uri: str, step: str
) -> HttpResponse:
    """Keep the request, unless it waits already under ``uri``, and send the person to what they have to do."""
    if waiting is None:
        uri = authorizing.hold(client, asked)
    else:
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


def onward(client: Client, uri: str) -> str:
    """Where a request that waits goes on."""
    if client.system.kind == Kind.SAML:
        return reverse("saml-answer", args=[uri.removeprefix(URN)])
    return f"{reverse('openid-authorize')}?{urlencode({'client_id': client.pk, 'request_uri': uri})}"


def stop(
    request: HttpRequest, why: str, client: Client | None = None, address: str = "", *, leaving: bool = False
) -> HttpResponse:
    """What can't be told to the system is told to the person: an unknown address is never sent to. ``leaving`` says
    that they were on the way out."""
    context = {"why": why, "system": client.system if client else None, "address": address, "leaving": leaving}
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
