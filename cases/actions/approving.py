"""Acts that need approval: written as a draft, handed in, signed along a chain, and then carried out by the engine.

Each function locks the case first and the signature after it, so that of two approvers at once one is told that the
other was quicker. What is carried out at the end is the verb of the lifecycle, with all that follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.desk import check_extension
from cases.actions.performing import Conflict, Said, locked, perform, record
from cases.models import Case, Contribution, Endorsement, Proposal, Version
from cases.models.contact import contact_of
from cases.permissions import may
from cases.rules import Link, chain
from foundation.clock import now
from organisation.permissions import grants_of

# Acts with a draft to go back to; others are asked for anew.
DRAFTED = frozenset({"answer"})
APPROVE = "cases:approve"

OWN = gettext_lazy("這份稿您擬過或改過，不能由您核定；請由另一位主管或機關首長核定。")

type Inputs = dict[str, Any]


def chain_of(case: Case, verb: str) -> list[Link]:
    """Whose signatures an act on this case needs, in their order."""
    if verb != "answer":
        return chain(["unit"], case.unit_id)
    rule = case.kind.approval
    levels = rule.answer
    contact = contact_of(case)
    if rule.confidential and contact and (contact.confidential or contact.shielded_from_id):
        levels = rule.confidential
    contributors = Contribution.objects.given().filter(case=case).order_by("pk") if rule.joint else ()
    return chain(levels, case.unit_id, [given.unit_id for given in contributors])


@transaction.atomic
def draft(actor, pk: int, inputs: Inputs, *, verb: str = "answer", seen: int = 0) -> Proposal:
    """Keep the words of an act that is to be approved, as a new version where they differ from the last.

    ``seen`` is the number of the version that the actor was looking at. Raises PermissionDenied; Conflict where
    somebody else was quicker or the draft has been handed in.
    """
    case = locked(pk)
    if not may(actor, case, "cases:draft"):
        raise PermissionDenied("cases:draft")
    if case.kind.lifecycle.transition(verb, case.state) is None:
        raise Conflict(_("這件案件目前是「%(state)s」，不能擬稿。") % {"state": case.now_in.label})
    proposal = Proposal.objects.open().of(case, verb).first()
    if proposal is None:
        proposal = Proposal.objects.create(case=case, verb=verb, by=actor, begun_at=now())
    elif proposal.state != Proposal.State.DRAFT:
        raise Conflict(_("這份稿已經陳核，退回修正後才能再改。"))
    _write(proposal, actor, inputs, seen)
    return proposal


def _write(proposal: Proposal, actor, inputs: Inputs, seen: int, *, signing: bool = False) -> Version:
    """A new version, or the last one where nothing changed."""
    last = proposal.versions.select_related("by").order_by("number").last()
    if last and last.number != seen:
        raise Conflict(
            _("%(who)s剛存了第 %(n)s 版。請看過再存；您寫的內容仍在下方。") % {"who": last.by.name, "n": last.number}
        )
    if last and last.inputs == inputs:
        return last
    number = last.number + 1 if last else 1
    return Version.objects.create(proposal=proposal, number=number, inputs=inputs, by=actor, at=now(), signing=signing)


@transaction.atomic
def hand_in(actor, pk: int, *, verb: str = "answer", despite: str = "") -> Proposal:
    """Put the draft before the first of its chain.

    While a unit that was asked for its part has not replied, only with a reason: ``despite``, which the chain reads.
    Raises PermissionDenied, Conflict where there is no draft, and ValidationError for want of that reason.
    """
    case = locked(pk)
    if not may(actor, case, "cases:draft"):
        raise PermissionDenied("cases:draft")
    proposal = Proposal.objects.open().of(case, verb).filter(state=Proposal.State.DRAFT).told().first()
    if proposal is None:
        raise Conflict(_("沒有可以陳核的稿，或已經陳核了。"))
    despite = despite.strip()
    if not despite and (asked := list(Contribution.objects.open().of(case))):
        units = _("、").join(f"{each.unit.agency} {each.unit}" for each in asked)
        raise ValidationError(
            {"despite": _("%(units)s還沒有回復會辦。請等回復，或寫明為什麼先陳核。") % {"units": units}}
        )
    at, round_ = now(), proposal.round + 1
    for order, link in enumerate(chain_of(case, verb)):
        Endorsement.objects.create(
            proposal=proposal, round=round_, order=order, unit_id=link.unit, level=link.level,
            countersign=link.countersign, asked_at=at if order == 0 else None,
        )  # fmt: skip
    proposal.state = Proposal.State.HANDED_IN
    proposal.save(update_fields=["state"])
    record(case, "hand_in", actor, despite, data={"act": verb, "version": proposal.newest.number}, deed="cases:draft")
    return proposal


@transaction.atomic
def approve(actor, pk: int, *, seen: int, inputs: Inputs | None = None, words: str = "") -> Proposal:
    """Sign, with ``inputs`` in other words than were handed in; after the last signature the act is carried out.

    Raises PermissionDenied; Conflict where somebody was quicker or the case has moved on; ValidationError from the act
    itself, and for whoever drafted it: four eyes see what the city says. Nothing has changed then.
    """
    sign = _awaited(actor, pk)
    if sign.is_own(actor):
        raise ValidationError(OWN)
    proposal, case = sign.proposal, sign.proposal.case
    before = proposal.newest.inputs
    version = _write(proposal, actor, inputs or before, seen, signing=True)
    _decide(sign, actor, Endorsement.Decision.APPROVED, version.number, words)
    data = {"act": proposal.verb, "version": version.number} | ({"edited": True} if version.inputs != before else {})
    record(case, "approve", actor, words, data=data, by=sign.unit.name, unit=sign.unit, deed=APPROVE)
    following = proposal.endorsements.filter(round=sign.round, decision="").order_by("order").first()
    if following:
        following.asked_at = now()
        following.save(update_fields=["asked_at"])
        return proposal
    _settle(proposal, Proposal.State.APPROVED)
    transition = case.kind.lifecycle.transitions[proposal.verb]
    amounts = {wanted.name for wanted in transition.inputs if wanted.type == "amount"}
    given: Inputs = {name: Decimal(value) if name in amounts else value for name, value in version.inputs.items()}
    perform(proposal.by, case.pk, proposal.verb, approved=True, **given)
    return proposal


@transaction.atomic
def send_back(actor, pk: int, *, seen: int, words: str) -> Proposal:
    """Return the draft to its writer with words. Raises ValidationError without words; PermissionDenied, Conflict."""
    if not words.strip():
        raise ValidationError({"words": _("請寫明要修正什麼。")})
    sign = _awaited(actor, pk)
    proposal = sign.proposal
    _check_seen(proposal, seen)
    _decide(sign, actor, Endorsement.Decision.RETURNED, seen, words)
    _drop_signs(proposal)
    if proposal.verb in DRAFTED:
        proposal.state = Proposal.State.DRAFT
        proposal.save(update_fields=["state"])
    else:
        _settle(proposal, Proposal.State.DROPPED)
    data = {"act": proposal.verb, "version": seen}
    record(proposal.case, "send_back", actor, words, data=data, by=sign.unit.name, unit=sign.unit, deed=APPROVE)
    return proposal


def _awaited(actor, pk: int) -> Endorsement:
    """The signature, its case and itself locked, if it is this person's to give and its turn is now."""
    sign = Endorsement.objects.visible_to(actor).select_related("proposal").filter(pk=pk).first()
    if sign is None:
        raise PermissionDenied("cases:approve")
    case = locked(sign.proposal.case_id)
    sign = Endorsement.objects.select_for_update(of=("self",)).select_related("by", "unit").get(pk=pk)
    if sign.decision or not sign.asked_at:
        who = sign.by.name if sign.by else ""
        raise Conflict(_("%(who)s已經處理過這一關。") % {"who": who} if who else _("這份稿已不在這一關。"))
    sign.proposal = Proposal.objects.told().get(pk=sign.proposal_id)
    sign.proposal.case = case
    return sign


