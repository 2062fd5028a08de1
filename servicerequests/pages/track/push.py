"""``/track/<number>/<code>/push/``: have this browser pushed to when something happens to a case, and stop it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from cases.actions.performing import TOPIC
from cases.models import Case
from foundation.ratelimit import limit
from identity.doors import door
from messages import devices
from servicerequests.pages.track.access import with_code


@door("public:cases:track")
@limit("track-push", 60)
@require_http_methods(["POST", "DELETE"])
@with_code
def push(request: HttpRequest, case: Case) -> HttpResponse:
    """Whoever holds the code may know of the case, so their device may as well."""
    return answer(request, TOPIC, case.pk)


def answer(request: HttpRequest, topic: str, topic_id: int) -> HttpResponse:
    """``POST`` what ``PushSubscription.toJSON()`` gives, or ``DELETE`` its endpoint. 204; twice is once.

    400 names the member that is wrong.
    """
    try:
        said = json.loads(request.body)
        endpoint = _text(said, "endpoint")
        if request.method == "DELETE":
            devices.unwatch(endpoint, topic, topic_id)
        else:
            keys = said.get("keys")
            p256dh, auth = _text(keys, "p256dh"), _text(keys, "auth")
            devices.watch(endpoint, p256dh, auth, get_language() or "zh-hant", topic, topic_id)
    except devices.NotADevice as wrong:
        return JsonResponse({"error": str(wrong)}, status=400)
    except ValueError:
        return JsonResponse({"error": "JSON"}, status=400)
    return HttpResponse(status=204)


def _text(said: Any, name: str) -> str:
    value = said.get(name) if isinstance(said, dict) else None
    if not isinstance(value, str) or not value.isascii():
        raise devices.NotADevice(name)
    return value
