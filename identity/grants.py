"""Where a person's permissions come from.

Memberships lie in ``organisation``, which stands above this layer and imports it. So the source of grants is named in
the settings (``GRANTS = "organisation.permissions.grants_of"``) and found by name: the dependency is inverted, and the
doors and ``visible_to`` can stand here at the bottom, where every app can use them.
"""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Grants(Protocol):
    """What a person may do, as ``organisation`` answers it from memberships."""

    @property
    def roles(self) -> frozenset[str]:
        """The codes of the roles held; ``citizen`` included for whoever is signed in."""
        ...

    def has(self, permission: str) -> bool:
        """Whether any of the roles holds the permission (``unit:cases:read``) at that scope or a wider one."""
        ...

    def acting_for(self, deed: str) -> int | None:
        """Whose deputy the person is where ``resource:action`` is theirs only as one; else None."""
        ...

    def words(self) -> tuple[str, ...]:
        """The person's memberships in words, one each, e.g. ``承辦人員（工務局道路養護科）``."""
        ...


def grants_for(user) -> Grants:
    """The grants of a user, anonymous or not. Kept on the user object by the source, so asking again is free."""
    return import_string(settings.GRANTS)(user)
