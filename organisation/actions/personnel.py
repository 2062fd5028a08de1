"""What a personnel system does: people begin, change, leave, and join and leave units.

A program acts here, so less is possible than on the pages: only the roles of ``rules.PROVISIONED_ROLES`` are given and
taken, nobody's own, and the way into the account of somebody who holds another role is not touched. Every change is an
``AccountEvent`` that names the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from foundation import clock
from identity.actions import activate, change_account, deactivate, open_account, record, send_link
from identity.models import AccountEvent, User
from organisation.actions.appointments import appoint
from organisation.models import Membership, StaffRecord, Unit
from organisation.rules import PROVISIONED_ROLES, provisioned_roles

ACCOUNT: Final[tuple[str, ...]] = ("username", "name", "email", "language")
RECORD: Final[tuple[str, ...]] = (
    "employee_number", "external_id", "title", "organization", "department", "manager", "since", "until",
)  # fmt: skip
# What opens an account: whoever changes one of them can enter as that person.
WAYS_IN: Final = frozenset({"username", "email"})
Verb = AccountEvent.Verb


@dataclass(frozen=True, slots=True)
class Program:
    """Who acts: the owner of a program's key, or nobody (the operator's command line), and the program's name."""

    owner: User | None
    name: str


class Taken(Exception):
    """Another account has this user name (``username``) or this number (``employee_number``)."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@transaction.atomic
def hire(by: Program, facts: dict[str, Any]) -> StaffRecord:
    """A new person: account, record, and a letter with the link that sets a password if there is an address.

    Who was removed before and comes back under the same number has the same account again, with a new ``uid``, without
    the old rights. Raises Taken and ValidationError.
    """
    former = StaffRecord.objects.select_for_update().filter(employee_number=facts["employee_number"]).first()
    if former is not None and former.removed_at is None:
        raise Taken("employee_number")
    account = {name: facts[name] for name in ACCOUNT if name in facts}
    own = {name: facts[name] for name in RECORD if name in facts}
    if former is not None:
        former.uid, former.removed_at, former.until = uuid4(), None, None
        former.since = own.pop("since", None) or clock.today()
        former.save(update_fields=["uid", "removed_at", "until", "since"])
        amend(by, former, account | own)
        come_back(by, former)
        return former
    _check_account(account)
    try:
        with transaction.atomic():
            user = open_account(by.owner, **account, source=by.name)
    except IntegrityError:
        raise Taken("username") from None
    staff = StaffRecord(user=user, **({"since": clock.today()} | own))
    _save(staff)
    send_link(by.owner, user, by.name)
    return staff


@transaction.atomic
def amend(by: Program, staff: StaffRecord, facts: dict[str, Any]) -> bool:
    """Set what differs of account and record; False if nothing does.

    Raises PermissionDenied for the way into a protected account, Taken and ValidationError.
    """
    user = staff.user
    account = {name: facts[name] for name in ACCOUNT if name in facts and getattr(user, name) != facts[name]}
    own = {name: facts[name] for name in RECORD if name in facts and getattr(staff, name) != facts[name]}
    if WAYS_IN & account.keys() and is_protected(by, user):
        raise PermissionDenied(_("這個帳號有人事系統不能給的職務，帳號與電子郵件請由系統管理員修改。"))
    if not account and not own:
        return False
    if account:
        _check_account({name: getattr(user, name) for name in ACCOUNT} | account, user)
        try:
            with transaction.atomic():
                change_account(by.owner, user, account, by.name)
        except IntegrityError:
            raise Taken("username") from None
    for name, value in own.items():
        setattr(staff, name, value)
    _save(staff)
    if own:
        record(by.owner, user, Verb.CHANGED, " ".join(own), by.name)
    return True


def close(by: Program, staff: StaffRecord) -> None:
    """Close the account for the time being; its memberships wait. Raises PermissionDenied for the owner's own."""
    if by.owner == staff.user:
        raise PermissionDenied(_("不能停用金鑰負責人自己的帳號。"))
    deactivate(by.owner, staff.user, by.name)
    _touch(staff)


def come_back(by: Program, staff: StaffRecord) -> None:
    """Open the account again. Raises PermissionDenied for a protected one."""
    if not staff.user.is_active and is_protected(by, staff.user):
        raise PermissionDenied(_("這個帳號有人事系統不能給的職務，請由系統管理員恢復使用。"))
    activate(by.owner, staff.user, by.name)
    _touch(staff)


@transaction.atomic
def leave(by: Program, staff: StaffRecord, last_day: date | None = None) -> None:
    """Somebody left: the account is closed and every membership ends, so that coming back brings no old rights."""
    close(by, staff)
    today = clock.today()
    held_or_to_come = Membership.objects.select_for_update().filter(user=staff.user).exclude(until__lt=today)
    for held in held_or_to_come.order_by("pk"):
        _end(by, held, today)
    staff.until = staff.until or max(last_day or today, staff.since)
    staff.removed_at = clock.now()
    staff.save(update_fields=["until", "removed_at"])


