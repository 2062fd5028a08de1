"""``/confirm/<seal>/``: the link that proves an address to be its owner's."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases.actions.performing import TOPIC
from foundation.ratelimit import limit
from identity.doors import door
from messages import inbox
from messages.models import Became, Inbound, Way
from servicerequests.actions import mailbox
from servicerequests.pages.report.send import SENT


@door("public:cases:file")
@never_cache
@limit("confirm", 60)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, seal: str) -> HttpResponse:
    """GET asks, POST confirms: programs that look at the links of a mail before its reader does confirm nothing."""
    token = mailbox.unseal(seal)
    row = Inbound.objects.awaiting(token).first() if token else None
    if row is not None and request.method == "POST":
        row = inbox.confirm(row.token)
    if row is None or row.purged_at or row.became in (Became.EXPIRED, Became.DISMISSED):
        return render(request, "servicerequests/mailbox/confirm_over.html", status=404)
    if row.confirmed_at and row.became == Became.FILED and row.topic == TOPIC:
        return redirect("report-sent", seal=signing.TimestampSigner(salt=SENT).sign(row.topic_id))
    context = {"letter": row, "petition": row.way == Way.WEB, "done": row.confirmed_at is not None}
    return render(request, "servicerequests/mailbox/confirm.html", context)
