"""Switching storm mode on and off: by hand, or by the house itself (`servicerequests.actions.watching`)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from foundation.clock import now
from organisation import storm
from organisation.models import Storm
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from identity.models import User


def begin_storm(actor: User | None, reason: str) -> Storm:
    """Begin storm mode; ``actor`` None is the house itself. One that is on already stays as it is and is returned.

    It ends after the pack's ``storm_hours`` at the latest. Raises PermissionDenied, ValidationError without a reason.
    """
    _check(actor)
    if not reason.strip():
        raise ValidationError({"reason": _("請填寫原因。")})
    end_overdue()
    at = now()
    until = at + timedelta(hours=storm.rule("hours"))
    try:
        with transaction.atomic():
            begun = Storm.objects.create(began_at=at, began_by=actor, reason=reason.strip(), until=until)
    except IntegrityError:  # somebody was quicker
        begun = Storm.objects.going_on().get()
    _news()
    return begun


def end_storm(actor: User | None) -> bool:
    """End it; what was put off is caught up by the next jobs. Returns whether there was one."""
    _check(actor)
    ended = Storm.objects.going_on().update(ended_at=now(), ended_by=actor)
    _news()
    return bool(ended)


def end_overdue() -> None:
    """End one whose time is over."""
    if Storm.objects.going_on().filter(until__lte=now()).update(ended_at=now()):
        _news()


def _check(actor: User | None) -> None:
    if actor is not None and not grants_of(actor).everywhere("city:storm:declare"):
        raise PermissionDenied("city:storm:declare")


def _news() -> None:
    storm.forget()
    transaction.on_commit(storm.forget)
