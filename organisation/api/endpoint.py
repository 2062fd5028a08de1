"""The door of SCIM 2.0 (RFC 7644): a program with a key in, what the standard answers out.

The protocol is a library's (``scim2_server``, docs/decisions/0022); here are the key and the limits around it. Cookies
mean nothing here, so no CSRF is to be feared.
"""

from __future__ import annotations

import json
from typing import Final

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from scim2_models import (
    ForbiddenException,
    InvalidSyntaxException,
    PayloadTooLargeException,
    ResourceType,
    SCIMException,
    UnauthorizedException,
)
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation, Target
from scim2_server.service import ScimService

from foundation.ratelimit import client_ip, knock
from identity.actions import KeyRefused, QuotaSpent, admit, disclose
from identity.doors import door
from identity.models import ApiKey
from identity.permissions import PROVISION, grants_for
from organisation.actions.personnel import Program
from organisation.api.resources import PROVIDER
from organisation.api.staffbook import Staffbook

ROOT: Final = "/scim/v2"
WITHOUT_KEY, WRONG_KEYS = 60, 30  # a client's requests a minute
SHOWN: Final = ("username", "name", "email", "employee_number", "title", "department", "groups")
PURPOSE: Final = _("人事系統讀取員工資料（SCIM）")
LARGEST: Final = 1_000_000  # bytes of a body


class TooManyRequests(SCIMException):
    """429 (RFC 6585); ``wait`` is the seconds until the next try."""

    status = 429

    def __init__(self, wait: int, detail: str) -> None:
        super().__init__(detail=detail)
        self.wait = wait


class Service(ScimService):
    """The city hall's terms: groups are those of its directory, and a body has an end."""

    def authorize(self, request: ScimRequest, target: Target, resource_type: ResourceType) -> None:
        if resource_type.id == "Group" and target.operation in (Operation.create, Operation.delete):
            raise ForbiddenException(detail="groups are roles in units of the directory: change their members")


SERVICE = Service(PROVIDER)


@door("public:people:speak")
@csrf_exempt
def scim(request: HttpRequest, path: str = "") -> HttpResponse:
    """Any address below ``/scim/v2/``."""
    try:
        asked = _read(request, path)
        program = None if path.strip("/") == "ServiceProviderConfig" else _let_in(request)
        answer = _serve(asked, program)
        wait = 0
    except SCIMException as refusal:
        answer = SERVICE.error_response(refusal)
        wait = getattr(refusal, "wait", 0)
    body = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
    response = HttpResponse(body, status=answer.status)
    for name, value in answer.headers.items():
        response[name] = value
    response["Cache-Control"] = "private, no-store"
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _serve(asked: ScimRequest, program: Program | None) -> ScimResponse:
    if program is None:  # the one page that a client reads before it has a key (RFC 7643, 5)
        if wait := knock("scim", str(asked.subject), WITHOUT_KEY):
            raise TooManyRequests(wait, f"try again in {wait} s")
        program = Program(None, "")
    client, asked.subject = str(asked.subject), program
    book = Staffbook(program)
    answer = ScimHandler(SERVICE, book).handle(asked)
    if program.owner is not None and book.shown and answer.body:
        disclose(program.owner, "user", book.shown, SHOWN, PURPOSE, client=client)
    return answer


def _read(request: HttpRequest, path: str) -> ScimRequest:
    method = "GET" if request.method == "HEAD" else str(request.method)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise PayloadTooLargeException(detail=f"a body has at most {LARGEST} bytes")
    try:
        body = request.body
        if b"\\u0000" in body or b"\0" in body:
            raise InvalidSyntaxException(detail="the body holds a NUL")
        query = {name: values[-1] for name, values in request.GET.lists()}
    except (RequestDataTooBig, SuspiciousOperation, BadRequest, UnreadablePostError):
        raise InvalidSyntaxException(detail="the request cannot be read") from None
    base = request.build_absolute_uri(ROOT)
    return ScimRequest(method, base, f"/{path}", query, dict(request.headers.items()), body, client_ip(request))


def _let_in(request: HttpRequest) -> Program:
    """The program behind the key, counted. Raises UnauthorizedException, ForbiddenException or TooManyRequests."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    client = client_ip(request)
    if scheme.lower() != "bearer" or not text.strip():
        if wait := knock("scim", client, WITHOUT_KEY):
            raise TooManyRequests(wait, f"try again in {wait} s")
        raise UnauthorizedException(detail="send a key as a bearer token")
    try:
        number = admit(text.strip(), PROVISION)
    except KeyRefused as refused:
        if wait := knock("scim-wrong-key", client, WRONG_KEYS):
            raise TooManyRequests(wait, f"too many wrong keys, try again in {wait} s") from None
        if refused.reason == "scope":
            raise ForbiddenException(detail=f"the key lacks {PROVISION}") from None
        raise UnauthorizedException(detail=f"the key does not open: {refused.reason}") from None
    except QuotaSpent as spent:
        raise TooManyRequests(spent.wait, f"the quota is spent, try again in {spent.wait} s") from None
    key = ApiKey.objects.let_in(number)
    if not grants_for(key.owner).has(PROVISION):
        raise ForbiddenException(detail="the owner of the key does not answer for the personnel system any more")
    return Program(key.owner, f"scim {key.prefix}")
