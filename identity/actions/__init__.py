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
from identity.actions.api_keys import KeyRefused, QuotaSpent, admit, change_key, issue_key, withdraw_key
from identity.actions.disclosure import disclose
from identity.actions.sessions import end_other_sessions, end_session, ended, sid_of
from identity.actions.sign_in import Locked, try_sign_in

__all__ = [
    "KeyRefused",
    "Locked",
    "QuotaSpent",
    "activate",
    "admit",
    "change_account",
    "change_key",
    "change_password",
    "deactivate",
    "disclose",
    "end_other_sessions",
    "end_session",
    "ended",
    "issue_key",
    "issue_link",
    "link_holder",
    "open_account",
    "sid_of",
    "try_sign_in",
    "withdraw_key",
]
