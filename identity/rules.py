"""The grammar of permissions, without Django: what a permission is made of and which one implies which."""

import math
from collections.abc import Iterable
from typing import NamedTuple

# From narrow to wide. Whoever may do something in a wider scope may do it in each narrower one.
SCOPES = ("public", "own", "unit", "agency", "city")


class Permission(NamedTuple):
    """The three words of a permission, as in ``unit:cases:read``."""

    scope: str
    resource: str
    action: str

    @property
    def deed(self) -> str:
        """What is done, wherever: ``cases:read``."""
        return f"{self.resource}:{self.action}"

    def __str__(self) -> str:
        return ":".join(self)


def parse(text: str) -> Permission:
    """``"unit:cases:read"`` as a Permission; ValueError if it does not follow the grammar."""
    words = text.split(":")
    if len(words) != 3 or words[0] not in SCOPES or not all(w.isidentifier() and w.islower() for w in words):
        raise ValueError(f"{text!r} is not scope:resource:action with a scope of {', '.join(SCOPES)}")
    return Permission(*words)


def at_or_above(permission: str) -> frozenset[str]:
    """The permission itself and the same deed in each wider scope: what satisfies a demand for it."""
    scope, resource, action = parse(permission)
    return frozenset(f"{wider}:{resource}:{action}" for wider in SCOPES[SCOPES.index(scope) :])


def implies(held: Iterable[str], asked: str) -> bool:
    """Whether someone who holds these permissions may do what is asked, at that scope or a wider one."""
    return not at_or_above(asked).isdisjoint(held)


def seconds_to_wait(allowed: int, at: float, minute: int, count: int, previous: int) -> int:
    """Whole seconds until one more use fits a sliding minute of ``allowed`` uses; at least 1.

    ``at`` is the present in seconds since 1970, ``minute`` the one that ``count`` belongs to, ``previous`` the count of
    the minute before it. A minute's count fades out while the next one goes on.
    """
    end = (minute + 1) * 60
    if at < end and previous and count < allowed:
        # The older minute must fade until what is left of it leaves room for one more.
        moment = end - 60 * (allowed - count - 1) / previous
    else:
        # This minute is full by itself: it fades in the next one.
        moment = end + 60 * (1 - (allowed - 1) / max(count, 1))
    return max(1, math.ceil(moment - at))
