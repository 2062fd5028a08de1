"""What cases hold of persons, and how it is let go of. The case itself stays: what happened, when, where, how it ended.

No figure reads any of it (cases/tests/test_retention.py). Terms: rules ``retention_*`` of the city pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cases import models
from cases.actions.performing import TOPIC
from cases.models.hold import HoldReason
from foundation import files
from foundation.clock import today
from foundation.retention import Holding, declare
from identity.models import Disclosure
from messages.models import WAITING, Message
from organisation.pack import pack

EXCUSES = {"open": _("案件還沒有結案"), **dict(HoldReason.choices)}


def excuse_of_case(*about: When, **of_case: Any) -> Any:
    """Why what belongs to a case is kept: it, or the one that it was merged into, is open; or somebody holds it.

    ``of_case`` finds the case from the record; ``about`` are conditions under which it belongs to none.
    """
    its = models.Case.objects.filter(**of_case)
    open_ = its.filter(Q(closed_at=None) | Q(merged_into__isnull=False, merged_into__closed_at=None))
    held = its.filter(holds__pk__isnull=False, holds__lifted_at=None)
    return Case(
        *about,
        When(Exists(open_), then=Value("open")),
        default=Coalesce(Subquery(held.values("holds__reason")[:1]), Value("")),
        output_field=CharField(),
    )


def _contacts(before: datetime, **which: Any) -> QuerySet:
    says = ~Q(name="") | ~Q(email_digest="") | ~Q(phone_digest="") | ~Q(line_digest="")
    return models.Contact.objects.filter(says | Q(reporter__isnull=False), case__closed_at__lt=before, **which)


def _empty_contacts(keys: Sequence[Any]) -> None:
    """The row stays, empty: that somebody could be reached is a fact of the case; who it was is not needed."""
    models.Contact.objects.filter(pk__in=keys).update(
        name="", email="", phone="", line="", email_digest="", phone_digest="", line_digest="", reporter=None,
        wants_mail=False,
    )  # fmt: skip


def _letters(before: datetime) -> QuerySet:
    """Whatever is still to be sent waits for its end; a hold or an open case keeps the letters about it."""
    return Message.objects.exclude(state__in=WAITING).exclude(body="").filter(created_at__lt=before)


def _originals(before: datetime) -> QuerySet:
    return models.Attachment.objects.exclude(original="").filter(case__closed_at__lt=before)


def _destroy_originals(keys: Sequence[Any]) -> None:
    """The files first: killed in between, the row still names them, and the next night ends it.

    A photo's covered copy stays with the case; its name, which can be a person's, does not.
    """
    found = models.Attachment.objects.filter(pk__in=keys)
    for path in found.values_list("original", flat=True):
        if path:
            files.delete(path)
    found.update(original="", name="")


def _drafts(before: datetime) -> QuerySet:
    """Uploads that were never filed; later by as long as a petition may wait for its address to be confirmed."""
    waits = timedelta(days=int(pack().rule("petition_confirm_days", today()).value))
    return models.Attachment.objects.filter(case__isnull=True, uploaded_at__lt=before - waits)


def _drop_drafts(keys: Sequence[Any]) -> None:
    drafts = models.Attachment.objects.filter(pk__in=keys, case__isnull=True)
    for draft in drafts:
        draft.remove_files()
    drafts.delete()


OF_CASE = {"excuse": excuse_of_case(pk=OuterRef("case")), "excuses": EXCUSES}

declare(
    Holding(
        "cases.contacts",
        _("已結案件的聯絡方式"),
        "retention_contacts",
        due=lambda before: _contacts(before),
        forget=_empty_contacts,
        **OF_CASE,
    )
)
declare(
    Holding(
        "cases.withdrawn",
        _("撤回案件的聯絡方式"),
        "retention_withdrawn",
        due=lambda before: _contacts(before, case__state="withdrawn"),
        forget=_empty_contacts,
        **OF_CASE,
    )
)
declare(
    Holding(
        "cases.secrets",
        _("已結案件的查詢碼"),
        "retention_secrets",
        due=lambda before: models.Case.objects.exclude(secret="").filter(closed_at__lt=before),
        forget=lambda keys: models.Case.objects.filter(pk__in=keys).update(secret=""),
        excuse=excuse_of_case(pk=OuterRef("pk")),
        excuses=EXCUSES,
    )
)
declare(
    Holding(
        "cases.originals",
        _("已結案件的照片原檔與文件"),
        "retention_originals",
        due=_originals,
        forget=_destroy_originals,
        **OF_CASE,
    )
)
declare(
    Holding(
        "cases.drafts",
        _("上傳後沒有送出的檔案"),
        "retention_drafts",
        due=_drafts,
        forget=_drop_drafts,
    )
)
declare(
    Holding(
        "cases.letters",
        _("寄出的信"),
        "retention_letters",
        due=_letters,
        forget=lambda keys: Message.objects.filter(pk__in=keys).update(
            recipient="", body="", short="", otherwise="", unsubscribe=""
        ),
        excuse=excuse_of_case(When(~Q(topic=TOPIC), then=Value("")), pk=OuterRef("topic_id")),
        excuses=EXCUSES,
    )
)
declare(
    Holding(
        "cases.disclosures",
        _("個資查閱紀錄"),
        "retention_disclosures",
        due=lambda before: Disclosure.objects.filter(at__lt=before),
        forget=lambda keys: Disclosure.objects.filter(pk__in=keys).delete(),
        excuse=excuse_of_case(When(~Q(subject="case"), then=Value("")), number=OuterRef("subject_id")),
        excuses=EXCUSES,
    )
)
