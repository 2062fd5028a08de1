from collections.abc import Iterator
from datetime import time
from pathlib import Path
from shutil import copytree

import pytest
from django.conf import settings as django_settings

from organisation.actions import load_pack
from organisation.memory import forget
from organisation.pack import Pack, pack
from organisation.rules import OpeningHours

HOURS = OpeningHours(time(8), time(12), time(13, 30), time(17, 30))


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers must not outlive the transaction of a test."""
    forget()
    yield
    forget()


@pytest.fixture
def kaohsiung(db: None) -> Pack:
    """The pack of the settings, loaded."""
    load_pack()
    return pack()


@pytest.fixture
def copied_pack(tmp_path: Path) -> Path:
    """A copy of the pack of the settings, to be spoilt."""
    return Path(copytree(django_settings.CITY_PACK, tmp_path / Path(django_settings.CITY_PACK).name))
