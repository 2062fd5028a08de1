"""No relation between models leads upwards or sideways: what imports don't show (``"cases.Case"`` is only a string)."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test.utils import isolate_apps

from tests.architecture.house import ROOT, app_of, levels, relation_faults


def test_no_relation_leads_upwards_or_sideways() -> None:
    assert relation_faults(apps.get_models(include_auto_created=True)) == []


def test_every_app_of_ours_has_its_place_in_the_house() -> None:
    ours = {name for name in settings.INSTALLED_APPS if (ROOT / name.split(".")[0] / "__init__.py").exists()}
    assert ours
    assert ours <= set(levels())
    height = levels()
    order = [height[name] for name in settings.INSTALLED_APPS if name in height]
    assert order == sorted(order), "INSTALLED_APPS lists the apps low to high, as the house stands"


def planted(app: str, label: str, fields: dict[str, models.Field]) -> type[models.Model]:
    meta = type("Meta", (), {"app_label": label})
    return type("Planted", (models.Model,), {"__module__": f"{app}.models.planted", "Meta": meta, **fields})


@pytest.mark.parametrize(
    ("here", "there", "refused"),
    [
        ("identity", "cases", True),  # upwards
        ("figures", "search", True),  # sideways
        ("dashboard", "portal", True),
        ("foundation", "identity", True),
        ("cases", "identity", False),  # downwards
        ("cases", "cases", False),  # at home
        ("portal", "cases", False),
        ("cases", "django", False),  # to the ground
    ],
)
@pytest.mark.parametrize("kind", [models.ForeignKey, models.OneToOneField, models.ManyToManyField])
def test_a_planted_relation_is_judged(here: str, there: str, refused: bool, kind: type[models.Field]) -> None:
    options = {} if kind is models.ManyToManyField else {"on_delete": models.CASCADE}
    with isolate_apps("django.contrib.contenttypes"):
        target = planted(there, "there", {})
        target.__name__ = "Target"
    with isolate_apps("django.contrib.contenttypes"):
        source = planted(here, "here", {"target": kind(target, related_name="+", **options)})
        assert app_of(source) == here
        assert relation_faults([source]) == (["here.Planted.target -> there.Planted"] if refused else [])
