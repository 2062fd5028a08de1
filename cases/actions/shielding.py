"""Who complains of an agency stays unknown to it, until the controller agrees that it must know."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from cases.actions.performing import Said
from cases.models import Case, Contact
from cases.permissions import serves
from organisation.models import Unit
from organisation.permissions import grants_of


def shield(case: Case, actor, unit: Unit) -> Said:
    """Performer: hide the contact from a unit and its whole agency; a consent given earlier ends.

    Once hidden, only whoever may do so in the whole city, and does not serve there, may hide it from another instead.
    """
    contact = _contact(case)
    if earlier := contact.shielded_from_id:
        allowed = grants_of(actor).scope("cases:shield").city
        if not allowed or (serves(actor, earlier) and unit.agency_id != earlier):
            raise PermissionDenied("cases:shield")
    contact.shielded_from, contact.released_at = unit.agency, None
    contact.save(update_fields=["shielded_from", "released_at"])
    return Said(data={"unit": unit.name, "agency": unit.agency.name}, public=False)


def release(case: Case, actor, text: str) -> Said:
    """Performer: the controller agrees, with the reason, that the agency complained of sees the contact."""
    contact = _contact(case)
    if contact.shielded_from_id is None or contact.released_at:
        raise ValidationError({"text": _("本案的聯絡方式沒有對任何機關保密。")})
    contact.released_at = case.moment
    contact.save(update_fields=["released_at"])
    return Said(text, public=False)


def _contact(case: Case) -> Contact:
    contact = Contact.objects.select_for_update().filter(case=case).first()
    if contact is None:
        raise ValidationError(_("匿名通報，沒有聯絡方式。"))
    return contact
