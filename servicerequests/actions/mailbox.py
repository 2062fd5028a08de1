"""What comes into the mayor's mailbox: answers go to their case, the rest becomes a petition.

An address is believed when its owner has followed the link that only they got. Until then nobody gets a number or a
code by it, and a petition from the web is not in the queue.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.files import attach, keep_file
from cases.actions.filing import Filing, Reporter, file_case
from cases.actions.performing import TOPIC, locked, perform, record, tell
from cases.models import Case, Contact
from cases.registry import Kind, kinds
from foundation.clock import now, today
from foundation.encryption import digest, digests
from messages import inbox
from messages.actions import send
from messages.mime import File, Mail
from messages.models import Became, Inbound, Way
from messages.receivers import Verdict
from organisation import directory
from organisation.pack import pack
from servicerequests.models import ApiFiling

CONFIRM = "servicerequests.confirm"  # the notice, and the salt of its link
INBOUND = "citymessages.inbound"
FILES_MOST = 10  # of one mail
WORDS_MOST = 2000  # characters of a description
PASSED_OVER = (Became.AUTOMATIC, Became.DISMISSED, Became.UNREADABLE)  # what a person may take up after all


def rule(name: str) -> int:
    """A number of the city pack's rule data, as in force today."""
    return int(pack().rule(name, today()).value)


def general() -> Kind:
    """The kind for whatever no other one fits, which the pack puts last."""
    return [kind for kind in kinds().values() if kind.active(today())][-1]


# -- An answer to one of our letters -----------


def add_to_case(inbound: Inbound, mail: Mail, case: Case) -> Verdict:
    """What the reporter answers belongs to the case: as what an officer asked for if one did, else as a remark."""
    case = locked(case.pk)
    verb = next((v for v in ("supply", "comment") if case.kind.lifecycle.transition(v, case.state)), None)
    if verb is None:
        return Verdict(
            Became.PERSON, _("案件%(number)s已併案或撤回，不能再補充。") % {"number": case.number}, TOPIC, case.pk
        )
    text = mail.text or _("（信中沒有文字，只有附件）")
    perform(None, case.pk, verb, by_citizen=True, key=f"inbound:{inbound.token.hex}", text=text)
    for file in good_files(mail.files):
        attach(case, None, file, by_citizen=True)
    return Verdict(Became.ADDED, "", TOPIC, case.pk)


def wrote(contact: Contact | None, address: str) -> bool:
    """Whether this is the address that the reporter of a case left."""
    return bool(contact and contact.email_digest and contact.email_digest in digests(address))


def good_files(files: Sequence[File]) -> list[ContentFile]:
    """The files that can be taken; which cannot, and why, stands in the mail's row already."""
    good = []
    for file in files[:FILES_MOST]:
        try:
            inbox.check_upload(file.content)
        except ValidationError:
            continue
        good.append(ContentFile(file.content, name=file.name))
    return good


# -- A new matter -----------


def await_person(
    inbound: Inbound, mail: Mail, reason: str = "", topic: str = "", topic_id: int | None = None
) -> Verdict:
    """A person looks at it; its sender is asked to confirm the address, a few times a day at most."""
    if letters_today(mail.sender) < rule("mailbox_letters_a_day"):
        ask_to_confirm(inbound, mail.sender)
    return Verdict(Became.PERSON, reason, topic, topic_id)


def letters_today(address: str) -> int:
    """What one address has sent within a day, each of which called for a letter."""
    return Inbound.objects.sent_by(digests(address), now() - timedelta(days=1)).count()


def ask_to_confirm(inbound: Inbound, address: str) -> None:
    """Send the link that proves an address to be its owner's."""
    context = {
        "seal": seal(inbound),
        "days": rule("petition_confirm_days"),
        "petition": inbound.way == Way.WEB,
        "kind": inbound.subject if inbound.way == Way.WEB else "",
    }
    send(CONFIRM, address, inbound.language, context, INBOUND, inbound.pk)


def seal(inbound: Inbound) -> str:
    """What stands in the link: signed, and good as long as the content is kept."""
    return signing.dumps(inbound.token.hex, salt=CONFIRM)


def unseal(text: str) -> UUID | None:
    """The row that a link leads to, or None if nobody of this city hall wrote it."""
    try:
        return UUID(signing.loads(text, salt=CONFIRM))
    except (signing.BadSignature, ValueError):
        return None


