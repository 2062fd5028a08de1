"""A door for programs: parameters in, an answer or the standard's list of errors out, in the format asked for.

It stands inside ``@door``, which every address of the house has. Cookies mean nothing here, so there is no CSRF to fear
and any site's script may ask.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from foundation.ratelimit import client_ip, knock
from identity.actions import KeyRefused, QuotaSpent, admit
from organisation.pack import pack
from servicerequests.api.answers import TYPES, written

WITHOUT_KEY, WRONG_KEYS = 300, 30  # a client's requests a minute
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Refusal(Exception):
    """Why a request is not carried out: a status and a sentence for each thing that is wrong with it."""

    def __init__(self, status: int, *sentences: str, wait: int = 0) -> None:
        super().__init__(*sentences)
        self.status, self.sentences, self.wait = status, sentences, wait


class Call:
    """One request of a program: its parameters, and its key once it was let in."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.params = request.GET if request.method != "POST" else _form(request)
        self.key: int | None = None
        self.links: list[str] = []
        if any("\0" in value for values in self.params.lists() for value in (values[0], *values[1])):
            raise Refusal(400, _("參數裡有不能用的字元（NUL）。"))
        known = self.get("jurisdiction_id")
        if known and known != pack().code:
            raise Refusal(404, _("jurisdiction_id：這裡只有「%(ours)s」。") % {"ours": pack().code})

    def get(self, name: str, default: str = "") -> str:
        """A parameter without spaces around it; the last one where it is given twice."""
        return (self.params.get(name) or default).strip()

    def all(self, name: str) -> list[str]:
        """The parts of a parameter that may be a list with commas, or given several times."""
        return [part.strip() for value in self.params.getlist(name) for part in value.split(",") if part.strip()]

    @property
    def extended(self) -> bool:
        """Whether the program asked for more than the standard has; of a post in its form or in its address."""
        return (self.get("extensions") or self.request.GET.get("extensions", "")).lower() == "true"

    def address(self, path: str) -> str:
        """A path of ours as a whole address."""
        return self.request.build_absolute_uri(path)

    def let_in(self, permission: str, *, needs_key: bool = False) -> None:
        """Count the request: for its key if it has one, else for its client. Raises Refusal 403 or 429."""
        text = self.get("api_key") or self.request.headers.get("X-Api-Key", "") or self.request.GET.get("api_key", "")
        if not text:
            if needs_key:
                raise Refusal(
                    403, _("api_key：沒有附上金鑰。申請方式見 %(page)s。") % {"page": self.address("/open311/")}
                )
            if wait := knock("open311", client_ip(self.request), WITHOUT_KEY):
                raise _too_many(wait, _("沒有金鑰時每分鐘最多 %(most)d 次。") % {"most": WITHOUT_KEY})
            return
        try:
            self.key = admit(text, permission)
        except KeyRefused as refused:
            if wait := knock("open311-wrong-key", client_ip(self.request), WRONG_KEYS):
                raise _too_many(wait, _("錯誤的金鑰試了太多次。")) from None
            raise Refusal(403, _why(refused.reason)) from None
        except QuotaSpent as spent:
            words = _("這把金鑰每日最多 %(most)d 次。") if spent.daily else _("這把金鑰每分鐘最多 %(most)d 次。")
            raise _too_many(spent.wait, words % {"most": spent.allowed}) from None


def _form(request: HttpRequest) -> QueryDict:
    if request.content_type not in FORMS and request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        raise Refusal(400, _("內容請用表單格式：%(types)s。") % {"types": _("、").join(FORMS)})
    try:
        return request.POST
    except (MultiPartParserError, SuspiciousOperation, BadRequest, UnreadablePostError):
        raise Refusal(400, _("內容無法讀取：格式不完整、太大或欄位太多。")) from None


def _too_many(wait: int, words: str) -> Refusal:
    return Refusal(429, _("%(why)s請在 %(wait)d 秒後再試。") % {"why": words, "wait": wait}, wait=wait)


def _why(reason: str) -> str:
    return {
        "withdrawn": _("api_key：這把金鑰已經停用。"),
        "expired": _("api_key：這把金鑰已經過期。"),
        "owner": _("api_key：負責這把金鑰的帳號已經停用。"),
        "scope": _("api_key：這把金鑰不能做這件事。"),
    }.get(reason, _("api_key：沒有這把金鑰。"))


def endpoint(root: str, **methods: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """A view that answers each of the methods (``get=``, ``post=``) with what its function returns.

    A function takes the Call and the parts of the address; it raises Refusal for what it does not do.
    """
    allowed = ["OPTIONS", *(["HEAD"] if "get" in methods else []), *(name.upper() for name in methods)]

    @csrf_exempt
    @wraps(next(iter(methods.values())))
    def view(request: HttpRequest, fmt: str = "", **parts: str) -> HttpResponse:
        fmt = fmt or ("json" if "json" in request.headers.get("Accept", "") else "xml")
        if request.method == "OPTIONS":
            return _open_to_scripts(HttpResponse(status=204), allowed)
        act = methods.get("get" if request.method == "HEAD" else request.method.lower())
        try:
            if act is None:
                raise Refusal(405, _("這個網址不接受 %(method)s。") % {"method": request.method})
            call = Call(request)
            response = _answer(200, fmt, root, act(call, **parts))
            if call.links:
                response["Link"] = ", ".join(call.links)
            response["Cache-Control"] = "private, no-store" if call.key else "no-cache"
        except Refusal as refusal:
            response = refused(fmt, refusal)
        return _open_to_scripts(response, allowed)

    return view


def refused(fmt: str, refusal: Refusal) -> HttpResponse:
    """The standard's list of errors."""
    errors = [{"code": refusal.status, "description": sentence} for sentence in refusal.sentences]
    response = _answer(refusal.status, fmt, "errors", errors)
    response["Cache-Control"] = "no-store"
    if refusal.wait:
        response["Retry-After"] = str(refusal.wait)
    return response


def _answer(status: int, fmt: str, root: str, data: Any) -> HttpResponse:
    response = HttpResponse(written(fmt, root, data), status=status, content_type=f"{TYPES[fmt]}; charset=utf-8")
    response["Vary"] = "Accept, Accept-Language"
    return response


def _open_to_scripts(response: HttpResponse, allowed: list[str]) -> HttpResponse:
    response["Allow"] = response["Access-Control-Allow-Methods"] = ", ".join(allowed)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key, X-Api-Key"
    response["Access-Control-Expose-Headers"] = "Link, Retry-After"
    return response
