"""The one way in which a case changes: a verb, performed on a locked row, with all that follows from it.

Everything that belongs to a change commits with it or not at all: the row, the timeline, the message to the citizen,
the mark that a figure must be counted again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from cases.models import Case, CaseEvent, Contact
from cases.permissions import allows
from cases.states import STAY
from cases.wording import doer_in_words
from figures.actions import touch
from foundation.clock import now
from foundation.inserting import insert
from identity.permissions import ROLES
from messages.actions import send, ways_to
from messages.models import Channel, Device
from messages.timing import Reach
from organisation.models import Unit
from organisation.permissions import grants_of

GROUP = "cases"  # the group of figures that are counted from cases
TOPIC = "cases.case"  # what search entries and messages of a case refer to

# Doers on the timeline that are no unit. A record keeps its words in Chinese, whatever the language of whoever acts;
# pages translate them (`cases.wording.doer_in_words`).
CITIZEN, SYSTEM = gettext_noop("民眾"), gettext_noop("系統")


class Conflict(Exception):
    """Somebody else was quicker, or the case is no longer in a state for this verb. The message says what to do."""


@dataclass
class Said:
    """What a performer gives back: words and data for the timeline, and what differs from the rule."""

    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    public: bool | None = None
    target: str | None = None
    tell: bool = True  # whether the citizen gets the verb's notice
    by: str = ""  # whom the public reads as the doer, where that is not the case's unit


def locked(pk: int) -> Case:
    """The case, locked until the transaction ends, with its unit and district."""
    return Case.objects.select_for_update(of=("self",)).for_list().get(pk=pk)


@transaction.atomic
def perform(
    actor,
    pk: int,
    verb: str,
    *,
    version: int | None = None,
    by_citizen: bool = False,
    approved: bool = False,
    key: str = "",
    at: datetime | None = None,
    **inputs: Any,
) -> Case:
    """Carry out one verb of the case's lifecycle.

    ``version`` is the version of the case that the actor was looking at: a form that was opened before somebody else's
    change is refused. ``by_citizen`` is set by doors that have checked the secret code in place of a permission;
    ``approved`` by `cases.actions.approving`, whose chain of signatures stands in for it.
    ``key`` makes a repeated request harmless: the same key twice does it once. ``at`` is when it happened, for work
    reported later from a place without a net: not in the future and not before the timeline's last entry.
    Raises Conflict, PermissionDenied, or ValidationError from the performer; nothing has changed then.
    """
    case = locked(pk)
    if key and CaseEvent.objects.filter(case=case, data__key=key).exists():
        return case
    transition = case.kind.lifecycle.transition(verb, case.state)
    if not (by_citizen or approved) and transition and not allows(actor, case, transition):
        raise PermissionDenied(transition.permission)
    if transition is None or (version is not None and version != case.version):
        raise Conflict(_conflict_words(case))
    case.moment = _when(case, at)
    before, was_done_on, unit = case.state, case.done_on, case.unit  # the verb may make it another unit's
    said = case.kind.family.performers[verb](case, actor, **inputs) or Said()
    target = said.target if said.target is not None else transition.target
    if target != STAY:
        case.state = target
    case.version += 1
    case.save()
    record(
        case,
        verb,
        actor,
        said.text,
        at=case.moment,
        from_state=before,
        data=said.data | ({"key": key} if key else {}),
        public=transition.public if said.public is None else said.public,
        by_citizen=by_citizen,
        by=said.by,
        unit=unit,
        deed="cases:draft" if approved else transition.permission,
    )
    touch(GROUP, {d for d in (case.received_on, was_done_on, case.done_on) if d})
    if said.tell and (notice := case.kind.family.notices.get(verb)):
        tell(case, notice, said.text)
    return case


def _when(case: Case, at: datetime | None) -> datetime:
    """The moment that counts: what was said, kept between the last entry of the timeline and now."""
    if at is None:
        return now()
    last = case.events.order_by("-at").values_list("at", flat=True).first()
    return min(max(at, last or case.received_at), now())


def _conflict_words(case: Case) -> str:
    last = case.events.told().last()
    named = last and last.actor and last.actor_label != CITIZEN
    who = (last.actor.name if named else doer_in_words(last.actor_label)) if last else ""
    return _(
        "這件案件剛由%(who)s更新（%(what)s），目前狀態是「%(state)s」。請看過最新內容再辦理；您填寫的內容仍在下方。"
    ) % {
        "who": who or _(SYSTEM),
        "what": last.label if last else "",
        "state": case.now_in.label,
    }


def record(
    case: Case,
    verb: str,
    actor,
    text: str = "",
    *,
    at: datetime | None = None,
    from_state: str = "",
    data: dict[str, Any] | None = None,
    public: bool = False,
    by_citizen: bool = False,
    by: str = "",
    unit: Unit | None = None,
    deed: str = "",
) -> None:
    """Add an entry to the timeline. The public reads the unit or the role as the doer, never a person.

    ``unit`` is the one that the case was with, where it is another's by now. ``deed`` is the right that it took
    (``resource:action``): where the actor had it in that unit as somebody's deputy only, the entry names both.
    """
    staff = getattr(actor, "is_authenticated", False) and not by_citizen
    at_desk = unit or case.unit
    event = CaseEvent(
        case=case,
        at=at or now(),
        verb=verb,
        actor=actor if getattr(actor, "is_authenticated", False) else None,
        acting_for_id=grants_of(actor).acting_for(deed, at_desk.pk, at_desk.agency_id) if staff and deed else None,
        actor_label=by or _office(actor, at_desk) if staff else CITIZEN if by_citizen else SYSTEM,
        from_state=from_state,
        to_state=case.state,
        is_public=public,
        text=text,
        data=data or {},
    )
    insert(event)


def _office(actor, unit: Unit) -> str:
    """As what a person acts on a case of this unit: for the unit, if they serve in its agency; else for their own unit,
    or by the role that serves the whole city."""
    held = [reach for reach in grants_of(actor).reaches if reach.role != "citizen"]
    if not held or any(reach.agency_id == unit.agency_id for reach in held):
        return unit.name
    with override(settings.LANGUAGE_CODE):
        return held[0].unit_name or str(ROLES[held[0].role].label)


def tell(case: Case, notice: str, text: str = "", contact: Contact | None = None, **more: Any) -> bool:
    """Send a notice to the reporter, by the channels that they chose (``messages.timing.ways``), and to the devices
    that asked for news of the case; the messages commit with the case.

    ``more`` is what this notice says besides. ``contact`` is given while the case is being filed: no device can have
    asked yet. Returns whether there is a message.
    """
    devices = [] if contact else list(Device.objects.about(TOPIC, case.pk))
    contact = contact or Contact.objects.filter(case=case).first()
    languages = {str(device.token): device.language for device in devices}
    ways = ways_to(contact.reach(tuple(languages)) if contact else Reach(devices=tuple(languages)))
    for way in ways:
        language = languages[way.to] if way.channel == Channel.PUSH or not contact else contact.language
        with override(language):  # not that of whoever acts
            place, unit = case.place, str(case.unit)
        send(
            notice,
            way.to,
            language,
            {"number": str(case.number), "code": case.secret, "kind": case.kind_code, "text": text,
             "place": place, "unit": unit, "due": case.due_at, "paused": bool(case.paused_at), **more},
            TOPIC,
            case.pk,
            channel=way.channel,
            otherwise=way.otherwise,
        )  # fmt: skip
    return bool(ways)
