"""Who works where: memberships are begun and ended, never rewritten."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from identity.models import AccountLink
from identity.permissions import ROLES
from organisation.models import Agency, Membership, Post, Unit
from organisation.permissions import grants_of
from organisation.rules import CONTRACTOR_ROLES

if TYPE_CHECKING:
    from identity.models import User


def appoint(
    actor: User | None,
    user: User,
    role: str,
    *,
    unit: Unit | None = None,
    agency: Agency | None = None,
    post: Post | None = None,
    since: date,
    until: date | None = None,
) -> Membership:
    """Give a person a role in a unit, in an agency, or (with neither) in the city as a whole.

    ``actor`` None is the operator's command line. Raises PermissionDenied without ``city:memberships:manage``, and
    ValidationError for an unknown role and for one whose permissions would reach nothing there: a case officer needs a
    unit, an agency head an agency. In a contractor's crew nobody is anything but crew.
    """
    _check(actor, user)
    if role not in ROLES:
        raise ValidationError({"role": _("沒有「%(value)s」這個角色。") % {"value": role}})
    if unit and agency:
        raise ValidationError({"agency": _("已指定單位時，不必再指定機關。")})
    if AccountLink.objects.filter(citizen=user, ended_at__isnull=True).exists():
        raise ValidationError({"role": _("這是某人的市民帳號，請改用本人的公務帳號任職。")})
    scopes = {permission.partition(":")[0] for permission in ROLES[role].permissions}
    if "unit" in scopes and not unit:
        raise ValidationError({"unit": _("這個角色要指定單位。")})
    if unit and unit.is_contractor and role not in CONTRACTOR_ROLES:
        raise ValidationError({"role": _("廠商的外勤隊只能指定外勤人員。")})
    if "agency" in scopes and not (agency or unit):
        raise ValidationError({"agency": _("這個角色要指定機關。")})
    if post and post.unit_id != (unit and unit.pk):
        raise ValidationError({"post": _("這個職位不在該單位。")})
    if until and until < since:
        raise ValidationError({"until": _("結束日早於起始日。")})
    return Membership.objects.create(
        user=user, role=role, unit=unit, agency=agency, post=post, since=since, until=until
    )


def dismiss(actor: User | None, membership: Membership, until: date) -> None:
    """End a membership; ``until`` is its last day. It takes effect for a person with that person's next request."""
    _check(actor, membership.user)
    if until < membership.since:
        raise ValidationError({"until": _("結束日早於起始日。")})
    membership.until = until
    membership.save(update_fields=["until"])


def _check(actor: User | None, user: User) -> None:
    """Nobody gives or takes their own roles: it takes two people to widen a right."""
    if actor is not None and (actor == user or not grants_of(actor).everywhere("city:memberships:manage")):
        raise PermissionDenied