def _check_seen(proposal: Proposal, seen: int) -> None:
    if proposal.newest.number != seen:
        raise Conflict(_("內容已有新的版本，請看過再決定。"))


def _decide(sign: Endorsement, actor, decision: str, version: int, words: str) -> None:
    sign.decision, sign.by, sign.at, sign.version, sign.words = decision, actor, now(), version, words
    sign.acting_for_id = grants_of(actor).acting_for(APPROVE, sign.unit_id, sign.unit.agency_id)
    sign.save()


def _drop_signs(proposal: Proposal) -> None:
    proposal.endorsements.filter(decision="").update(decision=Endorsement.Decision.DROPPED, at=now())


def _settle(proposal: Proposal, state: str) -> None:
    proposal.state, proposal.settled_at = state, now()
    proposal.save(update_fields=["state", "settled_at"])


def ask_extension(case: Case, actor, amount: Decimal, text: str) -> Said:
    """Performer: the officer asks for more time with the reason; the deadline moves when the head has approved."""
    check_extension(case, amount)
    if Proposal.objects.open().of(case, "extend").exists():
        raise ValidationError({"amount": _("已有一份展延申請在等核定。")})
    proposal = Proposal.objects.create(
        case=case, verb="extend", by=actor, begun_at=case.moment, state=Proposal.State.HANDED_IN
    )
    Version.objects.create(
        proposal=proposal, number=1, inputs={"amount": str(amount), "text": text}, by=actor, at=case.moment
    )
    (link,) = chain_of(case, "extend")
    Endorsement.objects.create(
        proposal=proposal, round=1, order=0, unit_id=link.unit, level=link.level, asked_at=case.moment
    )
    return Said(text, {"amount": str(amount)}, public=False)


def lay_down(case: Case) -> None:
    """End what others were still asked for: drafts, signatures, contributions.

    The act that has just been approved is settled before it is carried out, so it is not touched.
    """
    for proposal in Proposal.objects.open().filter(case=case):
        _drop_signs(proposal)
        _settle(proposal, Proposal.State.DROPPED)
    Contribution.objects.open().filter(case=case).update(state=Contribution.State.DROPPED, ended_at=case.moment)


def laying_down(performer: Callable[..., Said | None]) -> Callable[..., Said | None]:
    """The same verb, which also lays down what is open; for those that end a case or make it another unit's.

    Such a performer is known by ``lays_down``, so that a page can say beforehand what would be laid down.
    """

    @wraps(performer)
    def perform(case: Case, actor, **inputs: Any) -> Said | None:
        said = performer(case, actor, **inputs)
        lay_down(case)
        return said

    perform.lays_down = True  # type: ignore[attr-defined]
    return perform
