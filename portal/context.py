"""What every page of the house knows: its city, and where the reader's own work is."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from organisation import storm
from organisation.pack import pack
from organisation.permissions import grants_of

# Where somebody's work begins, by the first permission that they hold.
WORK = (
    ("unit:jobs:accept", "/crew/"),
    ("unit:cases:read", "/desk/"),
    ("city:users:manage", "/people/"),
    ("city:disclosures:read", "/disclosures/"),
    ("city:templates:edit", "/desk/templates/"),
    ("city:annualreport:read", "/annual-report/"),
    ("own:cases:read", "/my-cases/"),
)


def house(request: HttpRequest) -> dict:
    """Template context ``city``, ``storm`` and ``nav``; roles are asked for only where a page shows the way to work."""
    return {
        "city": pack().city,
        "storm": storm.known(),
        "nav": {"work": SimpleLazyObject(lambda: work_of(request.user))},
    }


def work_of(user) -> str:
    """The address of a person's own work, or an empty text."""
    grants = grants_of(user)
    return next((address for permission, address in WORK if grants.has(permission)), "")
