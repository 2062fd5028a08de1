from collections.abc import Iterator
from datetime import time
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from django.conf import settings as django_settings

from organisation.rules import OpeningHours
from organisation.tests import letters

HOURS = OpeningHours(time(8), time(12), time(13, 30), time(17, 30))


@pytest.fixture(autouse=True)
def _letters(settings: Any) -> Iterator[None]:
    settings.LETTERS = "organisation.tests.letters.keep"
    yield
    letters.SENT.clear()


@pytest.fixture
def copied_pack(tmp_path: Path) -> Path:
    """A copy of the pack of the settings, to be spoilt."""
    return Path(copytree(django_settings.CITY_PACK, tmp_path / Path(django_settings.CITY_PACK).name))
