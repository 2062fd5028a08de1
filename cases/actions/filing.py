"""A report comes in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.actions.performing import GROUP, TOPIC, record, tell
from cases.actions.routing import by_reference, decide
from cases.models import Attachment, Case, Contact
from cases.registry import kinds
from cases.rules import CODE_ALPHABET, CODE_LENGTH, cell_of
from figures.actions import touch
from foundation.clock import TAIPEI, now
from foundation.encryption import digest
from foundation.inserting import insert, together
from foundation.roc import roc_year
from organisation import directory, storm
from organisation.geography import locate
from search.actions import index, index_later


@dataclass(frozen=True)
class Reporter:
    """Who reports; all parts may be empty, and then the report is anonymous."""

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = "zh-hant"
    wants_mail: bool = True
    confidential: bool = False
    user: Any = None
    line: str = ""
    wants_sms: bool = False
    # The agency complained of, which must not learn who reports.
    against: Any = None

    def __bool__(self) -> bool:
        return bool(self.name or self.email or self.phone or self.line or self.user)


@dataclass(frozen=True)
class Filing:
    """What a report says, as any door collects it."""

    kind_code: str
    description: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    channel: str = "web"
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    place_note: str = ""
    district_code: str = ""
    reporter: Reporter = Reporter()
    photos: Sequence[UUID] = ()
    submission: UUID | None = None
    received_at: datetime | None = None
    actor: Any = None
    # What another register calls it: the number of a letter or a fax. Once for each source.
    source: str = ""
    source_number: str = ""
    # A part that an officer splits off: nobody is there to answer the kind's questions.
    split: bool = False


def case_number(series: str, on: date) -> tuple[str, tuple[str, int]]:
    """What `cases.models.case.CaseNumber` is to the ORM, as a statement that is kept prepared has it."""
    return "case_number(%s, %s)", (series, roc_year(on))


def new_code() -> str:
    """A secret code that can be read out: 8 of 23 letters, 36 bits, behind a rate limit."""
    return "".join(secrets.choice(CODE_ALPHABET) for _i in range(CODE_LENGTH))


def file_case(filing: Filing, also: Callable[[Case], object] | None = None) -> Case:
    """File a report: case, contact, event, search entry, figures' mark, letter and job, in one transaction.

    ``also`` is done with the new case before it commits. The same ``submission`` twice (a double tap, a retry on a bad
    network) gives the same case. Raises ValidationError by field; nothing is kept then.
    """
    kind = _known_kind(filing.kind_code)
    values = {} if filing.split else kind.clean(filing.fields)
    if not filing.reporter and not kind.anonymous and not filing.split:
        raise ValidationError({"email": _("這類案件需要能聯絡到您，請留下電子郵件或電話。")})
    place = locate(filing.lon, filing.lat) if filing.lon is not None and filing.lat is not None else None
    district = place.district_code if place else filing.district_code
    try:
        with transaction.atomic(), together():
            case = _write(filing, kind, values, district, place)
            if also:
                also(case)
            return case
    except IntegrityError:
        if filing.submission and (earlier := Case.objects.filter(submission=filing.submission).first()):
            return earlier
        raise


def _known_kind(code: str):
    try:
        return kinds()[code]
    except KeyError:
        raise ValidationError({"kind": _("請選擇要通報的事項。")}) from None


def _write(filing: Filing, kind, values: dict, district: str, place) -> Case:
    received = filing.received_at or now()
    on = received.astimezone(TAIPEI).date()
    words = f"{filing.description}\n{filing.place_note}"
    routed = by_reference(kind, values) or decide(kind.code, district, filing.address, words, received)
    case = Case(
        kind_code=kind.code,
        state=kind.lifecycle.initial,
        channel=filing.channel,
        description=filing.description,
        fields=values,
        address=filing.address,
        place_note=filing.place_note,
        lon=filing.lon,
        lat=filing.lat,
        cell=cell_of(filing.lon, filing.lat),
        district=directory.district(district),
        village_id=place.village_code if place else None,
        unit=directory.unit(routed.unit),
        received_at=received,
        received_on=on,
        secret=new_code(),
        submission=filing.submission,
        source=filing.source,
        source_number=filing.source_number,
    )
    case.make_promise(kind.promise(on), received)
    insert(case, returning=("id", "number"), number=case_number(kind.family.series, on))
    contact = write_contact(case, filing.reporter) if filing.reporter else None
    record(case, "file", filing.actor, at=received, public=True, by_citizen=filing.actor is None, deed="cases:file",
           data={"channel": filing.channel, "routing": routed.version, "rule": routed.rule})  # fmt: skip
    if filing.photos:
        Attachment.objects.drafts(filing.photos).update(case=case)
    for follow_up in kind.family.on_filing:
        follow_up(case)
    index_case(case)
    touch(GROUP, {on})
    if contact and (notice := kind.family.notices.get("file")):
        tell(case, notice, contact=contact)
    return case


def write_contact(case: Case, reporter: Reporter) -> Contact:
    """Keep the reporter's contact apart from the case."""
    contact = Contact(
        case=case,
        reporter=reporter.user,
        name=reporter.name,
        email=reporter.email,
        phone=reporter.phone,
        email_digest=digest(reporter.email) if reporter.email else "",
        phone_digest=digest(reporter.phone) if reporter.phone else "",
        line=reporter.line,
        line_digest=digest(reporter.line) if reporter.line else "",
        language=reporter.language,
        wants_mail=reporter.wants_mail,
        wants_sms=reporter.wants_sms,
        confidential=reporter.confidential,
        shielded_from=reporter.against,
    )
    insert(contact)
    return contact


def index_case(case: Case) -> None:
    """Put a case into the search: number and kind as the title, place and words as the body. In a storm: later."""
    if storm.is_on():
        index_later(TOPIC, case.pk)
        return
    index(TOPIC, case.pk, search_title(case), search_body(case))


def search_title(case: Case) -> str:
    """What a case is found by first: its number and what it is about."""
    return f"{case.number} {case.kind.label_zh}"


def search_body(case: Case) -> str:
    """The words of a case that officers search for; personal data are not among them."""
    with override(settings.LANGUAGE_CODE):  # found by the same words, whoever filed it
        return "\n".join((case.place, case.description, case.source_number, *(value for _label, value in case.answers)))
