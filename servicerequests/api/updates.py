"""What became of requests: an extension of GeoReport v2 that FixMyStreet and others speak (service request updates)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases.actions.performing import Conflict, perform
from cases.models import Case, CaseEvent
from identity.doors import door
from servicerequests.api.endpoint import Call, Refusal, endpoint
from servicerequests.api.requests import link_pages, page_asked, span_asked, unknown
from servicerequests.api.telling import moment, status_of
from servicerequests.models import ApiFiling
from servicerequests.rules import tidy_number

LONGEST = 2000  # as in the form on the page of the case


def of_one(call: Call, number: str) -> list[dict[str, Any]]:
    """``GET requests/D111-0099781/updates.xml``: the public timeline of one request, the oldest first."""
    call.let_in("public:cases:track")
    case = Case.objects.public().filter(number=tidy_number(number)).values("pk").first()
    if case is None:
        raise unknown(number)
    return _told(call, CaseEvent.objects.public().filter(case_id=case["pk"]).order_by("at", "pk"))


def of_all(call: Call) -> list[dict[str, Any]]:
    """``GET servicerequestupdates.xml``: what happened in a span, the oldest first, so that a program can follow."""
    span, wanted = span_asked(call), page_asked(call)
    call.let_in("public:cases:track")
    events = CaseEvent.objects.public().filter(at__range=span).order_by("at", "pk")
    told = _told(call, events[wanted.first : wanted.last + 1])
    link_pages(call, wanted, len(told))
    return told[: wanted.size]


def _told(call: Call, events: Any) -> list[dict[str, Any]]:
    """The events; their words only to the key that filed the case. Two statements, one more for a key."""
    found = list(events.select_related("case").only(
        "case_id", "at", "verb", "to_state", "text", "case__number", "case__kind_code"
    ))  # fmt: skip
    ids = {event.case_id for event in found}
    own = (
        set(ApiFiling.objects.of_key(call.key).filter(case_id__in=ids).values_list("case_id", flat=True))
        if call.key
        else ()
    )
    told = []
    for event in found:
        number = event.case.number
        words = event.label
        if event.case_id in own and event.text:
            words += "\n" + event.text
        told.append(
            {
                "update_id": str(event.pk),
                "service_request_id": number,
                "status": status_of(event.to_state),
                "updated_datetime": moment(event.at),
                "description": words,
            }
        )
    return told


def add(call: Call) -> list[dict[str, Any]]:
    """``POST servicerequestupdates``: answer what the city asked about a request that this key filed.

    ``update_id`` is the program's own number for the update: the same one twice is done once.
    """
    if not call.get("service_request_id"):
        raise Refusal(400, _("service_request_id：沒有填寫。"))
    call.let_in("own:cases:comment", needs_key=True)
    number, text, own_id = call.get("service_request_id"), call.get("description"), call.get("update_id")
    filed = ApiFiling.objects.of_key(call.key).filter(case__number=tidy_number(number)).select_related("case").first()
    if filed is None:
        raise Refusal(404, _("service_request_id：這把金鑰沒有送出「%(number)s」這個案件。") % {"number": number[:40]})
    if not 0 < len(text) <= LONGEST:
        raise Refusal(400, _("description：請填寫補充的內容，最多 %(most)d 個字。") % {"most": LONGEST})
    if len(own_id) > 60:
        raise Refusal(400, _("update_id：最多 %(most)d 個字。") % {"most": 60})
    key = f"open311:{call.key}:{own_id}" if own_id else ""
    try:
        perform(None, filed.case_id, "supply", by_citizen=True, key=key, text=text)
    except Conflict:
        raise Refusal(400, _("service_request_id：這個案件目前沒有等您補充的事項。")) from None
    event = CaseEvent.objects.of(filed.case).filter(verb="supply").order_by("-at", "-pk")
    return [{"update_id": str(event.values_list("pk", flat=True)[0]), "account_id": None}]


request_updates = door("public:cases:track")(endpoint("service_request_updates", get=of_one))
updates = door("public:cases:track", post="public:cases:file")(
    endpoint("service_request_updates", get=of_all, post=add)
)
