"""The layers of the house, read from the import contracts in pyproject.toml: one list for imports and for relations."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent.parent


def contracts() -> dict[str, dict[str, Any]]:
    """The contracts of import-linter by their id."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return {contract["id"]: contract for contract in config["contracts"]}


def levels() -> dict[str, int]:
    """The height of each app, 1 for the lowest layer. What is not in the house (Django's own apps) is the ground."""
    layers = contracts()["layers"]["layers"]
    return {app.strip(): height for height, layer in enumerate(reversed(layers), 1) for app in layer.split("|")}


def app_of(model: type[Model]) -> str:
    return model.__module__.split(".")[0]


def relation_faults(models: Iterable[type[Model]]) -> list[str]:
    """One line for each relation that leads upwards, or sideways to another app."""
    height = levels()
    faults = []
    for model in models:
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            target = field.related_model
            if not isinstance(target, type):
                continue
            here, there = app_of(model), app_of(target)
            if here != there and height.get(there, 0) >= height.get(here, 0):
                faults.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    return faults
