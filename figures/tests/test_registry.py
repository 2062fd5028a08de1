"""What the registry refuses, and what every declared figure must have."""

from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F
from django.utils.translation import override

from figures import checks, queries, sql
from figures.registry import DAY, MONTH, YEAR, Counted, Dimension, Figure, Period, Ratio, Registry, registry
from figures.registry.city import Said
from figures.tests.slips import DIMENSIONS, FIGURES, Slip

RECEIVED, DONE, SHARE, PER_MONTH = (FIGURES[n] for n in (0, 1, 6, 7))


@pytest.fixture
def fresh() -> Registry:
    fresh = Registry(city=Said)
    for dimension in DIMENSIONS:
        fresh.register_dimension(dimension)
    return fresh


def test_figures_come_sorted_by_code(fresh: Registry) -> None:
    fresh.register(RECEIVED)
    fresh.register(DONE)
    assert fresh.figures() == [DONE, RECEIVED]
    assert fresh.figure("slips.done") is DONE
    assert fresh.counted("slips") == [DONE, RECEIVED]
    assert fresh.counted("others") == []


@pytest.mark.parametrize(
    ("figure", "complaint"),
    [
        (RECEIVED, "declared twice"),
        (replace(DONE, code="Slips.Done"), "no code of a figure"),
        (replace(DONE, code="done"), "no code of a figure"),
        (SHARE, "no figure slips.on_time, slips.done is declared before it"),
        (replace(DONE, dimensions={"colour": "kind"}), "no dimension colour"),
        (replace(PER_MONTH, of="slips.hours"), "only counts add up"),
    ],
)
def test_what_does_not_fit_is_refused(fresh: Registry, figure: Figure, complaint: str) -> None:
    fresh.register(RECEIVED)
    fresh.register(FIGURES[3])
    with pytest.raises(ImproperlyConfigured, match=complaint):
        fresh.register(figure)
    fresh.register(DONE)  # what fits is taken


def test_dimensions_are_refused_too(fresh: Registry) -> None:
    with pytest.raises(ImproperlyConfigured, match="twice"):
        fresh.register_dimension(DIMENSIONS[0])
    with pytest.raises(ImproperlyConfigured, match="no code"):
        fresh.register_dimension(Dimension(code="Big Town", label="鎮", members=list))
    with pytest.raises(LookupError, match="colour"):
        fresh.dimension("colour")
    with pytest.raises(LookupError, match=r"slips\.nothing"):
        fresh.figure("slips.nothing")


def test_a_ratio_has_what_both_its_parts_have(slips: None) -> None:
    share = registry.figure("slips.on_time_share")
    assert [d.code for d in registry.dimensions_of(share)] == ["channel", "district", "kind"]
    assert registry.grains_of(share) == (DAY, MONTH, YEAR)
    of_stock = Ratio(code="slips.x", label="", definition="", numerator="slips.open", denominator="slips.received")
    assert registry.grains_of(of_stock) == (MONTH, YEAR)
    assert registry.dimensions_of(registry.figure("slips.limit")) == []


def test_the_check_names_what_is_missing(slips: None) -> None:
    assert checks.problems(RECEIVED) == []
    assert checks.problems(replace(RECEIVED, label="", columns=())) == [
        "label is empty",
        "no columns: nobody could look at the records that it counts",
    ]
    assert "does not work" in checks.problems(replace(RECEIVED, dimensions={"kind": "colour"}))[0]
    assert "distinct" in checks.problems(replace(RECEIVED, records=lambda: Slip.objects.distinct()))[0]
    assert "does not work" in checks.problems(replace(FIGURES[3], value=F("colour")))[0]
    assert checks.complete() == []
    registry.register(replace(RECEIVED, code="slips.unfinished", definition=""))
    assert [(error.obj, error.msg) for error in checks.complete()] == [("slips.unfinished", "definition is empty")]


# --- Completeness: every figure of the house -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    """What the catalogues of all apps say in English."""
    found: dict[str, str] = {}
    for path in Path(settings.BASE_DIR).glob("*/locale/en/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            found |= {m.id: str(m.string) for m in read_po(file) if m.id and isinstance(m.id, str)}
    return found


declared = [pytest.param(figure, id=figure.code) for figure in registry.figures() if figure.code in registry._figures]


@pytest.mark.django_db
@pytest.mark.parametrize("figure", declared)
def test_every_figure_is_complete(figure: Figure, english: dict[str, str]) -> None:
    assert checks.problems(figure) == []
    texts = [figure.label, figure.definition, figure.unit, figure.how, figure.source]
    texts += [dimension.label for dimension in registry.dimensions_of(figure)]
    texts += [column.label for column in figure.columns] if isinstance(figure, Counted) else []
    with override("zh-hant"):
        chinese = [str(text) for text in texts if str(text)]
    for text in chinese:
        assert text.isascii() or english.get(text), f"{figure.code}: no English for {text}"
    for dimension in registry.dimensions_of(figure):
        assert list(dimension.members()) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("figure", [each for each in declared if isinstance(each.values[0], Counted)])
def test_the_query_shown_is_one_that_runs(figure: Counted) -> None:
    for grain in figure.grains:
        period = Period.of(grain, Period.month(2022, 8).start)
        with connection.cursor() as cursor:
            cursor.execute(sql.shown(figure, period).replace("%", "%%"), ())
            shown = cursor.fetchone()[0]
        assert shown == queries.recount(figure.code, period).current
