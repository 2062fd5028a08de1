from collections.abc import Iterator
from unittest.mock import patch

import pytest

from search import registry


@pytest.fixture
def searchables() -> Iterator[None]:
    """An empty registry for the test to fill."""
    with patch.dict(registry._searchables, clear=True):
        yield
