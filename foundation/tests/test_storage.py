"""Addresses of static files, as an installation has them."""

import json
from pathlib import Path

import pytest

from foundation.storage import StaticStorage


def test_an_address_carries_the_hash_and_a_file_that_was_not_collected_has_none(tmp_path: Path, settings) -> None:
    settings.STATIC_ROOT = tmp_path
    manifest = {"version": "1.1", "hash": "", "paths": {"icons.svg": "icons.5f1d0c.svg"}}
    (tmp_path / "staticfiles.json").write_text(json.dumps(manifest))
    storage = StaticStorage()
    for _asked in range(2):
        assert storage.url("icons.svg") == "/static/icons.5f1d0c.svg"
        with pytest.raises(ValueError, match="manifest"):
            storage.url("forgotten.svg")