@dataclass(frozen=True)
class Program:
    """The program that sent a petition for somebody: its key, its reference, and the digest of all that it sent."""

    key: int
    reference: str
    fingerprint: str


@transaction.atomic
def await_confirmation(filing: Filing, program: Program | None = None) -> Inbound:
    """Keep a petition from the web until its address is confirmed. The same submission twice waits once.

    Raises ValidationError when the address has had its letters for the day: nobody is pestered through this form.
    """
    fingerprint = _fingerprint(filing.submission)
    earlier = Inbound.objects.filter(fingerprint=fingerprint).first()
    if earlier is not None:
        return earlier
    reporter = filing.reporter
    if letters_today(reporter.email) >= rule("mailbox_letters_a_day"):
        raise ValidationError({"email": _("這個電子郵件今天的確認信已寄到上限，請先打開信裡的連結，或明天再試。")})
    inbound = Inbound(
        way=Way.WEB,
        fingerprint=fingerprint,
        received_at=now(),
        raw=_packed(filing, program),
        sender=reporter.email,
        sender_name=reporter.name,
        sender_digest=digest(reporter.email),
        subject=kinds()[filing.kind_code].label_zh,
        text=filing.description,
        language=reporter.language,
        became=Became.CONFIRMING,
    )
    if not inbox.keep(inbound):  # a double tap, in this very moment
        return Inbound.objects.get(fingerprint=fingerprint)
    ask_to_confirm(inbound, reporter.email)
    return inbound


REPORTER = ("name", "email", "phone", "language", "confidential", "wants_sms")
FILED = ("kind_code", "description", "fields", "channel", "lon", "lat", "address", "place_note", "district_code")


def waiting_for(submission: UUID) -> Inbound | None:
    """The petition of a submission, while it waits for its address."""
    return Inbound.objects.filter(fingerprint=_fingerprint(submission), became=Became.CONFIRMING).first()


def _fingerprint(submission: UUID | None) -> str:
    return f"web:{submission}"


def program_of(inbound: Inbound) -> Program | None:
    """The program that sent a waiting petition; None if a person did."""
    kept = json.loads(inbound.raw or "{}").get("program")
    return Program(**kept) if kept else None


def _packed(filing: Filing, program: Program | None) -> str:
    reporter = {name: getattr(filing.reporter, name) for name in REPORTER}
    against = filing.reporter.against
    return json.dumps(
        {name: getattr(filing, name) for name in FILED}
        | {"reporter": reporter | {"against": against.code if against else None}}
        | {"photos": [str(token) for token in filing.photos], "submission": str(filing.submission)}
        | ({"program": asdict(program)} if program else {})
    )


def _unpacked(text: str) -> Filing:
    kept = json.loads(text)
    kept.pop("program", None)
    against = kept["reporter"].pop("against", None)
    kept["reporter"] = Reporter(**kept["reporter"], against=directory.agency(against) if against else None)
    kept["photos"] = [UUID(token) for token in kept["photos"]]
    kept["submission"] = UUID(kept["submission"])
    return Filing(**kept)


# -- The address is confirmed -----------


def confirmed(inbound: Inbound) -> Verdict | None:
    """A petition from the web is filed, and its clock starts now. A mail that is a case already: its sender gets the
    number. One that is not yet: the agent files it, or it files itself where the city has decided so."""
    if inbound.way == Way.WEB and inbound.became == Became.CONFIRMING:
        case = file_case(_unpacked(inbound.raw))
        if program := program_of(inbound):
            ApiFiling.objects.note(case.pk, program.key, program.reference, program.fingerprint)
        return Verdict(Became.FILED, "", TOPIC, case.pk)
    if inbound.became == Became.FILED and inbound.topic == TOPIC and inbound.topic_id:
        _tell_number(inbound.topic_id)
    elif inbound.became == Became.PERSON and rule("mailbox_files_itself"):
        return _file_itself(inbound)
    return None


def _tell_number(pk: int) -> None:
    case = locked(pk)
    contact = Contact.objects.filter(case=case).first()
    if contact is not None and not contact.wants_mail:
        contact.wants_mail = True
        contact.save(update_fields=["wants_mail"])
        tell(case, case.kind.family.notices["file"], contact=contact)


def _file_itself(inbound: Inbound) -> Verdict | None:
    kind = general()
    try:
        case = file_mail(
            inbound, kind.code, fields=_subject(kind, inbound), description=words(inbound), at=inbound.confirmed_at
        )
    except ValidationError as problem:  # the kind asks what a mail does not say
        return Verdict(Became.PERSON, " ".join(problem.messages))
    return Verdict(Became.FILED, "", TOPIC, case.pk)


