from datetime import time
from pathlib import Path
from shutil import copytree

import pytest
from django.conf import settings as django_settings

from organisation.rules import OpeningHours

HOURS = OpeningHours(time(8), time(12), time(13, 30), time(17, 30))


@pytest.fixture
def copied_pack(tmp_path: Path) -> Path:
    """A copy of the pack of the settings, to be spoilt."""
    return Path(copytree(django_settings.CITY_PACK, tmp_path / Path(django_settings.CITY_PACK).name))
