"""The record of what was done to what people may do, and the letters about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from identity.permissions import ROLES
from organisation.models import AuthorityEvent, Deputyship, Membership, Nomination
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from identity.models import User


def describe(held: Membership | Nomination, language: str = settings.LANGUAGE_CODE) -> str:
    """A membership in words, in the language of the city unless another is named: role, place and post."""
    with override(language):
        role = str(ROLES[held.role].label) if held.role in ROLES else held.role
        if held.unit:
            place = _("%(agency)s %(unit)s") % {"agency": held.unit.agency.label, "unit": held.unit.label}
        else:
            place = held.agency.label if held.agency else _("全市")
        if held.post:
            place = _("%(place)s，%(post)s") % {"place": place, "post": held.post.label}
        return _("%(role)s（%(place)s）") % {"role": role, "place": place}


def describe_deputy(deputyship: Deputyship, language: str = settings.LANGUAGE_CODE) -> str:
    """A deputyship in words, from the deputy's side: whose, and what the membership is."""
    office = describe(deputyship.membership, language)
    with override(language):
        return _("代理%(name)s：%(office)s") % {"name": deputyship.absent.name, "office": office}


def note(
    actor: User | None,
    user: User,
    verb: str,
    what: str,
    reason: str = "",
    *,
    deed: str,
    membership: Membership | None = None,
) -> AuthorityEvent:
    """Write down what was done to what ``user`` may do. ``deed`` is the right (``resource:action``) that it took."""
    return AuthorityEvent.objects.create(
        user=user,
        actor=actor,
        acting_for_id=grants_of(actor).acting_for(deed) if actor is not None else None,
        verb=verb,
        what=what[:200],
        reason=reason.strip()[:200],
        membership=membership,
    )
