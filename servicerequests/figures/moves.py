"""How often cases are passed round before somebody takes them on."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseEvent
from figures.registry import Count, Ratio, register
from servicerequests.figures.requests import COLUMNS, COMMON, DIMENSIONS

MOVES = ("transfer", "refuse", "rule")  # the verbs by which another unit becomes responsible


def _moved_twice() -> QuerySet:
    return Case.objects.select_related("district").filter(transfers__gte=2)


def _moves() -> QuerySet:
    return CaseEvent.objects.select_related("case__district").filter(verb__in=MOVES)


register(
    Count(
        code="servicerequests.moved_twice",
        label=_("改分兩次以上案件"),
        unit=_("件"),
        definition=_("期間內受理、至今改由其他單位辦理（改分、退分、研考裁定）兩次以上的案件，依受理日期計。"),
        records=_moved_twice,
        date_field="received_on",
        **COMMON,
    )
)
register(
    Count(
        code="servicerequests.moves",
        label=_("改分次數"),
        unit=_("次"),
        definition=_("期間內受理的案件，至今改分、退分與研考裁定的次數，依案件的受理日期計。"),
        records=_moves,
        date_field="case__received_on",
        **COMMON
        | {
            "dimensions": {code: f"case__{path}" for code, path in DIMENSIONS.items()},
            "columns": [replace(column, value=lambda event, of=column.value: of(event.case)) for column in COLUMNS],
            "record_url": lambda event: COMMON["record_url"](event.case),
            "places": None,
        },
    )
)
register(
    Ratio(
        code="servicerequests.moves_per_hundred",
        label=_("平均每百件改分次數"),
        unit=_("次"),
        definition=_("期間內受理的案件平均每一百件改分、退分與研考裁定的次數。"),
        numerator="servicerequests.moves",
        denominator="servicerequests.requests",
    )
)
