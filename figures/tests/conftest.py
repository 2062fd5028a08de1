from collections.abc import Iterator

import pytest
from django.db import connection

from figures.tests.slips import Slip, declared


@pytest.fixture
def slips(db: None) -> Iterator[type[Slip]]:
    """The record type, its table made for the test, with only its figures declared."""
    with connection.schema_editor() as editor:
        editor.create_model(Slip)
    with declared():
        yield Slip
