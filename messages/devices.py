"""Devices that are pushed to: registered by their owner's browser, each with what it wants news of."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from foundation.encryption import digest
from messages.models import Device, Watch
from messages.rules import is_push_service

ENDPOINT_MOST = 1000  # characters
WATCHES_MOST = 100  # records that one device has news of


class NotADevice(ValueError):
    """What a browser sent is no subscription that we can push to; says which part."""


@transaction.atomic
def watch(endpoint: str, p256dh: str, auth: str, language: str, topic: str, topic_id: int) -> Device:
    """Have a device pushed to about a record; it is registered if it is new, and its keys renewed if it is not.

    Raises NotADevice for an endpoint that is no push service of ``settings.PUSH_SERVICES`` (anybody may post here, and
    the city must not be made to call addresses of its own network), and for keys that RFC 8291 cannot encrypt with.
    """
    if len(endpoint) > ENDPOINT_MOST or not is_push_service(endpoint, settings.PUSH_SERVICES):
        raise NotADevice("endpoint")
    if len(_decoded(auth)) != 16:
        raise NotADevice("auth")
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _decoded(p256dh))
    except ValueError:
        raise NotADevice("p256dh") from None
    keys = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth, "language": language}
    device = Device.objects.at(endpoint).first()
    if device is None:
        device, _new = Device.objects.get_or_create(endpoint_digest=digest(endpoint), defaults=keys)
    elif (device.p256dh, device.auth, device.language) != (p256dh, auth, language):
        device.p256dh, device.auth, device.language = p256dh, auth, language
        device.save(update_fields=["p256dh", "auth", "language"])
    _watch, is_new = Watch.objects.get_or_create(device=device, topic=topic, topic_id=topic_id)
    if is_new:
        # The oldest goes: a phone that somebody uses for years does not gather them without end.
        kept = Watch.objects.filter(device=device).order_by("-pk")[:WATCHES_MOST].values("pk")
        Watch.objects.filter(device=device).exclude(pk__in=kept).delete()
    return device


@transaction.atomic
def unwatch(endpoint: str, topic: str, topic_id: int) -> None:
    """No more news of a record to a device; one that has news of nothing is forgotten."""
    Watch.objects.filter(device__in=Device.objects.at(endpoint), topic=topic, topic_id=topic_id).delete()
    Device.objects.at(endpoint).filter(watches=None).delete()


@transaction.atomic
def forget(topic: str, topic_ids: QuerySet | Collection[int]) -> int:
    """Nothing more will happen to these records: how many watches are gone, and with them devices without any."""
    gone, _by_model = Watch.objects.filter(topic=topic, topic_id__in=topic_ids).delete()
    if gone:
        Device.objects.filter(watches=None).delete()
    return gone


def about(topic: str, topic_ids: Collection[int]) -> dict[int, list[Device]]:
    """The devices that want news of each of these records, by the record's number; one statement."""
    found: dict[int, list[Device]] = {}
    watches = Watch.objects.filter(topic=topic, topic_id__in=topic_ids).select_related("device").order_by("pk")
    for watch in watches:
        found.setdefault(watch.topic_id, []).append(watch.device)
    return found


def watched(topic: str) -> QuerySet:
    """The numbers of the records that some device wants news of, to be asked within another statement."""
    return Watch.objects.filter(topic=topic).values("topic_id")


def _decoded(key: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except (binascii.Error, ValueError):
        return b""
