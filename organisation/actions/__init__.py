"""What is done to the organisation: a pack is loaded, a closure declared, a person appointed."""

from organisation.actions.appointments import appoint, dismiss
from organisation.actions.closures import declare_closure, revoke_closure
from organisation.actions.loading import Changes, WrongCity, check_city, load_pack

__all__ = [
    "Changes",
    "WrongCity",
    "appoint",
    "check_city",
    "declare_closure",
    "dismiss",
    "load_pack",
    "revoke_closure",
]
