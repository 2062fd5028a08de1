import pytest

from search import registry


@pytest.fixture
def searchables(monkeypatch):
    """An empty registry for the test to fill."""
    monkeypatch.setattr(registry, "_searchables", {})
