"""What comes in: fetched once, kept raw, read by a job, handed to the desk that takes it.

Each mail is taken exactly once. Its number in the mailbox and its fingerprint are unique in the database, and the mark
up to which the mailbox has been read is the highest number there is a row for, so a process that is killed anywhere
begins again behind the last mail that was committed. Reading is a job of its own, asked for in the same transaction.
"""

from __future__ import annotations

import base64
import json
import logging
from datetime import timedelta
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from foundation import clock, jobs
from foundation.encryption import digest
from foundation.files import check_upload
from messages.actions import fail
from messages.mailbox import Entry, Mailbox, opened
from messages.mime import Mail, is_chinese, read_mail
from messages.models import Became, Inbound, Message, State, Way
from messages.receivers import Verdict, receiver
from messages.rules import inbox_server, letter_token, without_address
from organisation.pack import pack

log = logging.getLogger(__name__)

READ = "messages.read_inbound"
LARGEST = 25 * 1024 * 1024  # bytes of a mail; of a larger one only the headers are kept
STUCK_AFTER = timedelta(minutes=15)
ENDED = frozenset(Became) - {Became.NEW, Became.CONFIRMING, Became.PERSON}
CONTENT = ("raw", "sender", "sender_name", "sender_digest", "subject", "text", "files")


# -- Fetching -----------


def fetch() -> int:
    """Take what is new in the mailbox of ``settings.INBOX_URL``; returns how many mails. Nothing without a mailbox.

    Raises ``mailbox.Unreachable`` when the server cannot be read; what was taken before that stays taken.
    """
    if not settings.INBOX_URL:
        return 0
    inbox = inbox_server(settings.INBOX_URL)
    taken = 0
    with opened(inbox) as mailbox:
        box = f"{inbox.name}#{mailbox.generation}"[:200]
        last = Inbound.objects.filter(box=box).aggregate(last=models.Max("uid"))["last"] or 0
        for entry in mailbox.after(last):
            taken += _take(mailbox, box, entry)
    return taken


def _take(mailbox: Mailbox, box: str, entry: Entry) -> bool:
    """Keep one mail and ask for its reading, in one transaction. False if another process was quicker or it is gone."""
    too_large = entry.size > LARGEST
    raw = mailbox.raw(entry.uid, headers_only=too_large)
    if not raw:
        return False
    row = Inbound(
        way=Way.MAIL,
        box=box,
        uid=entry.uid,
        received_at=min(entry.arrived_at, clock.now()),
        raw=base64.b64encode(raw).decode("ascii"),
    )
    if too_large:
        row.became, row.ended_at = Became.UNREADABLE, clock.now()
        with override(settings.LANGUAGE_CODE):
            row.reason = _("信件有 %(size)d MB，超過上限 %(most)d MB，只留下信頭。") % {
                "size": entry.size // 1024 // 1024,
                "most": LARGEST // 1024 // 1024,
            }
    return keep(row)


