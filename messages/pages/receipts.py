"""``/sms/receipts/``: what the gateway says of text messages afterwards."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from foundation.ratelimit import limit
from identity.doors import door
from messages import receipts
from messages.channels.sms import is_signed

AT_ONCE = 1000


@door("public:receipts:report")
@csrf_exempt  # the signature over the body is what a form's token is elsewhere
@limit("sms-receipts", 6000)
def report(request: HttpRequest) -> HttpResponse:
    """``POST {"receipts": [{"id", "state", "reason", "reference"}, ...]}``, signed as Standard Webhooks 1.0 says.

    202 once they are kept; jobs take them. 400 names what is wrong, and nothing of the call is kept; 401 for what the
    gateway did not sign, or signed long ago. Saying the same twice changes nothing.
    """
    if not settings.SMS_SECRET or request.method != "POST":
        raise Http404
    head = request.headers
    identifier, moment = head.get("webhook-id", ""), head.get("webhook-timestamp", "")
    if not is_signed(identifier, moment, request.body, head.get("webhook-signature", "")):
        return HttpResponse(status=401)
    try:
        told = json.loads(request.body)["receipts"]
        if not isinstance(told, list) or len(told) > AT_ONCE:
            raise ValueError("receipts")
        found = [receipts.read(each) for each in told]
    except (KeyError, TypeError, json.JSONDecodeError):
        return JsonResponse({"error": "receipts"}, status=400)
    except ValueError as wrong:
        return JsonResponse({"error": str(wrong)}, status=400)
    receipts.keep(found)
    return JsonResponse({"taken": len(found)}, status=202)
