"""The import contracts hold, and each of them is shown to refuse a planted breach.

The breaches are planted in a model of the house: the same packages with all their rooms, empty, under the contracts of
the real pyproject.toml. So these tests say something about the contracts whatever the state of the apps.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, contracts

LINT = str(Path(sys.executable).parent / "lint-imports")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    # Only what lies in ``folder``: the packages of the same names here must not be found.
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1", "COLUMNS": "200"}
    command = [sys.executable, LINT, "--no-cache", "--no-logo", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def rooms() -> list[str]:
    return [room.strip(" ()") for layer in contracts()["rooms"]["layers"] for room in layer.split("|")]


@pytest.fixture
def model_house(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for app in contracts()["rooms"]["containers"]:
        (tmp_path / app).mkdir()
        for module in ["__init__", *rooms()]:
            (tmp_path / app / f"{module}.py").touch()
    for package, modules in {"config": ["urls", "settings"], "launcher": ["cli"]}.items():
        (tmp_path / package).mkdir()
        for module in ["__init__", *modules]:
            (tmp_path / package / f"{module}.py").touch()
    (tmp_path / "foundation" / "roc.py").touch()
    (tmp_path / "foundation" / "clock.py").touch()
    (tmp_path / "cases" / "routing.py").touch()
    (tmp_path / "cases" / "redaction.py").touch()
    (tmp_path / "messages" / "timing.py").touch()
    (tmp_path / "annualreport" / "markup.py").touch()
    (tmp_path / "figures" / "holt_winters.py").touch()
    (tmp_path / "foundation" / "drawing.py").touch()
    return tmp_path


def plant(house: Path, module: str, line: str) -> None:
    path = house / (module.replace(".", "/") + ".py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(line + "\n")


def test_the_real_house_keeps_its_contracts() -> None:
    done = subprocess.run([sys.executable, LINT, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_model_house_keeps_them_too_with_what_is_allowed(model_house: Path) -> None:
    plant(model_house, "config.urls", "import cases.urls, cases.pages, portal.pages")
    plant(model_house, "portal.pages", "import cases.actions, portal.models")
    plant(model_house, "cases.urls", "import cases.pages, cases.admin")
    plant(model_house, "cases.pages", "import cases.actions, django.http")
    plant(model_house, "cases.rules", "import datetime, identity.rules")
    done = lint(model_house)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(contracts())} kept, 0 broken" in done.stdout


BREACHES = {
    "upwards": ("layers", {"identity.models": "import cases.models"}),
    "from the lowest layer to the top": ("layers", {"foundation.models": "from config import settings"}),
    "sideways among registries": ("layers", {"figures.actions": "from search import actions"}),
    "sideways among windows": ("layers", {"portal.actions": "import dashboard.models"}),
    "upwards by a lazy import": ("layers", {"organisation.actions": "def act():\n    from cases import models"}),
    "upwards by way of a third": (
        "layers",
        {"identity.helper": "import organisation.models"},
    ),
    "an app uses the launcher": ("layers", {"cases.tasks": "import launcher.cli"}),
    "models know pages": ("rooms", {"cases.models": "import cases.pages"}),
    "models know actions, lazily": ("rooms", {"search.models": "def act():\n    import search.actions"}),
    "rules know models": ("rooms", {"identity.rules": "import identity.models"}),
    "pages know the API": ("rooms", {"cases.pages": "import cases.api"}),
    "rooms by way of a module that is none": (
        "rooms",
        {"cases.models": "import cases.between", "cases.between": "import cases.actions"},
    ),
    "another app's pages": ("doors", {"portal.pages": "import cases.pages"}),
    "another app's tasks": ("doors", {"servicerequests.actions": "from cases import tasks"}),
    "another app's pages in a package": (
        "doors",
        {"cases.pages.__init__": "", "cases.pages.queue": "", "dashboard.actions": "import cases.pages.queue"},
    ),
    "rules know Django": ("pure", {"cases.rules": "from django.utils import timezone"}),
    "rules know the database": ("pure", {"figures.rules": "import psycopg"}),
    "rules read the clock": ("pure", {"messages.rules": "from foundation import clock"}),
    "rules know Django by way of a third": (
        "pure",
        {"cases.rules": "import cases.sums", "cases.sums": "import django.db"},
    ),
    "the ROC calendar knows Django": ("pure", {"foundation.roc": "import django"}),
    "two modules know each other": (
        "cycles",
        {"cases.numbers": "import cases.letters", "cases.letters": "import cases.numbers"},
    ),
    "three nouns in a circle": (
        "cycles",
        {
            "cases.models.__init__": "",
            "cases.models.a": "import cases.models.b",
            "cases.models.b": "import cases.models.c",
            "cases.models.c": "import cases.models.a",
        },
    ),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_planted_breach_is_refused(model_house: Path, breach: str) -> None:
    contract, planted = BREACHES[breach]
    for module in planted:
        if module.endswith(".__init__"):
            (model_house / (module.removesuffix(".__init__").replace(".", "/") + ".py")).unlink()
    for module, line in planted.items():
        plant(model_house, module, line)
    done = lint(model_house)
    assert done.returncode == 1, done.stdout + done.stderr
    name = contracts()[contract]["name"]
    summary = {line.rsplit(" ", 1)[0]: line.rsplit(" ", 1)[1] for line in done.stdout.splitlines() if " " in line}
    assert summary.get(name) == "BROKEN", done.stdout


def test_every_contract_has_a_breach_planted_against_it() -> None:
    assert {contract for contract, _ in BREACHES.values()} == set(contracts())
