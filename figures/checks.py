"""`manage.py check`: what keeps a declared figure from being complete."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from figures import sql
from figures.registry import Counted, Figure, registry


@register(Tags.database)
def complete(databases: Any = None, **options: Any) -> list[CheckMessage]:
    """Each figure has its words, and each query compiles. Runs with ``check --database default`` and at migrate."""
    if not databases:
        return []
    # `migrate` checks before it has made the tables of a new database.
    tables = set(connection.introspection.table_names())
    return [
        Error(problem, obj=figure.code, id="figures.E001")
        for figure in registry.figures()
        if not isinstance(figure, Counted) or figure.records().model._meta.db_table in tables
        for problem in problems(figure)
    ]


def problems(figure: Figure) -> list[str]:
    """What a figure lacks, in sentences for the developer; empty if it is complete."""
    found = [f"{name} is empty" for name in ("label", "unit", "definition") if not str(getattr(figure, name))]
    if not isinstance(figure, Counted):
        return found
    if not figure.columns:
        found.append("no columns: nobody could look at the records that it counts")
    query = figure.records().query
    if query.distinct or query.is_sliced or query.combinator or query.group_by:
        found.append("records() must not be distinct, sliced, combined or grouped")
        return found
    for grain in figure.grains:
        try:
            sql.explain(figure, grain)
        except Exception as error:
            found.append(f"its query by {grain} does not work: {error}")
    return found
