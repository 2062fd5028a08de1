"""The endpoints that programs call: tokens, introspection, revocation, pushed requests, devices, user info."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from foundation.ratelimit import limit
from identity.doors import door
from singlesignon.actions import authorizing, devices, tokens
from singlesignon.actions.callers import Caller
from singlesignon.api.endpoint import credentials, endpoint, who_asks
from singlesignon.rules import CLIENT, CODE, DEVICE, REFRESH, Refusal, returns_to, wish

DOOR = "public:openid:speak"


@door(DOOR)
@endpoint()
def token(request: HttpRequest, given: dict[str, str]) -> dict[str, Any]:
    """RFC 6749, 3.2."""
    match given.get("grant_type"):
        case str(kind) if kind == CODE:
            return tokens.redeem(
                who_asks(request, given), _needed(given, "code"), given.get("redirect_uri", ""),
                given.get("code_verifier", ""),
            )  # fmt: skip
        case str(kind) if kind == REFRESH:
            return tokens.refresh(who_asks(request, given), _needed(given, "refresh_token"), given.get("scope", ""))
        case str(kind) if kind == CLIENT:
            return tokens.for_program(who_asks(request, given), given.get("scope", ""))
        case str(kind) if kind == DEVICE:
            return tokens.for_device(who_asks(request, given), _needed(given, "device_code"))
        case None:
            raise Refusal("invalid_request", "grant_type is missing")
        case _:
            raise Refusal("unsupported_grant_type", "this grant_type is not supported")


@door(DOOR)
@endpoint()
def introspection(request: HttpRequest, given: dict[str, str]) -> dict[str, Any]:
    """RFC 7662."""
    return tokens.introspect(*credentials(request, given), _needed(given, "token"))


@door(DOOR)
@endpoint()
def revocation(request: HttpRequest, given: dict[str, str]) -> None:
    """RFC 7009: the answer is the same whether there was such a token or not."""
    tokens.revoke(who_asks(request, given), _needed(given, "token"))


@door(DOOR)
@endpoint(status=201)
def pushed(request: HttpRequest, given: dict[str, str]) -> dict[str, Any]:
    """RFC 9126: the request of a sign-in is weighed before the person's browser sees any of it."""
    client = _client(who_asks(request, given))
    asked = {name: value for name, value in given.items() if name != "client_secret"} | {"client_id": client.pk}
    if "request_uri" in asked:
        raise Refusal("invalid_request", "request_uri cannot be pushed")
    facts = authorizing.facts(client)
    if not returns_to(asked.get("redirect_uri", ""), facts.redirect_uris, facts.native):
        raise Refusal("invalid_request", "redirect_uri is not registered")
    wish(asked, facts, pushed=True)
    uri = authorizing.hold(client, asked, pushed=True)
    return {"request_uri": uri, "expires_in": int(authorizing.PUSHED_LASTS.total_seconds())}


@door(DOOR)
@endpoint()
def device(request: HttpRequest, given: dict[str, str]) -> dict[str, Any]:
    """RFC 8628, 3.1."""
    who = who_asks(request, given)
    return devices.begin(who, given.get("scope", ""))


@door(DOOR)
@csrf_exempt
@limit("openid-userinfo", 600)
def userinfo(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Core, 5.3: GET or POST with a bearer token (RFC 6750)."""
    if request.method not in ("GET", "POST"):
        return JsonResponse({"error": "invalid_request"}, status=405, headers={"Allow": "GET, POST"})
    found = tokens.person_behind(_bearer(request))
    if found is None:
        response = JsonResponse({"error": "invalid_token"}, status=401)
        response["WWW-Authenticate"] = 'Bearer realm="openid", error="invalid_token"'
    else:
        response = JsonResponse(found)
    response["Cache-Control"] = "no-store"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _bearer(request: HttpRequest) -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.POST.get("access_token", "") if request.method == "POST" else ""


def _needed(given: dict[str, str], name: str) -> str:
    if name not in given:
        raise Refusal("invalid_request", f"{name} is missing")
    return given[name]


def _client(who: Caller) -> Any:
    found = authorizing.find_client(who.id)
    if found is None:
        raise Refusal("invalid_client", "the system is not in use")
    return found
