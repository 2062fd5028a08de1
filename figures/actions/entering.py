"""Entering the values of manual figures: each with its evidence, each kept."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from figures.actions.counting import be_alone
from figures.models import Correction, EvidenceFile, Freeze, ManualEntry, Observation, Target
from figures.registry import DAY, Figure, Manual, Period, registry
from figures.versions import version_of
from foundation.clock import now
from foundation.files import DOCUMENT, IMAGE, TABLE, check_upload, delete, no_room, store

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from identity.models import User

LARGEST = Decimal(10) ** 13
EVIDENCE = DOCUMENT | IMAGE | TABLE


@transaction.atomic
def enter(
    figure: Manual,
    period: Period,
    value: Decimal,
    evidence: str,
    *,
    by: User | None = None,
    address: str = "",
    reason: str = "",
    files: Sequence[UploadedFile] = (),
) -> ManualEntry:
    """Enter a value, or correct the one that is there, which takes a reason.

    The value is read like every other figure's from then on; in a closed period the published value stays, and the new
    one stands beside it as a correction. ``files`` are evidence that is kept with the entry. Raises ValidationError, by
    field, for what cannot be entered.
    """
    be_alone()
    last = ManualEntry.objects.of(figure.code, period).first()
    if problems := _problems(figure, period, value, evidence, reason, last):
        raise ValidationError(problems)
    entry = ManualEntry.objects.create(
        figure=figure.code, grain=period.grain, period=period.start, value=value, evidence=evidence.strip(),
        address=address, reason=reason.strip(), entered_at=now(), entered_by=by,
    )  # fmt: skip
    _observe(figure, period, entry)
    _keep(entry, files)
    return entry


def _keep(entry: ManualEntry, given: Sequence[UploadedFile]) -> None:
    """Keep files of evidence; what is on the disk already goes again if the entry is not made after all."""
    kept: list[str] = []
    try:
        for file in given:
            what = check_upload(file, EVIDENCE)
            kept.append(store(file, what.extension))
            EvidenceFile.objects.create(
                entry=entry, path=kept[-1], name=(file.name or "")[:200], content_type=what.content_type
            )
    except ValidationError as error:
        _forget(kept)
        raise ValidationError({"files": error.messages}) from error
    except OSError as error:
        _forget(kept)
        raise ValidationError({"files": no_room().messages}) from error


def _forget(kept: Sequence[str]) -> None:
    for path in kept:
        delete(path)


def _problems(
    figure: Manual, period: Period, value: Decimal, evidence: str, reason: str, last: ManualEntry | None
) -> dict[str, str]:
    found: dict[str, str] = {}
    if period.grain not in registry.grains_of(figure):
        found["period"] = _("「%(figure)s」不是按這種期間填報。") % {"figure": figure.label}
    elif not period.has_begun:
        found["period"] = _("%(period)s還沒有開始。") % {"period": period.label}
    if not value.is_finite() or abs(value) >= LARGEST:
        found["value"] = _("「數值」太大了，請檢查單位。")
    elif value != round(value, figure.decimals):
        found["value"] = _("「數值」最多 %(n)d 位小數。") % {"n": figure.decimals}
    if not evidence.strip():
        found["evidence"] = _("請填寫「佐證資料」。")
    if last and not reason.strip():
        found["reason"] = _("這個期間已經有數值，更正請填寫「更正原因」。")
    return found


def _observe(figure: Manual, period: Period, entry: ManualEntry) -> None:
    """Keep the observation that is read in step with the last entry, and write down what differs from a closed one."""
    cell = {"figure": figure.code, "grain": period.grain, "by": "", "period": period.start, "dims": {}}
    is_frozen = bool(Freeze.objects.frozen_cells(figure.code, period.grain, period.start, period.end))
    stored = Observation.objects.filter(**cell).first()
    before = stored.value if stored else None
    if is_frozen and before != entry.value:
        Correction.objects.create(
            **cell,
            published=stored.frozen_value if stored else None,
            before=before,
            after=entry.value,
            noticed_at=entry.entered_at,
            reason=entry.reason or _("結帳後補報"),
        )
    if stored:
        stored.value, stored.computed_at, stored.definition = entry.value, entry.entered_at, version_of(figure)
        stored.save(update_fields=["value", "computed_at", "definition"])
    else:
        Observation.objects.create(
            **cell, value=entry.value, is_frozen=is_frozen, computed_at=entry.entered_at, definition=version_of(figure),
            is_typed=True,
        )  # fmt: skip


@transaction.atomic
def aim(
    figure: Figure, period: Period, value: Decimal, reason: str, *, at_most: bool = False, by: User | None = None
) -> Target:
    """Set what a figure is to come to in a month or a year, or change what was set before, which stays visible.

    ``at_most``: less is better. Raises ValidationError, by field, for what cannot be set; a period that is over has no
    new target.
    """
    found: dict[str, str] = {}
    if period.grain == DAY or period.grain not in registry.grains_of(figure):
        found["period"] = _("「%(figure)s」這種期間沒有目標。") % {"figure": figure.label}
    elif period.is_over:
        found["period"] = _("%(period)s已經終了，不能再訂目標。") % {"period": period.label}
    if not value.is_finite() or abs(value) >= LARGEST:
        found["value"] = _("「數值」太大了，請檢查單位。")
    if not reason.strip():
        found["reason"] = _("請填寫「依據」。")
    if found:
        raise ValidationError(found)
    return Target.objects.create(
        figure=figure.code, grain=period.grain, period=period.start, value=value, at_most=at_most,
        reason=reason.strip(), set_at=now(), set_by=by,
    )  # fmt: skip
