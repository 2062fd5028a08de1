"""Subscribing to a part of the city: asked for, confirmed by the letter's link, ended by one click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.registry import kinds
from foundation.clock import now, today
from foundation.encryption import digest
from foundation.seals import Seal
from messages.actions import send
from organisation.models import District
from organisation.pack import pack
from publicmap.models import Subscription
from publicmap.rules import Box

SEAL = Seal("publicmap.subscription")
TOPIC = "publicmap.subscription"
AN_ADDRESS = 10  # subscriptions of one address


@dataclass(frozen=True)
class Area:
    """A district, a box, or a circle round a point; exactly one."""

    district: District | None = None
    box: Box | None = None
    circle: tuple[float, float, int] | None = None  # longitude, latitude, metres

    def columns(self) -> dict:
        """As the row keeps it. A circle's box is a little too wide rather than too narrow."""
        box = Box.around(*self.circle).wider(0.0001) if self.circle else self.box
        lon, lat, metres = self.circle or (None, None, None)
        sides = {side: getattr(box, side) if box else None for side in ("west", "south", "east", "north")}
        return {"district": self.district, **sides, "lon": lon, "lat": lat, "metres": metres}


def seal(subscription: Subscription) -> str:
    """What the links of a subscription carry."""
    return SEAL.sign(subscription.pk)


def of_seal(sealed: str) -> Subscription | None:
    """The subscription of a link; None for a forged one and for one that was ended."""
    number = SEAL.open(sealed)
    return None if number is None else Subscription.objects.with_area().filter(pk=number).first()


@transaction.atomic
def subscribe(email: str, language: str, area: Area, kinds: Sequence[str], frequency: str) -> Subscription:
    """Ask for a subscription; a letter asks back. ValidationError for an address that has as many as it may."""
    if Subscription.objects.of_address(email).count() >= AN_ADDRESS:
        raise ValidationError(_("這個信箱的訂閱已達 %(most)d 項，請先停止不需要的。") % {"most": AN_ADDRESS})
    subscription = Subscription.objects.create(
        email=email, email_digest=digest(email), language=language, kinds=list(kinds), frequency=frequency,
        **area.columns(),
    )  # fmt: skip
    with override(language):
        context = {"area": area_in_words(subscription), "kinds": kinds_in_words(subscription), **links(subscription)}
    send("publicmap.confirm", email, language, context, TOPIC, subscription.pk, unsubscribe=context["stop"])
    return subscription


def links(subscription: Subscription) -> dict[str, str]:
    """Where a subscription is looked at, and where a mail program ends it."""
    link = settings.PUBLIC_URL + reverse("subscription", args=[seal(subscription)])
    return {"link": link, "stop": f"{link}stop/"}


def confirm(subscription: Subscription) -> None:
    """It was them."""
    Subscription.objects.filter(pk=subscription.pk, confirmed_at=None).update(confirmed_at=now())


def stop(subscription: Subscription) -> None:
    """No more letters; the address is gone, and what waited for it."""
    Subscription.objects.filter(pk=subscription.pk).delete()


def forget() -> int:
    """Those that nobody confirmed for the days that the rule allows; how many."""
    days = pack().rule("unconfirmed_days", today()).value
    return Subscription.objects.unconfirmed_before(now() - timedelta(days=days)).delete()[0]


def area_in_words(subscription: Subscription) -> str:
    """Where, for pages and letters."""
    if subscription.district is not None:
        return str(subscription.district)
    if subscription.metres:
        place = f"{subscription.lat:.4f}, {subscription.lon:.4f}"
        return _("%(place)s 周圍 %(metres)d 公尺") % {"place": place, "metres": subscription.metres}
    return _("地圖範圍 %(corner)s 至 %(other)s") % {
        "corner": f"{subscription.south:.4f}, {subscription.west:.4f}",
        "other": f"{subscription.north:.4f}, {subscription.east:.4f}",
    }


def kinds_in_words(subscription: Subscription) -> str:
    """Which kinds, for pages and letters."""
    known = kinds()
    labels = [known[code].label for code in subscription.kinds if code in known]
    return _("、").join(labels) if labels else _("所有種類")
