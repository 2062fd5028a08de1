"""What the nights are for: what has run out goes, the next months are made ready, who must act is told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import override

from foundation import clock
from foundation.clock import TAIPEI
from identity.models import Language
from messages.actions import send
from singlesignon.models import (
    AnsweredRequest,
    AuthorizationCode,
    AuthorizationRequest,
    ClientSecret,
    DeviceAuthorization,
    RelyingSystem,
    SigningKey,
    Token,
)

MONTHS_AHEAD: Final = 3
KEPT: Final = timedelta(days=1)  # what ran out stays so long, to recognise a second use
REMINDERS: Final = (60, 14)  # days before the end


def tidy() -> None:
    """Remove what ran out a day ago, and make the months to come of the log."""
    before = clock.now() - KEPT
    # Codes first: a code used twice is recognised for as long as it is known.
    for model in (AuthorizationCode, AuthorizationRequest, DeviceAuthorization):
        model.objects.filter(expires_at__lt=before).delete()
    # A used refresh token is known until it would have run out, and its copy gives itself away till then.
    Token.objects.filter(expires_at__lt=before).delete()
    AnsweredRequest.objects.filter(at__lt=before).delete()
    ClientSecret.objects.filter(expires_at__lt=before).delete()
    today = clock.today()
    partitions(today, today + timedelta(days=31 * MONTHS_AHEAD))


def partitions(first: date, last: date) -> None:
    """Make the log's partitions of the months from ``first`` to ``last``; those that are there stay."""
    month = first.replace(day=1)
    with connection.cursor() as cursor:
        while month <= last:
            cursor.execute("SELECT singlesignon_partition(%s)", [month])
            month = (month + timedelta(days=32)).replace(day=1)


@transaction.atomic
def remind(on: date | None = None) -> int:
    """Tell who answers for a system that its contract or its newest secret ends in 60 or in 14 days, or that our
    certificate changes by then; how many letters.

    Once for each of the two dates, also if a morning was missed. May run twice or late without harm.
    """
    day = on or clock.today()
    letters = 0
    for within in REMINDERS:
        due = RelyingSystem.objects.select_for_update(of=("self",), skip_locked=True).for_list()
        for system in due.to_be_reminded(day, timedelta(days=within)):
            system.reminded_on = day
            system.save(update_fields=["reminded_on"])
            letters += _tell("contract", system, system.contract_until, day)
        secrets = ClientSecret.objects.select_for_update(of=("self",), skip_locked=True).select_related(
            "client__system"
        )
        for secret in secrets.to_be_reminded(day, timedelta(days=within)):
            secret.reminded_on = day
            secret.save(update_fields=["reminded_on"])
            letters += _tell("secret", secret.client.system, secret.expires_at.astimezone(TAIPEI).date(), day)
        changes = SigningKey.objects.select_for_update(skip_locked=True)
        for key in changes.to_be_reminded(day, timedelta(days=within)):
            key.reminded_on = day
            key.save(update_fields=["reminded_on"])
            for system in RelyingSystem.objects.for_list().speaking_saml():
                letters += _tell("certificate", system, key.signs_from.astimezone(TAIPEI).date(), day)
    return letters


def _tell(notice: str, system: RelyingSystem, until: date, day: date) -> int:
    return tell_contacts(notice, system, {"until": until, "days": (until - day).days})


def tell_contacts(notice: str, system: RelyingSystem, words: dict[str, Any]) -> int:
    """A letter to who answers for a system, and to who applied for it; how many."""
    people: dict[str, str] = {system.contact_email: Language.TRADITIONAL_CHINESE}
    if system.applied_by.is_active and system.applied_by.email:
        people[system.applied_by.email] = system.applied_by.language
    for address, language in people.items():
        with override(language):
            context = {"system": system.label, "pk": system.pk, **words}
        send(f"singlesignon.{notice}", address, language, context, "singlesignon.system", system.pk)
    return len(people)
