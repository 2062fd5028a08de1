"""The strongest roles take two people: one proposes, another confirms or refuses with a reason.

What waits gives nothing. Neither whoever proposed it nor whoever it is for decides it, which the database holds too
(``four_eyes``). Where a city hall has but one administrator, the operator confirms at the command line.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from foundation.clock import now, today
from identity.actions.telling import tell
from identity.permissions import ROLES
from organisation.actions.appointments import MANAGE, begin, check_may, weigh
from organisation.actions.recording import describe, describe_deputy, note
from organisation.models import Agency, AuthorityEvent, Deputyship, Membership, Nomination, Post, Unit
from organisation.models.four_eyes import FourEyes
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from identity.models import User

Verb = AuthorityEvent.Verb


def propose(
    actor: User,
    user: User,
    role: str = "",
    *,
    unit: Unit | None = None,
    agency: Agency | None = None,
    post: Post | None = None,
    since: date,
    until: date | None = None,
    reason: str = "",
) -> Nomination:
    """Put somebody forward for a role, on the terms of ``appoint``; those who may decide it are told.

    Raises PermissionDenied as ``appoint`` does, and ValidationError where the same is waiting already.
    """
    check_may(actor, user)
    terms = weigh(role, unit=unit, agency=agency, post=post, since=since, until=until)
    try:
        with transaction.atomic():
            made = Nomination.objects.create(
                user=user, **terms, proposed_by=actor, proposed_at=now(), reason=reason.strip()
            )
            note(actor, user, Verb.PROPOSED, describe(made), reason, deed=MANAGE)
            ask(made)
    except IntegrityError:
        raise ValidationError({"role": _("同樣的提名已經在等另一位系統管理員同意。")}) from None
    return made


def confirm(actor: User | None, proposal: Nomination | Deputyship) -> None:
    """Agree to what another proposed: it holds from now on, or from its first day.

    ``actor`` None is the operator's command line. Raises PermissionDenied to whoever may not decide it, and
    ValidationError where somebody was quicker or its time is over.
    """
    with transaction.atomic():
        waiting = _locked(actor, proposal)
        if _is_late(waiting):
            raise ValidationError(_("期間已經過了，不能再同意。"))
        if isinstance(waiting, Nomination):
            kept = ("role", "unit", "agency", "post", "since", "until")
            try:
                with transaction.atomic():
                    terms = {name: getattr(waiting, name) for name in kept}
                    waiting.membership = begin(actor, waiting.user, terms, Verb.CONFIRMED, waiting.reason)
            except IntegrityError:
                raise ValidationError(_("這個人這段期間已經有同樣的任職。")) from None
        else:
            _note(actor, waiting, Verb.CONFIRMED, waiting.reason)
        _decide(waiting, actor, FourEyes.Decision.CONFIRMED, "")


def refuse(actor: User | None, proposal: Nomination | Deputyship, words: str) -> None:
    """Decline what another proposed, with a reason. Raises ValidationError without one, and as ``confirm`` does."""
    if not words.strip():
        raise ValidationError({"words": _("請填寫不同意的理由。")})
    with transaction.atomic():
        waiting = _locked(actor, proposal)
        _note(actor, waiting, Verb.REFUSED, words)
        _decide(waiting, actor, FourEyes.Decision.REFUSED, words.strip())


def may_decide(user: User, proposal: Nomination | Deputyship) -> bool:
    """Whether this person may be the second pair of eyes: holds the right in person, and stands on neither side."""
    if user.pk in {proposal.proposed_by_id, *_concerned(proposal)}:
        return False
    return grants_of(user).in_person.everywhere(f"city:{MANAGE}")


def _concerned(proposal: Nomination | Deputyship) -> set[int]:
    if isinstance(proposal, Nomination):
        return {proposal.user_id}
    return {proposal.absent_id, proposal.deputy_id}


def _locked(actor: User | None, proposal: Any) -> Any:
    """The proposal, locked, if it waits for this person's decision."""
    if actor is not None and not may_decide(actor, proposal):
        raise PermissionDenied
    model = type(proposal)
    model.objects.select_for_update().get(pk=proposal.pk)
    fresh = model.objects.told().get(pk=proposal.pk)
    if fresh.decision:
        who = fresh.decided_by.name if fresh.decided_by else _("系統維運人員")
        raise ValidationError(
            _("%(who)s已經決定了：%(what)s。") % {"who": who, "what": FourEyes.Decision(fresh.decision).label}
        )
    return fresh


def _is_late(waiting: Nomination | Deputyship) -> bool:
    if isinstance(waiting, Nomination):
        return waiting.until is not None and waiting.until < today()
    return waiting.ends_at <= now() or waiting.ended_at is not None


def _decide(waiting: Any, actor: User | None, decision: str, words: str) -> None:
    waiting.decision, waiting.decided_by, waiting.decided_at, waiting.words = decision, actor, now(), words
    waiting.save()
    sides = [waiting.user] if isinstance(waiting, Nomination) else [waiting.absent, waiting.deputy]
    for person in {waiting.proposed_by, *sides} - {None}:
        tell("organisation.decided", person, _told(waiting, person.language) | {"decision": decision, "words": words})


def _note(actor: User | None, waiting: Nomination | Deputyship, verb: str, words: str) -> None:
    if isinstance(waiting, Nomination):
        note(actor, waiting.user, verb, describe(waiting), words, deed=MANAGE)
    else:
        note(actor, waiting.deputy, verb, describe_deputy(waiting), words, deed=MANAGE, membership=waiting.membership)


def _told(waiting: Nomination | Deputyship, language: str) -> dict[str, Any]:
    by = waiting.proposed_by.name if waiting.proposed_by else ""
    if isinstance(waiting, Nomination):
        return {"name": waiting.user.name, "absent": "", "office": describe(waiting, language), "by": by}
    office = describe(waiting.membership, language)
    return {"name": waiting.deputy.name, "absent": waiting.absent.name, "office": office, "by": by}


def ask(waiting: Nomination | Deputyship) -> None:
    """Tell those who may decide it; whoever stands on one of its sides may not."""
    giving = [role.code for role in ROLES.values() if role.may(f"city:{MANAGE}")]
    held = Membership.objects.in_force(today()).filter(role__in=giving, user__is_active=True)
    but = {waiting.proposed_by_id, *_concerned(waiting)}
    for person in {each.user for each in held.exclude(user__in=but).select_related("user")}:
        tell("organisation.waits", person, _told(waiting, person.language))