@transaction.atomic
def join(
    by: Program, staff: StaffRecord, unit: Unit, role: str, since: date | None = None, until: date | None = None
) -> Membership:
    """Begin a membership; one that holds already stays as it is. Raises PermissionDenied and ValidationError."""
    today = clock.today()
    if role not in PROVISIONED_ROLES:
        raise PermissionDenied(_("人事系統不能給「%(role)s」這個角色。") % {"role": role})
    if role not in provisioned_roles(is_crew=unit.is_crew, is_contractor=unit.is_contractor):
        raise ValidationError({"role": _("這個單位不能有這個角色。")})
    if by.owner == staff.user:
        raise PermissionDenied(_("不能變更金鑰負責人自己的職務。"))
    since = since or today
    same = Membership.objects.select_for_update().filter(user=staff.user, unit=unit, role=role)
    held = same.in_force(today).order_by("-since").first() or same.filter(since=since).first()
    if held is not None:
        if held.until is not None and (until is None or held.until < until) and held.until <= today:
            held.until = until  # it was ended today: the same row goes on, as nobody begins twice on a day
            held.save(update_fields=["until"])
            _note(by, held, Verb.JOINED)
        return held
    held = appoint(None, staff.user, role, unit=unit, since=since, until=until)
    _note(by, held, Verb.JOINED)
    _touch(staff)
    return held


@transaction.atomic
def part(by: Program, staff: StaffRecord, unit: Unit, role: str) -> None:
    """End a membership now; one that began today ends with the day. Raises PermissionDenied for the owner's own."""
    if by.owner == staff.user:
        raise PermissionDenied(_("不能變更金鑰負責人自己的職務。"))
    today = clock.today()
    held = Membership.objects.select_for_update().in_force(today).filter(user=staff.user, unit=unit, role=role)
    for each in held.order_by("pk"):
        _end(by, each, today)
    _touch(staff)


@transaction.atomic
def assign(
    by: Program, staff: StaffRecord, unit: Unit, role: str, since: date | None = None, until: date | None = None
) -> None:
    """Make this the person's post in the file: end the one that an earlier file began, if it is another, and begin.

    The end of one that holds may be set or come nearer; a later end is a membership of its own that follows.
    """
    held, today = staff.post, clock.today()
    if holds(staff, unit, role, until):
        return
    begin = since if held is None and since else today
    if (
        held is not None
        and (held.unit_id, held.role) == (unit.pk, role)
        and (held.until is None or held.until >= today)
    ):
        if until is not None and (held.until is None or until < held.until):
            held.until = max(until, held.since)
            held.save(update_fields=["until"])
            _note(by, held, Verb.LEFT)
            return
        if held.until is not None:
            begin = held.until + timedelta(days=1)
    elif held is not None:
        _end(by, held, today)
    staff.post = join(by, staff, unit, role, begin, until)
    staff.save(update_fields=["post"])


def holds(staff: StaffRecord, unit: Unit, role: str, until: date | None = None) -> bool:
    """Whether this is the person's post already, until then (or, with None, for now)."""
    held = staff.post
    if held is None or (held.unit_id, held.role) != (unit.pk, role):
        return False
    return held.until == until if until is not None else held.until is None or held.until >= clock.today()


def hold_unit(unit: Unit) -> None:
    """Let nobody else change who is in a unit until the transaction ends."""
    list(Unit.objects.select_for_update(no_key=True).filter(pk=unit.pk))


def _end(by: Program, held: Membership, today: date) -> None:
    last = max(held.since, today - timedelta(days=1))
    if held.until is None or held.until > last:
        held.until = last
        held.save(update_fields=["until"])
        _note(by, held, Verb.LEFT)


def _note(by: Program, held: Membership, verb: AccountEvent.Verb) -> None:
    place = held.unit.code if held.unit else held.agency.code if held.agency else "city"
    record(by.owner, held.user, verb, f"{place} {held.role}", by.name)


def is_protected(by: Program, user: User) -> bool:
    """Whether a program leaves the way into an account alone: its person is the key's owner, or holds, today or later,
    what the personnel system may not give."""
    others = Membership.objects.exclude(role__in=PROVISIONED_ROLES).filter(user=user)
    return user == by.owner or others.exclude(until__lt=clock.today()).exists()


def _check_account(account: dict[str, Any], user: User | None = None) -> None:
    """What the form of a person would say to these values, but for a name that is taken."""
    probe = User(**account)
    probe.username = User.normalize_username(probe.username)
    probe.full_clean(exclude=["password"], validate_unique=False)


def _save(staff: StaffRecord) -> None:
    staff.changed_at = clock.now()
    try:
        with transaction.atomic():
            staff.full_clean(exclude=["user", "manager", "post"], validate_unique=False)
            staff.save()
    except IntegrityError:
        raise Taken("employee_number") from None


def _touch(staff: StaffRecord) -> None:
    staff.changed_at = clock.now()
    staff.save(update_fields=["changed_at"])
