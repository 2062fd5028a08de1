"""Who works where: memberships are begun and ended, never rewritten, and each time it is noted by whom and why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import AccountLink
from identity.permissions import ROLES, STRONG
from organisation.actions.recording import describe, note
from organisation.models import Agency, AuthorityEvent, Membership, Post, Unit
from organisation.permissions import grants_of
from organisation.rules import CONTRACTOR_ROLES

if TYPE_CHECKING:
    from identity.models import User

MANAGE = "memberships:manage"
Verb = AuthorityEvent.Verb


@transaction.atomic
def appoint(
    actor: User | None,
    user: User,
    role: str = "",
    *,
    unit: Unit | None = None,
    agency: Agency | None = None,
    post: Post | None = None,
    since: date,
    until: date | None = None,
    reason: str = "",
) -> Membership:
    """Give a person a role in a unit, in an agency, or (with neither) in the city as a whole; a post gives its own.

    ``actor`` None is the operator's command line. Raises PermissionDenied without ``city:memberships:manage``, and
    ValidationError for an unknown role, for one whose permissions would reach nothing there (a case officer needs a
    unit, an agency head an agency), for another than the post gives, and for one of the strongest, which two people
    give (``actions.nominations``). In a contractor's crew nobody is anything but crew.
    """
    check_may(actor, user)
    terms = weigh(role, unit=unit, agency=agency, post=post, since=since, until=until)
    if actor is not None and terms["role"] in STRONG:
        raise ValidationError({"role": _("這個職務要由兩位系統管理員給予：一位提名，另一位同意。")})
    return begin(actor, user, terms, Verb.APPOINTED, reason)


def weigh(
    role: str, *, unit: Unit | None, agency: Agency | None, post: Post | None, since: date, until: date | None
) -> dict[str, Any]:
    """The terms of a membership, with the role that the post gives; ValidationError where they make no sense."""
    role = role or (post.role if post else "")
    if role not in ROLES:
        raise ValidationError({"role": _("沒有「%(value)s」這個角色。") % {"value": role}})
    if unit and agency:
        raise ValidationError({"agency": _("已指定單位時，不必再指定機關。")})
    scopes = {permission.partition(":")[0] for permission in ROLES[role].permissions}
    if "unit" in scopes and not unit:
        raise ValidationError({"unit": _("這個角色要指定單位。")})
    if unit and unit.is_contractor and role not in CONTRACTOR_ROLES:
        raise ValidationError({"role": _("廠商的外勤隊只能指定外勤人員。")})
    if "agency" in scopes and not (agency or unit):
        raise ValidationError({"agency": _("這個角色要指定機關。")})
    if post and post.unit_id != (unit and unit.pk):
        raise ValidationError({"post": _("這個職位不在該單位。")})
    if post and post.role and role != post.role:
        raise ValidationError({"role": wrong_role(post)})
    if until and until < since:
        raise ValidationError({"until": _("結束日早於起始日。")})
    return {"role": role, "unit": unit, "agency": agency, "post": post, "since": since, "until": until}


def wrong_role(post: Post) -> str:
    """What is said where somebody chose another role than the post gives."""
    label = ROLES[post.role].label if post.role in ROLES else post.role
    return _("「%(post)s」這個職位給的職務是「%(role)s」。") % {"post": post.label, "role": label}


def begin(actor: User | None, user: User, terms: dict[str, Any], verb: str, reason: str) -> Membership:
    """The membership of these terms, with the record of it; the caller has checked who gives it."""
    if AccountLink.objects.filter(citizen=user, ended_at__isnull=True).exists():
        raise ValidationError({"role": _("這是某人的市民帳號，請改用本人的公務帳號任職。")})
    held = Membership.objects.create(user=user, **terms)
    note(actor, user, verb, describe(held), reason, deed=MANAGE, membership=held)
    return held


@transaction.atomic
def dismiss(actor: User | None, membership: Membership, until: date, reason: str = "") -> None:
    """End a membership; ``until`` is its last day. It takes effect for a person with that person's next request."""
    check_may(actor, membership.user)
    if until < membership.since:
        raise ValidationError({"until": _("結束日早於起始日。")})
    membership.until = until
    membership.save(update_fields=["until"])
    note(actor, membership.user, Verb.DISMISSED, describe(membership), reason, deed=MANAGE, membership=membership)


@transaction.atomic
def succeed(
    actor: User | None, held: Membership, user: User, since: date, *, until: date | None = None, reason: str = ""
) -> Membership:
    """Hand a post on in one deed: whoever holds it by ``held`` ends the day before ``since``, ``user`` begins then.

    Raises ValidationError where it is no post, has ended or passed on already, or began no earlier than ``since``.
    """
    held = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user", "unit__agency", "post")
        .get(pk=held.pk)
    )
    if held.post is None:
        raise ValidationError({"since": _("這項任職沒有職位，不能交接。")})
    if held.user_id == user.pk:
        raise ValidationError({"user": _("接任的人不能是現在擔任這個職位的人。")})
    if held.until is not None and held.until < since:
        raise ValidationError({"since": _("現任在這一天之前已經結束；請直接任職。")})
    if since <= held.since:
        raise ValidationError({"since": _("交接日要晚於現任的起始日。")})
    dismiss(actor, held, since - timedelta(days=1), reason)
    role = held.post.role or held.role
    return appoint(actor, user, role, unit=held.unit, post=held.post, since=since, until=until, reason=reason)


def check_may(actor: User | None, user: User) -> None:
    """Nobody gives or takes their own roles: it takes two people to widen a right."""
    if actor is not None and (actor == user or not grants_of(actor).everywhere(f"city:{MANAGE}")):
        raise PermissionDenied
