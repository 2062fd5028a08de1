"""Grants without an organisation: roles held in memory, in the place of the source that reads memberships."""

from identity.permissions import ROLES

HELD: dict[int, set[str]] = {}


class RoleGrants:
    def __init__(self, roles: frozenset[str]) -> None:
        self.roles = roles

    def has(self, permission: str) -> bool:
        return any(ROLES[role].may(permission) for role in self.roles)

    def acting_for(self, deed: str) -> int | None:
        return None

    def words(self) -> tuple[str, ...]:
        return tuple(str(ROLES[role].label) for role in ROLES if role in self.roles)


def work_of(user) -> str:
    """Where work is, without a portal: officers have a desk, others nothing."""
    return "/desk/" if "case_officer" in HELD.get(user.pk, ()) else ""


def grants_of(user) -> RoleGrants:
    if not user.is_authenticated or not user.is_active:
        return RoleGrants(frozenset())
    return RoleGrants(frozenset({"citizen", *HELD.get(user.pk, ())}))
