"""Text messages, by an HTTP gateway at ``settings.SMS_URL``: the interface of docs/operators.md, in JSON.

    POST <SMS_URL>   Authorization: Bearer <SMS_TOKEN>   Idempotency-Key: <id>
    {"id", "to", "text", "parts", "receipt_url"}   ->   2xx {"id": <the gateway's number>}

400, 404, 410, 413 and 422 are about this very message; all else is about the installation or the moment.
Receipts come to ``/sms/receipts/`` (pages/receipts.py), signed as Standard Webhooks 1.0 says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.urls import reverse

from foundation import clock
from foundation.telephone import mobile
from messages.channels.base import Outgoing, Refused, Unavailable
from messages.texting import fitted, length
from messages.timing import waits
from organisation.pack import pack

TIMEOUT = 10  # seconds to connect, and for each wait for bytes
REFUSALS = frozenset({400, 404, 410, 413, 422})
SIGNED_WITHIN = timedelta(minutes=5)  # what Standard Webhooks advises against replays


class Sms:
    """Sends the few words of a notice to a Taiwanese mobile."""

    # News of a case is old after a night: twelve hours in all.
    waits = waits(1, 5, 15, 30, 60, 120, 240, 240)
    is_short = True
    sends_receipts = True

    def is_open(self) -> bool:
        return bool(settings.SMS_URL)

    def deliver(self, message: Outgoing) -> str:
        """Hand the text over; the gateway's number of it."""
        number = mobile(message.recipient)
        if number is None:
            raise Refused("not a Taiwanese mobile number")
        text = fitted(message.short or message.subject, pack().rule("sms_parts_most", clock.today()).value)
        # The same however often it is tried, so that a gateway that has it already sends it no second time.
        identifier = f"{message.identifier}-{message.round}"
        wanted: dict[str, Any] = {
            "id": identifier,
            "to": number,
            "text": text,
            "parts": length(text).parts,
            "receipt_url": settings.PUBLIC_URL + reverse("sms-receipts"),
        }
        try:
            answer = requests.post(
                settings.SMS_URL,
                json=wanted,
                headers={"Authorization": f"Bearer {settings.SMS_TOKEN}", "Idempotency-Key": identifier},
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Unavailable(type(error).__name__) from error
        said = _said(answer)
        if not 200 <= answer.status_code < 300:
            words = f"{answer.status_code} {said.get('error') or answer.reason or ''}".strip()
            if answer.status_code in REFUSALS:
                raise Refused(words)
            raise Unavailable(words, asked_wait(answer))
        if not said.get("id"):
            raise Unavailable(f"{answer.status_code} without a number")
        return str(said["id"])[:100]


def _said(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def asked_wait(answer: requests.Response) -> timedelta | None:
    """Retry-After in seconds (RFC 9110 §10.2.3), if the other side asks so."""
    asked = answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else None


def signature(identifier: str, moment: str, body: bytes) -> str:
    """The signature of a webhook by Standard Webhooks 1.0: ``v1,`` and HMAC-SHA256 of ``id.timestamp.body``."""
    key = settings.SMS_SECRET.removeprefix("whsec_")
    try:
        secret = base64.b64decode(key, validate=True)
    except binascii.Error:
        secret = key.encode()
    signed = b".".join((identifier.encode(), moment.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def is_signed(identifier: str, moment: str, body: bytes, signatures: str) -> bool:
    """Whether one of the signatures (several while a secret is changed) is ours, and was made just now."""
    if not (settings.SMS_SECRET and moment.isascii() and moment.isdigit() and len(moment) < 12):
        return False
    if abs(clock.now().timestamp() - int(moment)) > SIGNED_WITHIN.total_seconds():
        return False
    expected = signature(identifier, moment, body).encode()
    return any(hmac.compare_digest(expected, each.encode("utf-8", "replace")) for each in signatures.split(" "))
