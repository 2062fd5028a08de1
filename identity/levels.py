"""How surely we know who sits there: the level of assurance of a session, and by which methods it was reached.

Level 1 is a password, 2 a second factor or a passkey, 3 a certificate that the state gave to a person after it saw that
person. Kept in the session, so it ends with it, and signing in as somebody else starts anew.
"""

from typing import Final

from django.http import HttpRequest

from foundation import clock

LEVEL: Final = "identity.level"
METHODS: Final = "identity.methods"
PASSWORD: Final = 1


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


def level(request: HttpRequest) -> int:
    """The level of this session: 0 for nobody, else 1 to 3. A session older than the levels began with a password."""
    if not request.user.is_authenticated:
        return 0
    return request.session.get(LEVEL, PASSWORD)
