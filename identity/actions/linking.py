"""One person, two accounts: shown from both, each with sessions of its own.

Signed in to one account, the person has a code shown; signed in to the other, by whatever that asks for, the person
enters it. So each account is proven in its own way, and linking opens nothing: the other is entered by signing in.
"""

import secrets
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction

from foundation import clock
from foundation.encryption import digest, digests
from identity.actions.accounts import record
from identity.actions.rights import serves
from identity.models import AccountEvent, AccountLink, LinkOffer, User
from identity.rules import recovery_code, recovery_spelling

GOOD_FOR: Final = timedelta(minutes=15)


class LinkRefused(Exception):
    """Why two accounts are not linked: ``code`` (none such), ``kind`` (two of one), ``linked`` before."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def offer_link(user: User) -> str:
    """A code that the person's other account is to enter within a quarter of an hour, in place of an earlier one."""
    code = recovery_code(secrets.choice)
    values = {"code": digest(_salted(code)), "expires_at": clock.now() + GOOD_FOR}
    LinkOffer.objects.update_or_create(user=user, defaults=values)
    return code


def link_accounts(user: User, typed: str) -> AccountLink:
    """Link with the account that had this code shown; the code is good once. Raises LinkRefused."""
    known = digests(_salted(recovery_spelling(typed)))
    offers = LinkOffer.objects.filter(code__in=known, expires_at__gt=clock.now(), user__is_active=True)
    with transaction.atomic():
        offer = offers.select_related("user").select_for_update(of=("self",)).exclude(user=user).first()
        if offer is None:
            raise LinkRefused("code")
        other = offer.user
        if serves(user) == serves(other):
            raise LinkRefused("kind")
        office, citizen = (user, other) if serves(user) else (other, user)
        try:
            with transaction.atomic():
                link = AccountLink.objects.create(office=office, citizen=citizen)
        except IntegrityError:
            raise LinkRefused("linked") from None
        offer.delete()
        for each in (office, citizen):
            record(user, each, AccountEvent.Verb.LINKED)
        return link


def other_account(user: User) -> User | None:
    """The person's other account, if the two are linked."""
    link = AccountLink.objects.visible_to(user).select_related("office", "citizen").first()
    if link is None:
        return None
    return link.citizen if link.office_id == user.pk else link.office


@transaction.atomic
def unlink(user: User) -> bool:
    """End the link, from either account; False if there is none."""
    link = AccountLink.objects.visible_to(user).select_for_update().first()
    if link is None:
        return False
    link.ended_at = clock.now()
    link.save(update_fields=["ended_at"])
    for each in (link.office, link.citizen):
        record(user, each, AccountEvent.Verb.UNLINKED)
    return True


def _salted(code: str) -> str:
    return f"account link\n{recovery_spelling(code)}"
