"""``/line/webhook/``: what LINE's platform tells of: messages, places, photos, people who follow and leave."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from foundation import clock
from foundation.encryption import digest
from foundation.ratelimit import limit
from identity.doors import door
from messages import inbox
from messages.channels.line import is_signed
from messages.models import Inbound, Way


@door("public:cases:file")
@csrf_exempt  # the signature over the body is what a form's token is elsewhere
@limit("line", 6000)
def webhook(request: HttpRequest) -> HttpResponse:
    """Keep each event once, by its webhookEventId, and say so; a job takes it from there, one person's in their order.

    401 for what LINE did not sign: nothing is kept.
    """
    if not settings.LINE_SECRET or request.method != "POST":
        raise Http404
    if not is_signed(request.body, request.headers.get("X-Line-Signature", "")):
        return HttpResponse(status=401)
    try:
        told = json.loads(request.body)
        rows = [_row(event, str(told.get("destination", ""))) for event in told["events"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponse(status=400)
    for row in rows:
        inbox.keep(row, lock=f"line:{row.sender_digest}")
    return HttpResponse(status=200)


def _row(event: dict, destination: str) -> Inbound:
    user = str(event.get("source", {}).get("userId", ""))
    at = datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    return Inbound(
        way=Way.LINE,
        box=destination[:200],
        fingerprint=f"line:{event['webhookEventId']}"[:80],
        received_at=min(at, clock.now()),
        raw=json.dumps(event),
        sender=user,
        sender_digest=digest(user) if user else "",
    )
