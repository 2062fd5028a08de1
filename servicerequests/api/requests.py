"""What was reported: the list, one, and which request came of a program's own reference."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import Attachment, Case
from cases.registry import kinds
from foundation.clock import TAIPEI, now
from foundation.files import serve
from foundation.ratelimit import limit
from identity.doors import door
from servicerequests.actions import mailbox
from servicerequests.api.endpoint import WITHOUT_KEY, Call, Refusal, endpoint, refused
from servicerequests.api.filing import file_one, submission_of
from servicerequests.api.telling import columns, requests_told
from servicerequests.api.window import DEEPEST, MOST, SPAN, Slice, page_of, read_moment, span
from servicerequests.models import ApiFiling
from servicerequests.rules import tidy_number

OPEN = Q(closed_at__isnull=True, done_at__isnull=True)


def list_of(call: Call) -> list[dict[str, Any]]:
    """``GET requests.xml``: the newest first, at most 90 days and 1,000, or page by page."""
    asked, wanted = _asked(call), page_asked(call)
    call.let_in("public:cases:track")
    found = Case.objects.public().filter(asked).order_by("-received_at", "-pk")
    rows = list(found.values(*columns(call))[wanted.first : wanted.last + 1])
    link_pages(call, wanted, len(rows))
    return requests_told(call, rows[: wanted.size])


def _asked(call: Call) -> Q:
    """The condition that the parameters say. Raises Refusal with everything that is wrong with them."""
    if numbers := call.all("service_request_id"):
        # The standard: it overrides all other arguments.
        if len(numbers) > MOST:
            raise Refusal(400, _("service_request_id：一次最多 %(most)d 件。") % {"most": MOST})
        return Q(number__in=[tidy_number(number) for number in numbers])
    start, end = span_asked(call)
    asked = Q(received_at__range=(start, end))
    if codes := call.all("service_code"):
        if unknown := [code for code in codes if code not in kinds()]:
            raise Refusal(
                404, *(_("service_code：沒有「%(code)s」這項服務。") % {"code": code[:60]} for code in unknown)
            )
        asked &= Q(kind_code__in=codes)
    statuses = set(call.all("status"))
    if not statuses <= {"open", "closed"}:
        raise Refusal(400, _("status：只能是 open 或 closed。"))
    if statuses == {"open"}:
        asked &= OPEN
    elif statuses == {"closed"}:
        asked &= ~OPEN
    return asked


def span_asked(call: Call) -> tuple[Any, Any]:
    """The span of ``start_date`` and ``end_date``. Raises Refusal that names the parameter."""
    moments, wrong = {}, []
    for name in ("start_date", "end_date"):
        try:
            text = call.get(name)
            moments[name] = read_moment(text, TAIPEI, last=name == "end_date") if text else None
        except ValueError:
            wrong.append(_("%(name)s：請用 W3C 的日期格式，例如 2022-03-05T08:00:00+08:00。") % {"name": name})
    if wrong:
        raise Refusal(400, *wrong)
    try:
        return span(moments["start_date"], moments["end_date"], now())
    except (ValueError, OverflowError):
        words = _("start_date、end_date：開始要早於結束，而且最多相隔 %(span)d 天。")
        raise Refusal(400, words % {"span": SPAN}) from None


def page_asked(call: Call) -> Slice:
    """The page of ``page`` and ``page_size``. Raises Refusal."""
    try:
        return page_of(call.get("page"), call.get("page_size"))
    except ValueError:
        words = _("page、page_size：請填 1 以上的整數，每頁最多 %(most)d 件，最深到第 %(deepest)d 件。")
        raise Refusal(400, words % {"most": MOST, "deepest": DEEPEST}) from None


def link_pages(call: Call, wanted: Slice, found: int) -> None:
    """Say in a ``Link`` header where the pages around this one are; ``found`` is above its size if one follows."""
    for rel, page in (("prev", wanted.page - 1), ("next", wanted.page + 1 if found > wanted.size else 0)):
        if page:
            query = call.params.copy()
            query.pop("api_key", None)
            query["page"], query["page_size"] = str(page), str(wanted.size)
            call.links.append(f'<{call.address(f"{call.request.path}?{query.urlencode()}")}>; rel="{rel}"')


def one_of(call: Call, number: str) -> list[dict[str, Any]]:
    """``GET requests/D111-0099781.xml``."""
    call.let_in("public:cases:track")
    rows = list(Case.objects.public().filter(number=tidy_number(number)).values(*columns(call)))
    if not rows:
        raise unknown(number)
    return requests_told(call, rows)


def unknown(number: str) -> Refusal:
    """404 for a number that there is not."""
    return Refusal(404, _("service_request_id：沒有「%(number)s」這個案件。") % {"number": number[:40]})


def token_of(call: Call, token: str) -> list[dict[str, Any]]:
    """``GET tokens/<token>.xml``: the request that came of what a program sent; empty while its author has not yet
    confirmed the address. The program's own reference, if it gave one, is the token."""
    call.let_in("public:cases:track")
    found = ApiFiling.objects.known(call.key, token).first() if call.key else None
    if found is None and call.key and mailbox.waiting_for(submission_of(call.key, token)):
        return [{"service_request_id": None, "token": token}]
    if found is None:
        raise Refusal(404, _("token：這把金鑰沒有以「%(token)s」送出的案件。") % {"token": token[:100]})
    return [{"service_request_id": found.case.number, "token": token}]


def nowhere(call: Call, rest: str = "") -> None:
    """Whatever else is asked for below ``/open311/v2/``."""
    raise Refusal(404, _("沒有這個網址。"))


requests = door("public:cases:track", post="public:cases:file")(
    endpoint("service_requests", get=list_of, post=file_one)
)
request = door("public:cases:track")(endpoint("service_requests", get=one_of))
token = door("public:cases:track")(endpoint("service_requests", get=token_of))
unknown_address = door("public:pages:read")(endpoint("errors", get=nowhere, post=nowhere))


@door("public:cases:track")
@limit("open311-media", WITHOUT_KEY)
def media(http, token: str):
    """``/open311/v2/media/<token>.jpg``: a photo that a program sent, once it is public by its kind's rule."""
    found = Attachment.objects.published().filter(token=token, case__api_filing__isnull=False).first()
    if found is None:
        return refused("xml", Refusal(404, _("沒有這張照片。")))
    return serve(found.shown, found.name, "image/jpeg")
