"""A forgotten password, set anew by a link in a letter or a code on the telephone, to a confirmed address alone.

Nothing is looked up while the page answers: a job does it, so that the answer is the same for every address and takes
the same time (OWASP ASVS 5.0, 6.3.8). It proves less than the counter does and takes no second factor away.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction

from foundation import clock, jobs
from foundation.encryption import decrypt, digests, encrypt
from identity.actions.accounts import change_password
from identity.actions.factors import has_second_factor, set_always_second
from identity.actions.phones import code_was, send_code
from identity.actions.registration import letter_token, note_letter, salted, too_many_letters
from identity.actions.telling import tell
from identity.models import AccountEvent, AddressProof, PhoneProof, User

GOOD_FOR: Final = timedelta(minutes=30)
_JOB: Final = "identity.send_reset"


def ask_to_reset(address: str, proof: str, client: str) -> None:
    """Have a letter or a code sent to an address or a number (E.164), if it is somebody's; nothing tells whether.

    ``proof`` is what the code will be asked for under (a UUID), ``client`` where it is asked from.
    """
    jobs.defer(_JOB, address=encrypt(address), proof=proof, client=client)


@transaction.atomic
def send_reset(sealed: str, proof: str, client: str) -> None:
    """The job: the letter, or the code, to whose address it is; nothing to anybody else."""
    address = decrypt(sealed)
    if address.startswith("+"):
        user = User.objects.reached_at(address)
        if user and not PhoneProof.objects.filter(pk=proof).exists():  # the job may run twice
            sent = send_code(PhoneProof.Purpose.RESET, address, user.language, client, user=user, proof=proof)
            _note(user if sent else None)
        return
    user = User.objects.shown_by(address)
    if user is None or not user.is_active or too_many_letters(address):
        return
    token = letter_token()
    note_letter(AddressProof.Purpose.RESET, address, user.language, user, token, good_for=GOOD_FOR)
    minutes = GOOD_FOR // timedelta(minutes=1)
    tell("identity.reset", user, {"path": f"/password/reset/{token}/", "minutes": minutes})
    _note(user)


def reset_by(token: str) -> AddressProof | None:
    """The letter that a link was in, if it still sets a password: of an open account that has this address still."""
    meant = AddressProof.objects.resets().filter(token__in=digests(salted(token))).select_related("user").first()
    if meant is None or meant.user is None or not meant.user.is_active:
        return None
    has_it = meant.user.email_verified and meant.user.email.lower() == meant.email.lower()
    return meant if has_it else None


@transaction.atomic
def reset_password(proof: AddressProof, password: str) -> bool:
    """Give the account of the letter the password, once; False if the link was used or has run out."""
    if not AddressProof.objects.resets().filter(pk=proof.pk).update(used_at=clock.now()):
        return False
    assert proof.user is not None  # by a constraint
    _reset(proof.user, password)
    return True


@transaction.atomic
def reset_password_by_code(proof: str, code: str, password: str) -> bool:
    """Give the account that the code was sent to the password; False for a code that is wrong, used or run out."""
    found = code_was(PhoneProof.Purpose.RESET, proof, code)
    if found is None or found.user is None or not found.user.is_active or found.user.phone != found.phone:
        return False
    _reset(found.user, password)
    return True


def _reset(user: User, password: str) -> None:
    """Whoever reads another's mail comes no further than the second factor: from now on it is always asked for."""
    change_password(user, password)
    if has_second_factor(user) and not user.always_second:
        set_always_second(user, True)


def _note(user: User | None) -> None:
    if user:
        AccountEvent.objects.create(user=user, actor=user, verb=AccountEvent.Verb.RESET_ASKED)
