"""What can be reported, and how words lead to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.models.clock import amount_in_words
from cases.registry import Kind, kinds
from foundation.clock import today
from servicerequests.rules import is_sure, rank_kinds

SUGGESTED = 3
FAR_OFF = 0.15  # of the first one's score


@dataclass(frozen=True)
class Tile:
    """A kind as a picture with words and the promise that goes with it."""

    kind: Kind
    promise: str


def reportable() -> dict[str, Kind]:
    """The kinds that may be reported today, in the pack's order."""
    on = today()
    return {code: kind for code, kind in kinds().items() if kind.active(on)}


def catch_all() -> Kind:
    """The kind for whatever no other one fits, which the pack puts last: never a dead end."""
    return list(reportable().values())[-1]


def is_catch_all(kind: Kind) -> bool:
    """Whether this kind may be about anything: then the words matter and there may be no place."""
    return kind.code == catch_all().code


def promise_in_words(kind: Kind) -> str:
    """``4 小時內處理``, ``30 天內答復``, or nothing for a kind without a deadline today."""
    promise = kind.promise(today())
    if promise is None:
        return ""
    if promise.unit == "days" and promise.amount == 0:
        return _("當日處理")
    amount = amount_in_words(promise.amount, promise.unit).strip()
    return (_("%(amount)s內答復") if is_catch_all(kind) else _("%(amount)s內處理")) % {"amount": amount}


def tiles() -> list[Tile]:
    """All that can be reported today."""
    return [Tile(kind, promise_in_words(kind)) for kind in reportable().values()]


def suggestions(text: str) -> tuple[list[Tile], bool]:
    """The kinds that a text may be about, best first, and whether the first is as good as certain.

    Next to a clear first the far-off ones are left out. The catch-all always stands among them.
    """
    known = reportable()
    ranked = rank_kinds(text, {k.code: (*k.words, k.label_zh, k.label_en) for k in known.values()})
    codes = [each.code for each in ranked[:SUGGESTED] if each.score >= FAR_OFF * ranked[0].score]
    codes += [catch_all().code] if catch_all().code not in codes else []
    return [Tile(known[code], promise_in_words(known[code])) for code in codes], is_sure(ranked)
