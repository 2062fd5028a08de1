"""Which definition a value was computed by: a short hash of a figure's declaration and of its query.

Two observations of one figure compare only if they have the same version. Rounding and names may change without a new
one; what is counted may not.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import override

from figures.registry import Counted, Figure, Manual, Median, Ratio, SoFar, Stock, Total, registry
from organisation.pack import pack

LENGTH = 12


def version_of(figure: Figure) -> str:
    """The version of a figure's definition, 12 hexadecimal digits; the same in every process and language."""
    return _version(figure, pack().digest)


@lru_cache(maxsize=1024)
def _version(figure: Figure, digest: str) -> str:
    # The pack says which kinds a query names, so what is remembered holds for one state of it.
    with override("zh-hant"):
        said = [type(figure).__name__, str(figure.definition), str(figure.unit)]
    content = json.dumps([*said, *_source(figure)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:LENGTH]


def _source(figure: Figure) -> list[str]:
    """What a value is taken from: the records' own query with its values, or the versions of the parts."""
    if isinstance(figure, Counted):
        try:
            sql, params = (
                figure.records().order_by().values_list("pk").query.get_compiler(connection=connection).as_sql()
            )
        except EmptyResultSet:
            sql, params = "", ()
        dated = [figure.since, figure.until] if isinstance(figure, Stock) else [figure.dated_by]
        value = [str(figure.value)] if isinstance(figure, Median) else []
        value += [figure.amount] if isinstance(figure, Total) else []
        return [sql, repr(params), *dated, *value, repr(sorted(figure.dimensions.items()))]
    if isinstance(figure, Manual):
        return [figure.measures]
    since = [str(figure.since)] if isinstance(figure, SoFar) else []
    order = figure.parts if isinstance(figure, Ratio) else sorted(figure.parts)
    return [*(f"{part} {version_of(registry.figure(part))}" for part in order), *since]