def _subject(kind: Kind, inbound: Inbound) -> dict[str, str]:
    return {
        field.name: (inbound.subject or words(inbound))[: field.max_length]
        for field in kind.fields
        if field.required and field.type == "text"
    }


def words(inbound: Inbound, most: int | None = WORDS_MOST) -> str:
    """Subject and text, as the case's description; all of it with None."""
    return "\n\n".join(filter(None, (inbound.subject, inbound.text)))[:most]


@transaction.atomic
def file_mail(inbound: Inbound, kind_code: str, *, actor: Any = None, at: datetime | None = None, **facts: Any) -> Case:
    """Make a case of a mail, with its files. The number goes to the sender once the address is confirmed."""
    mail = inbox.mail_of(inbound)
    tokens = [keep_file(file, user=actor, public=False).token for file in good_files(mail.files)] if mail else []
    facts.setdefault("reporter", reporter_of(inbound))
    case = file_case(
        Filing(
            kind_code=kind_code,
            channel="mail",
            photos=[*tokens, *facts.pop("photos", ())],
            submission=inbound.token,
            received_at=at or inbound.received_at,
            actor=actor,
            **facts,
        )
    )
    if len(whole := words(inbound, None)) > WORDS_MOST:  # what the description cannot hold stays on the timeline
        record(case, "comment", None, whole, by_citizen=True, data={"key": f"inbound:{inbound.token.hex}"})
    return case


def reporter_of(inbound: Inbound) -> Reporter:
    """Who wrote; without a confirmed address they are not written to."""
    return Reporter(
        name=inbound.sender_name,
        email=inbound.sender,
        language=inbound.language,
        wants_mail=inbound.confirmed_at is not None,
    )


# -- What an agent does with it -----------


def waiting_row(token: UUID) -> Inbound:
    """The row, locked, if it still waits for a person. Raises ValidationError: somebody else has dealt with it."""
    row = Inbound.objects.locked().filter(token=token).first()
    if row is None or row.became != Became.PERSON:
        raise ValidationError(_("這封來信已經處理過了，請重新整理頁面看結果。"))
    return row


@transaction.atomic
def file_by_agent(token: UUID, actor: Any, filing: Filing) -> Case:
    """The agent has chosen the kind and filled in what the mail did not say; once, whoever presses the button."""
    if earlier := Case.objects.filter(submission=token).first():
        return earlier
    row = waiting_row(token)
    names = ("fields", "description", "lon", "lat", "address", "place_note", "district_code", "photos")
    reporter = filing.reporter
    if wrote_same(row, reporter.email):
        reporter = replace(reporter, wants_mail=row.confirmed_at is not None)
    case = file_mail(
        row, filing.kind_code, actor=actor, reporter=reporter, **{name: getattr(filing, name) for name in names}
    )
    inbox.settle(row, Verdict(Became.FILED, "", TOPIC, case.pk))
    return case


def wrote_same(row: Inbound, address: str) -> bool:
    """Whether the address in the form is still that of the sender, who may not have confirmed it."""
    return bool(address) and row.sender_digest in digests(address)


@transaction.atomic
def dismiss(token: UUID, reason: str) -> None:
    """Nothing is done with it, for a reason that stays."""
    inbox.settle(waiting_row(token), Verdict(Became.DISMISSED, reason))


@transaction.atomic
def take_up(token: UUID) -> None:
    """A person looks at it after all: a program took it for a machine's, or somebody for nothing. Raises
    ValidationError when that cannot be any more."""
    row = Inbound.objects.locked().filter(token=token, became__in=PASSED_OVER, purged_at=None).first()
    if row is None:
        raise ValidationError(_("這封來信已經處理過了，請重新整理頁面看結果。"))
    inbox.settle(row, Verdict(Became.PERSON))


@transaction.atomic
def add_by_agent(token: UUID, actor: Any, case: Case) -> None:
    """It belongs to a case that is there already: its words go onto the timeline, inside, as the agent's remark."""
    row = waiting_row(token)
    mail = inbox.mail_of(row)
    files = good_files(mail.files) if mail else []
    perform(actor, case.pk, "comment", text=words(row), files=files, key=f"inbound:{row.token.hex}")
    inbox.settle(row, Verdict(Became.ADDED, "", TOPIC, case.pk))
