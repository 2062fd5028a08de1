"""Days on which the offices close, or open, against the calendar: above all for a typhoon (天然災害停止上班)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from foundation.clock import now
from foundation.jobs import defer
from foundation.roc import roc_date
from organisation.memory import SECONDS, forget
from organisation.models import CalendarOverride
from organisation.pack import pack
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from identity.models import User


def declare_closure(
    actor: User | None, day: date, districts: Sequence[str] | None, kind: str, reason: str, source: str
) -> list[CalendarOverride]:
    """Declare that a day differs from the calendar, in some districts (codes) or, with None, in the whole city.

    ``kind`` is one of ``CalendarOverride.Kind``. A declaration for a day and district that has one already takes its
    place; the same one again changes nothing. Deadlines that it moves are computed again by a job, a few seconds after
    the transaction, which writes the reason to each case. Returns the declarations that are new.

    ``actor`` None is the operator's command line. Raises PermissionDenied without ``city:calendar:declare``, and
    ValidationError for an unknown kind or district and for a missing reason or source.
    """
    _check(actor)
    known = {district.code for district in pack().districts}
    if kind not in CalendarOverride.Kind.values:
        raise ValidationError({"kind": _("沒有「%(value)s」這種停班方式。") % {"value": kind}})
    if districts is not None and (not districts or set(districts) - known):
        raise ValidationError({"districts": _("請選擇本市的行政區。")})
    for name, text in (("reason", reason), ("source", source)):
        if not text.strip():
            raise ValidationError({name: _("必須填寫。")})
    with transaction.atomic():
        _one_at_a_time()
        wanted: list[str | None] = list(dict.fromkeys(districts)) if districts is not None else [None]
        standing = {old.district_id: old for old in CalendarOverride.objects.in_force().filter(date=day)}
        new = []
        for code in wanted:
            old = standing.get(code)
            if old and (old.kind, old.reason, old.source) == (kind, reason, source):
                continue
            if old:
                _revoke(actor, old)
            new.append(
                CalendarOverride.objects.create(
                    date=day,
                    district_id=code,
                    kind=kind,
                    reason=reason,
                    source=source,
                    declared_by=actor,
                    declared_at=now(),
                )
            )
        if new:
            recompute(_("%(day)s %(reason)s") % {"day": roc_date(day), "reason": reason}, districts)
    return new


def revoke_closure(actor: User | None, override: CalendarOverride, reason: str) -> None:
    """Withdraw a declaration: the calendar holds again for that day. A second time changes nothing.

    Raises PermissionDenied without ``city:calendar:declare``, ValidationError for a missing reason.
    """
    _check(actor)
    if not reason.strip():
        raise ValidationError({"reason": _("必須填寫。")})
    with transaction.atomic():
        _one_at_a_time()
        override.refresh_from_db()
        if override.revoked_at is None:
            _revoke(actor, override)
            text = _("%(day)s 的停班宣告撤回：%(reason)s") % {"day": roc_date(override.date), "reason": reason}
            recompute(text, [override.district_id] if override.district_id else None)


def _check(actor: User | None) -> None:
    if actor is not None and not grants_of(actor).everywhere("city:calendar:declare"):
        raise PermissionDenied


def _one_at_a_time() -> None:
    """Declarations are rare: whoever comes second waits, and then finds what the first one left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('organisation.calendaroverride'))")


def _revoke(actor: User | None, override: CalendarOverride) -> None:
    override.revoked_by, override.revoked_at = actor, now()
    override.save(update_fields=["revoked_by", "revoked_at"])


def recompute(reason: str, districts: Sequence[str] | None) -> None:
    """Have deadlines computed again, and let this process read the calendar anew, now and once others may see it.

    Other processes remember the calendar for some seconds, the worker among them, and may still file by the old one.
    So the job waits until nobody does: then it misses no case.
    """
    defer(
        "cases.recompute_deadlines",
        schedule_at=now() + timedelta(seconds=SECONDS + 5),
        reason=reason,
        districts=list(districts) if districts is not None else None,
    )
    forget()
    transaction.on_commit(forget)
