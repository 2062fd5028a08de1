"""What is done with accounts, sign-ins and personal data, each with the record of it."""

from identity.actions.accounts import (
    activate,
    change_account,
    change_password,
    deactivate,
    issue_link,
    link_holder,
    open_account,
)
from identity.actions.disclosure import disclose
from identity.actions.sign_in import Locked, try_sign_in

__all__ = [
    "Locked",
    "activate",
    "change_account",
    "change_password",
    "deactivate",
    "disclose",
    "issue_link",
    "link_holder",
    "open_account",
    "try_sign_in",
]
