"""What is done to the organisation: a pack is loaded, a closure declared, a person appointed."""

from organisation.actions.appointments import appoint, dismiss, succeed
from organisation.actions.closures import declare_closure, revoke_closure
from organisation.actions.deputising import end_deputyship, name_deputy
from organisation.actions.loading import Changes, WrongCity, check_city, load_pack
from organisation.actions.nominations import confirm, propose, refuse

__all__ = [
    "Changes",
    "WrongCity",
    "appoint",
    "check_city",
    "confirm",
    "declare_closure",
    "dismiss",
    "end_deputyship",
    "load_pack",
    "name_deputy",
    "propose",
    "refuse",
    "revoke_closure",
    "succeed",
]
