"""A whole city hall for journeys: the pack, people with passwords, a web server, a mail server, jobs on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from identity.models import User
from messages.testing import smtp_server  # noqa: F401  a fixture

PASSWORD = "a-password-of-a-test"


@pytest.fixture
def city_hall(live_server: Any, city: Any, settings: Any) -> Any:
    """The web server, which knows its own address (letters and QR codes say it)."""
    settings.PUBLIC_URL = live_server.url
    settings.CITYHALL_RATE_LIMIT_FACTOR = 100  # one machine plays everybody
    return live_server


@pytest.fixture
def account(staff: Callable[..., User]) -> Callable[..., User]:
    """``account("crew", "pwb-road-crew-1")``: somebody who can sign in with PASSWORD."""

    def account(role: str, *where: str, **facts: Any) -> User:
        user = staff(role, *where, **facts)
        user.set_password(PASSWORD)
        user.save()
        return user

    return account
