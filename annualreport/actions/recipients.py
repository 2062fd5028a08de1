"""Who gets every report of a kind: the list is begun with the pack's, and kept up."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annualreport.models import Recipient
from annualreport.models.recipient import Form
from annualreport.registry import Kind
from foundation.language import in_language


@transaction.atomic
def keep(recipient: Recipient, facts: dict[str, Any]) -> Recipient:
    """Enter a recipient, or change one. Needs ``city:annualreport:compile``, which its door asks.

    Raises ValidationError by field: a file goes by mail, a name stands once in the list of a kind.
    """
    for name, value in facts.items():
        setattr(recipient, name, value)
    if recipient.form != Form.PAPER and not recipient.mail:
        raise ValidationError({"mail": _("以檔案寄送要有「電子郵件」。")})
    try:
        with transaction.atomic():
            recipient.save()
    except IntegrityError as error:
        if "recipient_once_a_kind" not in str(error):
            raise
        raise ValidationError({"name": _("「%(name)s」已經在名單裡。") % {"name": recipient.name}}) from error
    return recipient


def take_over(kind: Kind) -> int:
    """Begin the list with the recipients that the city pack names, on paper; returns how many are new."""
    known = set(Recipient.objects.of(kind.code).values_list("name", flat=True))
    new = [in_language(*names) for names in kind.recipients if in_language(*names) not in known]
    Recipient.objects.bulk_create(Recipient(kind_code=kind.code, name=name) for name in new)
    return len(new)


def on_paper(kind: Kind) -> list[str]:
    """The lines with which noting paper copies begins: the list's, or the pack's where there is no list yet."""
    listed = list(Recipient.objects.of(kind.code))
    if not listed:
        return [in_language(*names) for names in kind.recipients]
    return [
        each.name if each.copies == 1 else ngettext("%(name)s（%(n)d 份）", "%(name)s（%(n)d 份）", each.copies)
        % {"name": each.name, "n": each.copies}
        for each in listed
        if each.form == Form.PAPER
    ]  # fmt: skip
