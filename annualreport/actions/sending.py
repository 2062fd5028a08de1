"""A published report goes by mail to the standing recipients who have an address: a link, and the file if it is small.

Each mail is a line of the log of dispatches and a message of the outbox, in one transaction; what has become of it is
asked of the outbox. The file is made when the mail goes out, from the publication, which never changes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from annualreport.actions.printing import FORMATS, file_of
from annualreport.actions.reading import address_of, document_in, place_of
from annualreport.models import Dispatch, Publication, Recipient
from annualreport.models.publication import Way
from foundation.clock import today
from foundation.printing import Unprintable
from messages.actions import send, send_again
from messages.models import OVER, Message
from messages.registry import Attachment

log = logging.getLogger(__name__)

NOTICE = "annualreport.published"
TOPIC = "annualreport.dispatch"
# Bytes. Many servers refuse a mail above 10 MB, and base64 makes a file a third longer.
LARGEST = 6_000_000


def waiting(publication: Publication) -> list[Recipient]:
    """The standing recipients with a mail address who have not been sent a publication."""
    sent = set(publication.dispatches.filter(way=Way.MAIL).values_list("recipient", flat=True))
    return [each for each in Recipient.objects.by_mail(publication.report.kind_code) if each.name not in sent]


@transaction.atomic
def send_out(actor: Any, publication: Publication) -> list[Dispatch]:
    """Send a publication to whoever waits for it. Twice does no harm. Needs ``city:annualreport:compile``."""
    # Locked, so that two at once do not send twice.
    publication = Publication.objects.select_for_update(of=("self",)).select_related("report").get(pk=publication.pk)
    recipients = waiting(publication)
    made = Dispatch.objects.bulk_create(
        Dispatch(publication=publication, recipient=each.name, way=Way.MAIL, form=each.form, on=today(), by=actor)
        for each in recipients
    )
    for line, recipient in zip(made, recipients, strict=True):
        _write(line, recipient)
    return made


def _write(line: Dispatch, recipient: Recipient) -> None:
    publication = line.publication
    report = publication.report
    with override(recipient.language):
        context = {
            "report": report.title,
            "number": publication.number,
            "note": publication.note,
            "form": line.form.upper(),
            "megabytes": LARGEST // 1_000_000,
            "address": address_of(report.kind, report.of_period, version=publication.number),
        }
    send(NOTICE, recipient.mail, recipient.language, context, TOPIC, line.pk)


def attachments(topic_id: int, language: str) -> list[Attachment]:
    """The file of a line of the log, for the mail that goes out; none where it is too large or cannot be printed."""
    line = Dispatch.objects.select_related("publication__report").get(pk=topic_id)
    report = line.publication.report
    stem = f"{report.kind_code}-{place_of(report.kind, report.of_period)}-{line.publication.number}"
    with override(language):
        try:
            path = file_of(document_in(line.publication, language), line.form, stem)
        except Unprintable as problem:
            log.warning("dispatch %s goes without its file: %s", line.pk, problem)
            return []
    if path.stat().st_size > LARGEST:
        return []
    return [Attachment(f"{stem}.{line.form}", path.read_bytes(), FORMATS[line.form])]


def messages_of(lines: Iterable[Dispatch]) -> dict[int, Message]:
    """The newest message of each line that went by mail, by the line's key; one statement."""
    keys = [line.pk for line in lines if line.way == Way.MAIL]
    found = Message.objects.filter(topic=TOPIC, topic_id__in=keys).without_words().order_by("pk")
    return {message.topic_id: message for message in found}


def again(actor: Any, line: Dispatch) -> bool:
    """Send a line's mail again that failed or was kept; to the recipient's new address, if it has one by now.

    False if there is nothing to be sent again, or no mail server.
    """
    message = Message.objects.about(TOPIC, line.pk).order_by("pk").last()
    if message is None or message.state not in OVER or not settings.MAIL_URL:
        return False
    recipient = Recipient.objects.of(line.publication.report.kind_code).filter(name=line.recipient).first()
    if recipient and recipient.mail and recipient.mail != message.recipient:
        _write(line, recipient)
        return True
    return send_again(message.pk, by=actor)
