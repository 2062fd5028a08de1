"""Where 行動自然人憑證 shows on the pages of accounts."""

from typing import Any

from django import template

from identity.citizen_certificate.adapter import service
from identity.models import Certificate, User

register = template.Library()


@register.inclusion_tag("identity/certificate/entry.html")
def certificate_entry(address: str = "") -> dict[str, Any]:
    """The way in beside the password, where it is offered. ``address``: where the person was going."""
    return {"is_open": service().is_open(), "next": address}


@register.inclusion_tag("identity/certificate/card.html")
def certificate_card(user: User) -> dict[str, Any]:
    """What is bound to somebody's own account; nothing where there is nothing to bind."""
    return {"is_open": service().is_open(), "certificate": Certificate.objects.visible_to(user).first()}
