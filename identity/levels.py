"""How surely we know who sits there: the level of assurance of a session, and by which methods it was reached.

Level 1 is a password, 2 a second factor or a passkey, 3 a certificate that the state gave to a person after it saw that
person. Kept in the session, so it ends with it, and signing in as somebody else starts anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils.functional import Promise

from foundation import clock
from foundation.declared import Declared

LEVEL: Final = "identity.level"
METHODS: Final = "identity.methods"
PASSWORD: Final = 1


@dataclass(frozen=True)
class Way:
    """A way to a level for who is signed in: a page that calls ``reached`` and then goes on to ``next``."""

    code: str
    level: int
    label: str | Promise
    address: str  # the name of the page
    ready: Callable[[], bool] = lambda: True
    # Whether this person can go it: who has no authenticator app is not sent to type its codes.
    held: Callable[[Any], bool] = lambda user: True


_ways = Declared[Way]("way")


def add_way(way: Way) -> None:
    """Declare a way, once, when the program starts."""
    _ways.add(way)


def ways_to(level: int, user: Any = None) -> list[Way]:
    """The ways to a level or above it, the least first, that this city hall has and the person, if given, can go."""
    ways = (way for way in _ways.in_order() if way.level >= level and way.ready())
    return sorted((way for way in ways if user is None or way.held(user)), key=lambda way: way.level)


def reached(request: HttpRequest, level: int, method: str) -> None:
    """Note that the person has just proved who they are by ``method`` (``"fido"``), which is worth ``level`` (1 to 3).

    A weaker proof after a stronger one does not lower the session. Each method keeps the time of its latest proof, in
    seconds since 1970, for what asks how fresh it is. Call it after ``login``, which may begin an empty session.
    """
    if not 1 <= level <= 3:
        raise ValueError(f"{level} is no level from 1 to 3")
    earlier = [entry for entry in request.session.get(METHODS, []) if entry[0] != method]
    request.session[METHODS] = [*earlier, [method, int(clock.now().timestamp())]]
    request.session[LEVEL] = max(level, request.session.get(LEVEL, 0))


def authenticated_at(request: HttpRequest) -> int:
    """When the person last proved who they are, in seconds since 1970; 0 where it is not known."""
    return max((at for _method, at in request.session.get(METHODS, [])), default=0)


def methods(request: HttpRequest) -> list[str]:
    """By which methods the person has proved it in this session, in the order of their latest proofs."""
    return [method for method, _at in request.session.get(METHODS, [])]


def level(request: HttpRequest) -> int:
    """The level of this session: 0 for nobody, else 1 to 3. A session older than the levels began with a password."""
    if not request.user.is_authenticated:
        return 0
    return request.session.get(LEVEL, PASSWORD)
