"""What is done with accounts, sign-ins and personal data, each with the record of it."""

from identity.actions.accounts import (
    activate,
    change_account,
    change_password,
    deactivate,
    issue_link,
    link_holder,
    open_account,
    record,
    send_link,
)
from identity.actions.api_keys import KeyRefused, QuotaSpent, admit, change_key, issue_key, withdraw_key
from identity.actions.devices import note_device
from identity.actions.disclosure import disclose
from identity.actions.factors import (
    add_totp,
    has_second_factor,
    has_totp,
    new_recovery_codes,
    new_totp_secret,
    remove_factors,
    remove_totp,
    set_always_second,
    use_recovery_code,
    use_totp,
)
from identity.actions.passkeys import (
    PasskeyRefused,
    add_passkey,
    remove_passkey,
    rename_passkey,
    try_passkey,
    use_passkey,
)
from identity.actions.registration import AddressTaken, ask_to_confirm, asked_by, confirm, register
from identity.actions.rights import Serves, erase, export, serves
from identity.actions.sessions import end_other_sessions, end_session, ended, sid_of
from identity.actions.sign_in import Locked, try_factor, try_sign_in

__all__ = [
    "AddressTaken",
    "KeyRefused",
    "Locked",
    "PasskeyRefused",
    "QuotaSpent",
    "Serves",
    "activate",
    "add_passkey",
    "add_totp",
    "admit",
    "ask_to_confirm",
    "asked_by",
    "change_account",
    "change_key",
    "change_password",
    "confirm",
    "deactivate",
    "disclose",
    "end_other_sessions",
    "end_session",
    "ended",
    "erase",
    "export",
    "has_second_factor",
    "has_totp",
    "issue_key",
    "issue_link",
    "link_holder",
    "new_recovery_codes",
    "new_totp_secret",
    "note_device",
    "open_account",
    "record",
    "register",
    "remove_factors",
    "remove_passkey",
    "remove_totp",
    "rename_passkey",
    "send_link",
    "serves",
    "set_always_second",
    "sid_of",
    "try_factor",
    "try_passkey",
    "try_sign_in",
    "use_passkey",
    "use_recovery_code",
    "use_totp",
    "withdraw_key",
]
