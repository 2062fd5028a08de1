"""What can be counted: figures and the dimensions that they are broken down by, declared by the desks.

A desk declares in ``<app>/figures/`` (any module of that package is picked up at start)::

    register(Count(code="servicerequests.dispatches", label=_("派工案件"), ...))
"""

from figures.registry.declared import (
    KINDS,
    Column,
    Count,
    Counted,
    Derived,
    Dimension,
    Figure,
    Lookup,
    Manual,
    Median,
    PerMonth,
    Ratio,
    RuleFigure,
    ShareSet,
    SoFar,
    Stock,
    Text,
    Total,
    hours_between,
)
from figures.registry.periods import DAY, GRAINS, MONTH, YEAR, Period
from figures.registry.places import Places
from figures.registry.register import Registry, registry

register = registry.register
register_dimension = registry.register_dimension
register_share_set = registry.register_share_set
figure = registry.figure
figures = registry.figures
dimension = registry.dimension

__all__ = [
    "DAY",
    "GRAINS",
    "KINDS",
    "MONTH",
    "YEAR",
    "Column",
    "Count",
    "Counted",
    "Derived",
    "Dimension",
    "Figure",
    "Lookup",
    "Manual",
    "Median",
    "PerMonth",
    "Period",
    "Places",
    "Ratio",
    "Registry",
    "RuleFigure",
    "ShareSet",
    "SoFar",
    "Stock",
    "Text",
    "Total",
    "dimension",
    "figure",
    "figures",
    "hours_between",
    "register",
    "register_dimension",
    "register_share_set",
    "registry",
]
