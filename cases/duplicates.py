"""One matter, reported twice: what stands open close by and reads alike. The rule is `cases.rules.Likeness`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Func, OuterRef, Subquery

from cases.models import Attachment, Case, Follower
from cases.models.clock import PromiseClock
from cases.querysets import CaseQuerySet
from cases.rules import Likeness, metres_apart, words_in_common
from organisation.pack import pack

SHOWN = 5
LOOKED_AT = 200


@dataclass(frozen=True)
class Twin:
    """A case that may be the same matter, with enough to judge by. ``photo`` is the token of a public one, or None."""

    case: Case
    metres: int
    score: float
    followers: int
    photo: str | None
    clock: PromiseClock


def likeness(on: datetime) -> Likeness | None:
    """The city's rule on a day; None in a city whose pack has none, which then is shown no duplicates."""
    try:
        return Likeness.of(pack().rule("duplicate", on.date()).value)
    except LookupError:
        return None


def twins(
    among: CaseQuerySet, kind_code: str, lon: float, lat: float, words: str, at: datetime, besides: int | None = None
) -> list[Twin]:
    """Unsettled cases of a kind that may be what is being reported at a point and time, the likeliest first.

    ``among`` are the cases that the reader may know of, ``besides`` one that is not compared with itself. At most five;
    one statement, by the index of points. The cases come without their unit and district, which would be half its time.
    """
    rule = likeness(at)
    if rule is None:
        return []
    since, until = at - timedelta(days=rule.days), at + timedelta(days=rule.days)
    photo = Attachment.objects.published().filter(case=OuterRef("pk"), content_type__startswith="image/")
    followers = Follower.objects.confirmed().filter(case=OuterRef("pk")).annotate(n=Func("pk", function="COUNT"))
    near = (
        among.unsettled()
        .near(lon, lat, rule.metres)
        .filter(kind_code=kind_code, received_at__range=(since, until))
        .defer("secret")  # nobody is shown it, and decrypting it would take longer than all the rest
        .annotate(
            followed=Subquery(followers.values("n")),
            photo=Subquery(photo.order_by("uploaded_at").values("token")[:1]),
        )
    )
    found = []
    for case in near[:LOOKED_AT]:
        if case.pk == besides:
            continue
        metres = metres_apart(lon, lat, case.lon, case.lat)
        days = abs((at - case.received_at).total_seconds()) / 86_400
        score = rule.score(metres, days, words_in_common(words, case.description))
        if score >= rule.enough:
            found.append((score, -metres, case))
    found.sort(key=lambda each: (-each[0], -each[1], each[2].pk))
    return [
        Twin(case, max(10, round(-away / 10) * 10), score, case.followed, case.photo, case.clock())
        for score, away, case in found[:SHOWN]
    ]
