"""What keeps a declared figure from being complete."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.db import transaction

from figures import sql
from figures.registry import Counted, Figure, registry


@register("figures")
def complete(**options: Any) -> list[CheckMessage]:
    """`manage.py check`: each figure has its words and columns. Asks neither the database nor the city pack."""
    return [
        Error(problem, obj=figure.code, id="figures.E001")
        for figure in registry.figures()
        for problem in missing(figure)
    ]


def missing(figure: Figure) -> list[str]:
    """What a declaration leaves out, in sentences for the developer; empty if nothing."""
    found = [f"{name} is empty" for name in ("label", "unit", "definition") if not str(getattr(figure, name))]
    if isinstance(figure, Counted) and not figure.columns:
        found.append("no columns: nobody could look at the records that it counts")
    return found


def problems(figure: Figure) -> list[str]:
    """The same, and what is wrong with its query, tried against the database. For the completeness test."""
    found = missing(figure)
    if not isinstance(figure, Counted):
        return found
    query = figure.records().query
    if query.distinct or query.is_sliced or query.combinator or query.group_by:
        return [*found, "records() must not be distinct, sliced, combined or grouped"]
    for grain in figure.grains:
        try:
            with transaction.atomic():
                sql.explain(figure, grain)
        except Exception as error:
            found.append(f"its query by {grain} does not work: {error}")
    return found
