"""Showing personal data, with the record of it."""

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from identity.models import Disclosure, User
from identity.permissions import capacities_of


def disclose(
    actor: User, subject: str, subject_id: object, fields: Iterable[str], purpose: str | Promise, *, client: str = ""
) -> Disclosure:
    """Write that personal data is being shown to ``actor``; call it in the transaction that reads the data.

    ``subject`` is the kind of record ("case"), ``subject_id`` its number, ``fields`` the names of what is shown
    ("name", "phone"), ``purpose`` the reason given, ``client`` the address as ``foundation.ratelimit.client_ip`` says.
    Keeping records of use is among the measures of 個人資料保護法施行細則 12 II (10). One SQL statement.
    """
    with translation.override(settings.LANGUAGE_CODE):  # the log has one language, whatever the actor reads
        capacity = "；".join(capacities_of(actor))[:300]
        reason = str(purpose)
    return Disclosure.objects.create(
        actor=actor,
        capacity=capacity,
        subject=subject,
        subject_id=str(subject_id),
        fields=list(fields),
        purpose=reason,
        client=client,
    )
