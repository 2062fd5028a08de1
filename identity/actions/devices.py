"""Browsers that a person signs in from: known again by a cookie, and a letter when there is a new one."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from foundation import clock
from foundation.encryption import digest, digests
from identity.actions.telling import tell
from identity.models import KnownDevice, User
from identity.rules import device_names

COOKIE: Final = "cityhall_device"
COOKIE_AGE: Final = timedelta(days=400)  # the longest that browsers keep one


def cookie_name() -> str:
    """What the cookie is called that knows a browser again."""
    return settings.COOKIE_PREFIX + COOKIE


def known_device(user: User | None, cookie: str) -> str:
    """The digest of a browser that the person has signed in from, by its cookie; "" for any other. One statement."""
    if not cookie:
        return ""
    known = digests(_salted(user, cookie) if user else cookie)
    found = KnownDevice.objects.filter(user=user.pk if user else 0, digest__in=known)
    return found.values_list("digest", flat=True).first() or ""


@transaction.atomic
def note_device(user: User, cookie: str, user_agent: str, client: str) -> bool:
    """Note that the person has signed in from the browser with this cookie; True, and a letter to them, if it is new.

    The first browser of an account is no news: it is the one by which the account is taken into use.
    """
    now = clock.now()
    if KnownDevice.objects.filter(user=user, digest__in=digests(_salted(user, cookie))).update(last_at=now):
        return False
    is_first = not KnownDevice.objects.filter(user=user).exists()
    device, created = KnownDevice.objects.get_or_create(user=user, digest=digest(_salted(user, cookie)))
    if created and not is_first:
        browser, system = device_names(user_agent)
        tell("identity.device", user, {"at": device.first_at, "browser": browser, "system": system, "network": client})
    return created


def _salted(user: User, cookie: str) -> str:
    return f"device {cookie} of {user.pk}"
