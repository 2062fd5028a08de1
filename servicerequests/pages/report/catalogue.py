"""What can be reported, and how words lead to it."""

from __future__ import annotations

from dataclasses import dataclass

from cases.registry import Kind, kinds
from cases.suggestions import Suggested
from cases.wording import promise_in_words
from foundation.clock import today
from servicerequests.rules import is_sure, rank_kinds

SUGGESTED = 3
FAR_OFF = 0.15  # of the first one's score


@dataclass(frozen=True)
class Tile:
    """A kind as a picture with words and the promise that goes with it."""

    kind: Kind
    promise: str
    suggested: Suggested | None = None


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


def tiles() -> list[Tile]:
    """All that can be reported today."""
    return [Tile(kind, promise_in_words(kind, today())) for kind in reportable().values()]


def suggestions(text: str, learned: Suggested | None = None) -> tuple[list[Tile], bool]:
    """The kinds that a text may be about, best first, and whether the first is as good as certain.

    What the trained model is confident about (``learned``) stands first; the rest is by words in common. Next to a
    clear first the far-off ones are left out. The catch-all always stands among them.
    """
    known = reportable()
    ranked = rank_kinds(text, {k.code: (*k.words, k.label_zh, k.label_en) for k in known.values()})
    codes = [each.code for each in ranked[:SUGGESTED] if each.score >= FAR_OFF * ranked[0].score]
    sure = is_sure(ranked)
    if learned and learned.code in known:
        sure = learned.is_strong
        codes = [learned.code, *(code for code in codes if code != learned.code)][:SUGGESTED]
    codes += [catch_all().code] if catch_all().code not in codes else []
    told = {learned.code: learned} if learned else {}
    return [Tile(known[code], promise_in_words(known[code], today()), told.get(code)) for code in codes], sure
