"""What is new in somebody's part of the city: found by sets, written by jobs, never in a citizen's request."""

from __future__ import annotations

from collections import defaultdict

from django.db import connection, transaction
from django.utils.translation import override

from cases.actions.following import DONE
from cases.models import CaseEvent
from cases.registry import kinds
from foundation.clock import now, today
from messages.actions import send
from publicmap.actions.subscribing import TOPIC, area_in_words, links
from publicmap.models import News, Reading, Subscription
from publicmap.rules import STAND_OF

CHUNK = 100  # letters in one transaction
AT_ONCE = 500  # entries of timelines in one statement
LINES = 40  # cases in one letter

# The boxes are asked by the index subscription_boxes, whose expression stands here as it stands there.
_MATCH = """
INSERT INTO publicmap_news (subscription_id, case_id, what, found_at)
SELECT found.id, event.case_id, event.what, %(now)s
FROM (
    SELECT DISTINCT e.case_id, CASE e.verb WHEN 'file' THEN 'new' ELSE 'done' END AS what, c.kind_code, c.district_id,
        c.lon, c.lat
    FROM cases_caseevent e JOIN cases_case c ON c.id = e.case_id
    WHERE e.id > %(after)s AND e.id <= %(upto)s AND e.verb = ANY(%(verbs)s)
        AND c.kind_code = ANY(%(kinds)s) AND c.state = ANY(%(states)s)
) event
CROSS JOIN LATERAL (
    SELECT s.id, s.kinds FROM publicmap_subscription s
    WHERE s.confirmed_at IS NOT NULL AND s.district_id = event.district_id
    UNION ALL
    SELECT s.id, s.kinds FROM publicmap_subscription s
    WHERE s.confirmed_at IS NOT NULL AND s.west IS NOT NULL
        AND box(point(s.west, s.south), point(s.east, s.north)) @> point(event.lon, event.lat)
        AND (s.metres IS NULL OR s.metres >= 111320 * sqrt(
            power(event.lat - s.lat, 2) + power((event.lon - s.lon) * cos(radians(s.lat)), 2)))
) found
WHERE found.kinds = '{}' OR event.kind_code = ANY(found.kinds)
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def find() -> int:
    """Read the timelines on from where the last run stopped, up to what it saw; returns how much news there is.

    The first run reads nothing: nobody is told of what was before.
    """
    last = CaseEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    reading, fresh = Reading.objects.select_for_update().get_or_create(pk=1, defaults={"read": last, "seen": last})
    if fresh:
        return 0
    found = 0
    while reading.read < reading.seen:
        upto = min(reading.seen, reading.read + AT_ONCE)
        found += _match(reading.read, upto)
        reading.read = upto
    reading.seen = max(last, reading.seen)
    reading.save()
    return found


def _match(after: int, upto: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            _MATCH,
            {
                "after": after, "upto": upto, "now": now(), "verbs": ["file", *DONE], "states": list(STAND_OF),
                "kinds": [kind.code for kind in kinds().values() if not kind.sensitive],
            },
        )  # fmt: skip
        return cursor.rowcount


def write(frequency: str) -> int:
    """Write to all who wait for news in this rhythm: one letter each; returns how many."""
    written = 0
    while batch := _write_some(frequency):
        written += batch
    return written


@transaction.atomic
def _write_some(frequency: str) -> int:
    waiting = Subscription.objects.with_news(frequency, today())
    batch = {each.pk: each for each in waiting.select_for_update(of=("self",), skip_locked=True).with_area()[:CHUNK]}
    news: dict[int, list[News]] = defaultdict(list)
    found = News.objects.filter(subscription__in=batch).order_by("-pk")
    for each in found.select_related("case__district", "case__village", "case__unit__agency"):
        news[each.subscription_id].append(each)
    for pk, own in news.items():
        _letter(batch[pk], own)
    News.objects.filter(pk__in=[each.pk for own in news.values() for each in own]).delete()
    Subscription.objects.filter(pk__in=batch).update(sent_on=today())
    return len(batch)


def _letter(subscription: Subscription, own: list[News]) -> None:
    own_links = links(subscription)
    with override(subscription.language):
        lines = [
            {
                "what": each.what, "label": str(each.get_what_display()), "kind": each.case.kind_code,
                "number": str(each.case.number),
                "place": " ".join(filter(None, (str(each.case.district or ""), str(each.case.village or "")))),
            }
            for each in own[:LINES]
        ]  # fmt: skip
        area = area_in_words(subscription)
    context = {"area": area, "count": len(own), "lines": lines, "more": len(own) - len(lines), **own_links}
    send("publicmap.news", subscription.email, subscription.language, context, TOPIC, subscription.pk,
         unsubscribe=own_links["stop"])  # fmt: skip
