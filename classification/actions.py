"""Training a model, and deciding which version answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from classification.linear import Broken
from classification.models import InForce, Version
from classification.queries import forget, model_of
from classification.registry import Example, classifier
from classification.rules import fold_of, is_worse, normalise
from foundation.clock import now
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from identity.models import User

MANAGE = "city:models:manage"
PARTS = 5  # one part of so many is held out from every version, and measures them all
KEPT = 5  # so many of the newest versions keep their weights, for a roll-back


def train(code: str) -> Version | None:
    """Train a version on all examples and put it in force, unless it is worse than the one in force or that is pinned.

    A fifth of the texts, always the same ones, is held out from every version; on it both are measured. None where
    there is too little to learn from, or nothing to learn anew. Two at once give one version.
    """
    from classification.training import TooLittle, fit, measure_model

    rows = distinct(classifier(code).examples())
    known = digest_of(rows)
    if _is_known(code, known):
        return None
    learned = [row for row in rows if fold_of(row.text, PARTS)]
    held_out = [row for row in rows if not fold_of(row.text, PARTS)]
    texts, labels = [row.text for row in held_out], [row.label for row in held_out]
    try:
        model = fit([row.text for row in learned], [row.label for row in learned])
    except TooLittle:
        return None
    measured, stored = measure_model(model, texts, labels), model.to_bytes()
    with transaction.atomic():
        _one_at_a_time(code)
        if _is_known(code, known):
            return None
        newest, current = Version.objects.of(code).light().first(), InForce.objects.of(code).first()
        refused = "pinned" if current and current.pinned else ""
        if current and not refused:
            with suppress(Broken):  # anything is better than a model that cannot be read
                before = model_of(Version.objects.get(pk=current.version_id))
                refused = "worse" if is_worse(measured, measure_model(before, texts, labels)) else ""
        version = Version.objects.create(
            classifier=code,
            number=newest.number + 1 if newest else 1,
            trained_at=now(),
            own=sum(row.own for row in rows),
            given=sum(not row.own for row in rows),
            data_digest=known,
            measured=measured,
            weights=stored,
            weights_digest=hashlib.sha256(stored).hexdigest(),
            refused=refused,
        )
        if not refused:
            _put_in_force(version)
        _drop_old_weights(code)
    return version


def _is_known(code: str, digest: str) -> bool:
    """Whether the newest version learned from the same."""
    newest = Version.objects.of(code).light().first()
    return newest is not None and newest.data_digest == digest


def put_in_force(actor: User, version: Version, reason: str) -> InForce:
    """A person's choice of a version, such as a roll-back. Training does not replace it until ``let_go``.

    Raises PermissionDenied without ``city:models:manage``, ValidationError without a reason and for a version whose
    weights are gone or broken.
    """
    _check(actor)
    if not reason.strip():
        raise ValidationError({"reason": _("請寫明原因。")})
    with transaction.atomic():
        _one_at_a_time(version.classifier)
        try:
            model_of(Version.objects.get(pk=version.pk))
        except Broken:
            raise ValidationError({"reason": _("這個版本的內容已經不在，不能再啟用。")}) from None
        return _put_in_force(version, actor, True, reason.strip())


def let_go(actor: User, code: str) -> InForce:
    """The version in force stays, and the next training may replace it again. Raises as ``put_in_force`` does."""
    _check(actor)
    with transaction.atomic():
        _one_at_a_time(code)
        current = InForce.objects.of(code).first()
        if current is None or not current.pinned:
            raise ValidationError(_("這個模型本來就由訓練自動更新。"))
        return _put_in_force(current.version, actor, False, _("恢復自動更新"))


def distinct(rows: Sequence[Example]) -> list[Example]:
    """Examples with something in them, the same text with the same label once; a record of the city before the pack's.

    What is reported in the same words a hundred times (a form letter, a sheet of a campaign) must neither outweigh the
    rest nor make the measurement look better than it is.
    """
    kept: dict[tuple[str, str], Example] = {}
    for row in sorted(rows, key=lambda row: not row.own):
        if said := normalise(row.text):
            kept.setdefault((said, row.label), row)
    return list(kept.values())


def digest_of(rows: Sequence[Example]) -> str:
    """SHA-256 over examples, whatever their order."""
    lines = sorted(json.dumps(row, ensure_ascii=False) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _put_in_force(version: Version, by: User | None = None, pinned: bool = False, reason: str = "") -> InForce:
    line = InForce.objects.create(
        classifier=version.classifier, version=version, since=now(), by=by, pinned=pinned, reason=reason
    )
    forget()
    transaction.on_commit(forget)
    return line


def _drop_old_weights(code: str) -> None:
    keep = list(Version.objects.of(code).values_list("pk", flat=True)[:KEPT])
    if current := InForce.objects.of(code).first():
        keep.append(current.version_id)
    Version.objects.of(code).filter(weights__isnull=False).exclude(pk__in=keep).update(weights=None)


def _check(actor: User) -> None:
    if not grants_of(actor).everywhere(MANAGE):
        raise PermissionDenied(MANAGE)


def _one_at_a_time(code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"classification {code}"])
