"""The desk that takes what comes in by mail and messenger."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases.actions.performing import TOPIC
from cases.models import Case, Contact
from messages.mime import Mail
from messages.models import Became, Inbound, Message
from messages.receivers import Verdict, register
from servicerequests.actions import line, mailbox


class Desk:
    """What becomes of a citizen's mail. Reasons are kept in Chinese, as all records are."""

    def reply(self, inbound: Inbound, mail: Mail, letter: Message) -> Verdict | None:
        """An answer to a letter about a case belongs to it, if it comes from the address that its reporter left."""
        with override(settings.LANGUAGE_CODE):
            if letter.topic == mailbox.INBOUND:
                return Verdict(Became.PERSON, _("回覆了我們的確認信。"))
            case = Case.objects.filter(pk=letter.topic_id).first() if letter.topic == TOPIC else None
            if case is None:
                return None
            if mailbox.wrote(Contact.objects.filter(case=case).first(), mail.sender):
                return mailbox.add_to_case(inbound, mail, case)
            reason = _("回覆案件%(number)s的通知信，但寄件地址不是通報人留下的。") % {"number": case.number}
            return mailbox.await_person(inbound, mail, reason, TOPIC, case.pk)

    def mail(self, inbound: Inbound, mail: Mail) -> Verdict:
        """A new matter waits for an agent."""
        return mailbox.await_person(inbound, mail)

    def confirmed(self, inbound: Inbound) -> Verdict | None:
        """See ``mailbox.confirmed``."""
        return mailbox.confirmed(inbound)

    def event(self, inbound: Inbound, event: dict[str, Any]) -> Verdict:
        """What somebody says in LINE."""
        return line.answer(inbound, event)


register(Desk())
