"""Web push (RFC 8030) to a browser's push service: encrypted for the browser alone (RFC 8291), signed (RFC 8292).

A recipient is the token of a ``messages.models.Device``. The key pair is made once and kept beside the other secrets.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from foundation import clock
from messages.channels.base import Outgoing, Refused, Unavailable
from messages.channels.sms import asked_wait
from messages.letters import address_in
from messages.models import Device
from messages.rules import is_push_service
from messages.timing import waits
from organisation.pack import pack

TIMEOUT = 10  # seconds to connect, and for each wait for bytes
GONE = frozenset({404, 410})
REFUSALS = frozenset({400, 413})
BODY_MOST = 1000  # characters; a push service need not take more than 4096 bytes (RFC 8030 §7.2)

# pywebpush takes half a second to import; only the worker that pushes needs it.


class Push:
    """Sends the few words of a notice to a device."""

    waits = waits(1, 5, 15, 60)  # what the device misses meanwhile its push service keeps, for the TTL
    is_short = True
    sends_receipts = False

    def is_open(self) -> bool:
        return bool(settings.PUSH_SERVICES)

    def deliver(self, message: Outgoing) -> str | None:
        """Hand it to the device's push service. 404 and 410 are the end of the subscription, so it is deleted."""
        device = Device.objects.filter(token=message.recipient).first()
        if device is None:
            raise Refused("no such subscription any more")
        if not is_push_service(device.endpoint, settings.PUSH_SERVICES):
            raise Refused("its push service is not on the list (CITYHALL_PUSH_SERVICES)")
        hours = pack().rule("push_ttl_hours", clock.today()).value
        try:
            answer = requests.post(
                device.endpoint,
                data=_encrypted(device, payload(message)),
                headers={
                    **_authorization(device.endpoint),
                    "Content-Encoding": "aes128gcm",
                    "Content-Type": "application/octet-stream",
                    "TTL": str(hours * 3600),
                    "Urgency": "high" if message.urgent else "normal",
                },
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Unavailable(type(error).__name__) from error
        words = f"{answer.status_code} {answer.reason or ''}".strip()
        if answer.status_code in GONE:
            device.delete()
            raise Refused(f"{words}: the subscription is over")
        if answer.status_code in REFUSALS:
            raise Refused(words)
        if not 200 <= answer.status_code < 300:
            raise Unavailable(words, asked_wait(answer))
        return urlsplit(answer.headers.get("Location", "")).path[-100:] or None


def payload(message: Outgoing) -> bytes:
    """What the service worker shows: a title, a few words, and the page that it opens."""
    address = address_in(message.short)
    words = message.short.replace(address, "").strip() if address else message.short
    # The title says the subject; what is left of the words is whose notice it is.
    words = words.replace(message.subject, "").strip("【】: \n") or words
    shown = {
        "title": message.subject,
        "body": words[:BODY_MOST],
        "url": address,
        "tag": message.identifier,
        "lang": message.language,
    }
    return json.dumps(shown, ensure_ascii=False).encode()


def _encrypted(device: Device, content: bytes) -> bytes:
    from pywebpush import WebPusher

    keys = {"p256dh": device.p256dh, "auth": device.auth}
    return bytes(WebPusher({"endpoint": device.endpoint, "keys": keys}).encode(content)["body"])


def _authorization(endpoint: str) -> dict[str, str]:
    parts = urlsplit(endpoint)
    contact = f"mailto:{settings.DEFAULT_FROM_EMAIL}"
    return dict(vapid(_key()).sign({"aud": f"{parts.scheme}://{parts.netloc}", "sub": contact}))


# -- The key pair -----------


def vapid(key: str) -> Any:
    """The signer of a key as PEM or as 32 bytes in Base64."""
    from py_vapid import Vapid02

    return Vapid02.from_pem(key.encode()) if "BEGIN" in key else Vapid02.from_string(key)


@cache
def _key() -> str:
    return settings.VAPID_KEY or kept_key(settings.VAR_DIR)


def kept_key(var: Path) -> str:
    """The private key in ``var/vapid.pem``, made with mode 0600 if there is none. The first of two processes wins."""
    path = var / "vapid.pem"
    if not path.exists():
        from py_vapid import Vapid02

        made = Vapid02()
        made.generate_keys()
        draft = var / f".vapid.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_bytes(made.private_pem())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def key_for_browsers() -> str:
    """What a browser subscribes with; the empty text where this city hall pushes to nobody."""
    return public_key() if Push().is_open() else ""


@cache
def public_key() -> str:
    """The public key as an uncompressed point, in Base64 for URLs."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from py_vapid.utils import b64urlencode

    point = vapid(_key()).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return str(b64urlencode(point))
