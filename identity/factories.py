"""People for tests and demos."""

from itertools import count
from typing import Any

from identity.models import User

_numbers = count(1)


def person(username: str = "", *, name: str = "", password: str | None = None, **fields: Any) -> User:
    """A saved user under a name of its own unless one is given; without a password only ``force_login`` enters."""
    number = next(_numbers)
    return User.objects.create_user(username or f"person{number}", password, name=name or f"市民{number}", **fields)
