from collections.abc import Iterator

import pytest

from organisation.actions import load_pack
from organisation.memory import forget
from servicerequests.tests.walking import Walker


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers of the directory must not outlive the transaction of a test."""
    forget()
    yield
    forget()


@pytest.fixture
def city(db: None) -> None:
    """The pack of the settings in the database: agencies, units, districts."""
    load_pack()


@pytest.fixture
def walker(city: None) -> Walker:
    """A citizen who has not signed in, with a browser without JavaScript."""
    return Walker()
