"""Deputies (職務代理): somebody acts for another while they are away, and the record shows both.

各機關職務代理應行注意事項: whoever is on leave or travels has somebody who does their work. What the deputy may do is
what the membership allows on that day, no more; it ends with the period, with the membership, or at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from foundation.clock import TAIPEI, now, today
from identity.actions.telling import tell
from identity.permissions import STRONG
from organisation.actions.nominations import ask
from organisation.actions.recording import describe, describe_deputy, note
from organisation.models import AuthorityEvent, Deputyship, Membership
from organisation.pack import pack
from organisation.permissions import grants_of
from organisation.rules import Held, may_deputise, too_long

if TYPE_CHECKING:
    from identity.models import User

NAME = "deputies:name"
LONGEST = 180  # days, where the city has no rule
Verb = AuthorityEvent.Verb


def longest() -> float:
    """How many days a deputyship may last, by the rule of the city ``deputy_days_longest``."""
    try:
        return float(pack().rule("deputy_days_longest", today()).value)
    except LookupError:
        return LONGEST


def may_name(actor: User, membership: Membership) -> bool:
    """Whether a person may name a deputy for a membership: its holder, their head, who appoints people. In person
    only: a deputy names nobody for those whose deputy they are, so that no deputyship makes itself longer."""
    scope = grants_of(actor).in_person.scope(NAME)
    if scope.city or (membership.user_id == actor.pk and scope):
        return True
    agency = membership.agency_id or (membership.unit.agency_id if membership.unit else None)
    return membership.unit_id in scope.units or agency in scope.agencies


@transaction.atomic
def name_deputy(
    actor: User,
    memberships: Iterable[Membership],
    deputy: User,
    begins_at: datetime,
    ends_at: datetime,
    cause: str,
    reason: str = "",
) -> list[Deputyship]:
    """Let ``deputy`` act in each of these memberships for a period; a beginning that has passed is now.

    One in a strong role waits for a second person. Both people get a letter. Raises PermissionDenied, and
    ValidationError for a period that is over, out of order or too long, for somebody who is not of the agency, and
    where another deputy is named for a part of the time. Nothing has changed then.
    """
    begins_at = max(begins_at, now())
    if ends_at <= begins_at:
        raise ValidationError({"ends": _("結束時間要晚於開始時間，也不能已經過去。")})
    if too_long(begins_at, ends_at, longest()):
        raise ValidationError({"ends": _("一次最多 %(days)d 天；到期可以再指定。") % {"days": longest()}})
    if not deputy.is_active:
        raise ValidationError({"deputy": _("這個帳號已經停用。")})
    made = [_name(actor, held, deputy, begins_at, ends_at, cause, reason.strip()) for held in memberships]
    if not made:
        raise ValidationError({"membership": _("這段期間沒有可以代理的任職。")})
    return made


def _name(
    actor: User, held: Membership, deputy: User, begins_at: datetime, ends_at: datetime, cause: str, reason: str
) -> Deputyship:
    if not may_name(actor, held):
        raise PermissionDenied(NAME)
    if held.user_id == deputy.pk:
        raise ValidationError({"deputy": _("代理人不能是本人。")})
    first, last = begins_at.astimezone(TAIPEI).date(), ends_at.astimezone(TAIPEI).date()
    if held.since > last or (held.until is not None and held.until < first):
        raise ValidationError({"membership": _("這項任職在這段期間不在任。")})
    theirs = Membership.objects.in_force(first).filter(user=deputy).select_related("unit")
    if not may_deputise(place_of(held), [place_of(each) for each in theirs]):
        raise ValidationError({"deputy": _("代理人要是同一個機關的同仁；廠商的外勤隊要是同一隊的人。")})
    try:
        with transaction.atomic():
            named = Deputyship.objects.create(
                membership=held, absent=held.user, deputy=deputy, begins_at=begins_at, ends_at=ends_at, cause=cause,
                reason=reason, strong=held.role in STRONG, proposed_by=actor, proposed_at=now(),
            )  # fmt: skip
    except IntegrityError:
        taken = _("「%(office)s」在這段期間已經有代理人。") % {"office": describe(held)}
        raise ValidationError({"begins": taken}) from None
    note(actor, deputy, Verb.DEPUTY_NAMED, describe_deputy(named), _why(named), deed=NAME, membership=held)
    if named.strong:
        ask(named)
    else:
        _tell(named, "organisation.deputy")
    return named


@transaction.atomic
def end_deputyship(actor: User, deputyship: Deputyship) -> None:
    """End a deputyship at once; with the deputy's next request nothing of it is left. Twice changes nothing.

    Raises PermissionDenied to whoever is neither of the two and may not name a deputy there either.
    """
    if not may_end(actor, deputyship):
        raise PermissionDenied(NAME)
    Deputyship.objects.select_for_update().get(pk=deputyship.pk)
    found = Deputyship.objects.told().get(pk=deputyship.pk)
    if found.ended_at is not None or found.ends_at <= now() or found.decision == "refused":
        return
    found.ended_at, found.ended_by = now(), actor
    found.save(update_fields=["ended_at", "ended_by"])
    note(actor, found.deputy, Verb.DEPUTY_ENDED, describe_deputy(found), deed=NAME, membership=found.membership)
    _tell(found, "organisation.deputy_ended")


def may_end(actor: User, deputyship: Deputyship) -> bool:
    """Whether a person may end a deputyship: the absent one, the deputy, and who may name another."""
    return actor.pk in {deputyship.absent_id, deputyship.deputy_id} or may_name(actor, deputyship.membership)


def place_of(held: Membership) -> Held:
    """Where a membership is held, as the rule reads it."""
    if held.unit is None:
        return Held(held.agency_id)
    return Held(held.unit.agency_id, held.unit_id, held.unit.is_contractor)


def _why(named: Deputyship) -> str:
    cause = Deputyship.Cause(named.cause).label
    return f"{cause}：{named.reason}" if named.reason else str(cause)


def _tell(named: Deputyship, notice: str) -> None:
    for person in (named.absent, named.deputy):
        told = {
            "absent": named.absent.name,
            "deputy": named.deputy.name,
            "office": describe(named.membership, person.language),
            "begins": named.begins_at,
            "ends": named.ended_at or named.ends_at,
            "is_deputy": person == named.deputy,
        }
        tell(notice, person, told)
