"""A door for programs: a form in, JSON or the standard's error out.

Cookies mean nothing here, so no CSRF is to be feared.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from foundation.ratelimit import client_ip, knock
from singlesignon.actions.callers import Caller, caller
from singlesignon.rules import Refusal, basic_credentials, single

WRONG_SECRETS = 30  # an address's failures a minute

type Act = Callable[[HttpRequest, dict[str, str]], dict[str, Any] | None]


def endpoint(status: int = 200) -> Callable[[Act], Callable[..., HttpResponse]]:
    """A POST endpoint of OAuth. The function gets the request and its parameters; it raises Refusal (RFC 6749, 5.2)."""

    def decorate(act: Act) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(act)
        def view(request: HttpRequest) -> HttpResponse:
            if request.method != "POST":
                response: HttpResponse = JsonResponse(
                    {"error": "invalid_request", "error_description": "use POST"}, status=405
                )
                response["Allow"] = "POST"
                return response
            try:
                answer = act(request, parameters(request))
                response = HttpResponse(status=status) if answer is None else JsonResponse(answer, status=status)
            except Refusal as refusal:
                response = refused(request, refusal)
            response["Cache-Control"] = "no-store"
            return response

        return view

    return decorate


def parameters(request: HttpRequest) -> dict[str, str]:
    """The form's fields, each at most once. Raises Refusal for what is no form."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refusal("invalid_request", "send application/x-www-form-urlencoded")
    try:
        given = request.POST
    except (MultiPartParserError, SuspiciousOperation, BadRequest, RequestDataTooBig, UnreadablePostError):
        raise Refusal("invalid_request", "the body cannot be read") from None
    return single((name, value) for name, values in given.lists() for value in values)


def credentials(request: HttpRequest, given: dict[str, str]) -> tuple[str, str]:
    """Client and secret, by header or by form but not by both (RFC 6749, 2.3). The secret of a native app is empty."""
    header = request.headers.get("Authorization", "")
    if not header:
        return given.get("client_id", ""), given.get("client_secret", "")
    found = basic_credentials(header)
    if found is None:
        raise Refusal("invalid_client", "the Authorization header cannot be read")
    if "client_secret" in given or given.get("client_id", found[0]) != found[0]:
        raise Refusal("invalid_request", "credentials are given twice")
    return found


def who_asks(request: HttpRequest, given: dict[str, str]) -> Caller:
    """The client that asks, proven as far as it can be. Raises Refusal ``invalid_client``."""
    return caller(*credentials(request, given))


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The error as the standard has it; who guesses at secrets is slowed down."""
    body = {"error": refusal.error, "error_description": refusal.description}
    if refusal.error != "invalid_client":
        return JsonResponse(body, status=400)
    if wait := knock("openid-wrong-client", client_ip(request), WRONG_SECRETS):
        response = JsonResponse(body | {"error_description": f"too many failures, try again in {wait} s"}, status=429)
        response["Retry-After"] = str(wait)
        return response
    response = JsonResponse(body, status=401)
    response["WWW-Authenticate"] = 'Basic realm="openid"'
    return response
