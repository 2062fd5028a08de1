from collections.abc import Iterator

import pytest
from django.db import connection

from figures.tests.slips import Slip, declared


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """The table of the tests' own record type."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        if Slip._meta.db_table not in connection.introspection.table_names():
            editor.create_model(Slip)


@pytest.fixture
def slips(db: None) -> Iterator[type[Slip]]:
    """The record type, with only its figures declared."""
    with declared():
        yield Slip