def keep(row: Inbound, lock: str | None = None) -> bool:
    """Write down what came in and ask for its reading; under one lock they are read one after the other. False if the
    same is there already."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if row.became == Became.NEW:
                jobs.defer(READ, lock=lock, token=row.token.hex)
    except IntegrityError:
        return False
    return True


# -- Reading -----------


@transaction.atomic
def read(token: str | UUID) -> None:
    """Read what was kept and let it become what it is. Does nothing if that has happened."""
    row = Inbound.objects.locked().filter(token=token, became=Became.NEW).first()
    if row is None:
        return
    desk = receiver()
    if row.way == Way.LINE:
        verdict = desk.event(row, json.loads(row.raw)) if desk else Verdict(Became.PERSON)
        settle(row, verdict)
        return
    try:
        mail = read_mail(base64.b64decode(row.raw))
        describe(row, mail)
    except Exception as problem:  # nothing that a stranger sends may stop the mail behind it
        log.exception("inbound %s cannot be read", row.pk)
        settle(row, Verdict(Became.UNREADABLE, type(problem).__name__))  # its words may be the sender's
        return
    if Inbound.objects.filter(fingerprint=mail.fingerprint).exclude(pk=row.pk).exists():
        row.fingerprint = ""
        settle(row, Verdict(Became.DUPLICATE))
        return
    settle(row, _verdict(row, mail))


def describe(row: Inbound, mail: Mail) -> None:
    """Write what the mail says into its row; which files cannot be taken, and why, is said there as well."""
    row.fingerprint = mail.fingerprint
    row.sender, row.sender_name = mail.sender, mail.sender_name
    row.sender_digest = digest(mail.sender) if mail.sender else ""
    row.subject, row.text = mail.subject, mail.text
    notes = []
    with override(settings.LANGUAGE_CODE):
        for file in mail.files:
            try:
                check_upload(file.content)
            except ValidationError as problem:
                notes.append({"name": file.name, "problem": " ".join(problem.messages)})
            else:
                notes.append({"name": file.name, "problem": ""})
    row.files = json.dumps(notes, ensure_ascii=False) if notes else ""
    row.language = "zh-hant" if is_chinese(mail.subject + mail.text) else "en"


def mail_of(row: Inbound) -> Mail | None:
    """The mail of a row, with its files; None when its content has been deleted, or it was no mail."""
    return read_mail(base64.b64decode(row.raw)) if row.way == Way.MAIL and row.raw else None


def _verdict(row: Inbound, mail: Mail) -> Verdict:
    """Bounce, machine, our own letter, answer to a letter of ours, or a new mail: in this order, so that nothing is
    ever answered to a machine and no two machines talk to each other."""
    own = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    domain = own.rpartition("@")[2]
    letters = [token for each in mail.answers if (token := letter_token(each, domain))]
    if mail.bounce:
        token = letter_token(mail.bounce.message_id, domain)
        letter = Message.objects.filter(token=token).first() if token else None
        if letter is not None and mail.bounce.final:
            came_back(letter, mail.bounce.reason)
            return Verdict(
                Became.BOUNCED, without_address(mail.bounce.reason, letter.recipient), "citymessages.message", letter.pk
            )
        return Verdict(Became.AUTOMATIC, mail.automatic)
    if mail.automatic:
        return Verdict(Became.AUTOMATIC, mail.automatic)
    if not mail.sender:
        with override(settings.LANGUAGE_CODE):
            return Verdict(Became.UNREADABLE, _("沒有寄件人地址，無法回覆，也無法確認是誰。"))
    if mail.sender.casefold() == own.casefold() or letter_token(mail.message_id, domain):
        return Verdict(Became.AUTOMATIC, f"From: {own}")
    desk = receiver()
    if desk is None:
        return Verdict(Became.PERSON)
    for letter in Message.objects.filter(token__in=letters).order_by("-pk"):
        if verdict := desk.reply(row, mail, letter):
            return verdict
    return desk.mail(row, mail)


def came_back(letter: Message, reason: str) -> None:
    """A letter that was sent did not arrive: it has failed, with the reason. One that failed already stays as it is."""
    letter = Message.objects.select_for_update().get(pk=letter.pk)
    if letter.state == State.SENT:
        fail(letter, reason)


def settle(row: Inbound, verdict: Verdict) -> None:
    """Write what has become of a row."""
    row.became = verdict.became
    row.reason = (verdict.reason or row.reason)[:500]
    row.topic, row.topic_id = verdict.topic or row.topic, verdict.topic_id or row.topic_id
    row.ended_at = clock.now() if verdict.became in ENDED else None
    row.save()


# -- Confirming an address -----------


@transaction.atomic
def confirm(token: str | UUID) -> Inbound | None:
    """The sender has followed the link that only their mailbox got. A second time changes nothing.

    None when it is there no more: the term is over and the content deleted.
    """
    row = Inbound.objects.locked().filter(token=token, purged_at=None).first()
    if row is None or row.became in (Became.EXPIRED, Became.DISMISSED):
        return None
    if row.confirmed_at is None:
        row.confirmed_at = clock.now()
        desk = receiver()
        verdict = desk.confirmed(row) if desk else None
        settle(row, verdict or Verdict(Became(row.became)))
    return row


# -- In the course of time -----------


def requeue_unread() -> int:
    """Give jobs to what was taken in long ago and not read; returns how many."""
    lost = Inbound.objects.unread(clock.now() - STUCK_AFTER).values_list("token", flat=True)[:1000]
    return jobs.defer_many(jobs.Job(READ, {"token": t.hex}, queueing_lock=f"{READ}:{t.hex}") for t in lost)


def purge() -> int:
    """Forget what was never confirmed, and the content of what has been dealt with long ago; returns how many rows.

    The terms are rule data: ``petition_confirm_days`` and ``inbound_days``. Personal data are kept no longer than their
    purpose lasts (個人資料保護法 11 III); the line itself stays, so that the same mail is not taken in again.
    """
    now, today = clock.now(), clock.today()
    empty = dict.fromkeys(CONTENT, "") | {"purged_at": now}
    unconfirmed = now - timedelta(days=pack().rule("petition_confirm_days", today).value)
    ended = now - timedelta(days=pack().rule("inbound_days", today).value)
    expired = Inbound.objects.filter(became=Became.CONFIRMING, received_at__lt=unconfirmed).update(
        became=Became.EXPIRED, ended_at=now, **empty
    )
    return expired + Inbound.objects.filter(ended_at__lt=ended, purged_at=None).update(**empty)
