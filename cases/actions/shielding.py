"""Who complains of an agency stays unknown to it, until the controller agrees that it must know."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.actions.performing import Said
from cases.models import Case, Contact
from organisation.models import Unit


def shield(case: Case, actor, unit: Unit) -> Said:
    """Performer: hide the contact from a unit and its whole agency; a consent given earlier ends."""
    contact = _contact(case)
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
