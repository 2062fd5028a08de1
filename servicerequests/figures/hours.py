"""When citizens report: by the hours of the week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat, ExtractHour, ExtractIsoWeekDay
from django.utils.translation import gettext_lazy as _

from figures.registry import MONTH, YEAR, Count, Dimension, register, register_dimension
from foundation.clock import TAIPEI
from servicerequests.figures.requests import COMMON, _all

DAYS = (_("週一"), _("週二"), _("週三"), _("週四"), _("週五"), _("週六"), _("週日"))


def _members() -> list[tuple[str, str]]:
    return [
        (f"{day}-{hour}", _("{day} {hour} 時").format(day=DAYS[day - 1], hour=hour))
        for day in range(1, 8)
        for hour in range(24)
    ]


# One dimension for both: 168 members cost no more rows than there are hours in a week.
register_dimension(Dimension(code="clock", label=_("星期與時段"), members=_members))


@dataclass(frozen=True, eq=False, kw_only=True)
class CountByMonth(Count):
    """A count that is not kept by the day: a day has one weekday, and its hours are read over months."""

    grains: ClassVar[tuple[str, ...]] = (MONTH, YEAR)


def _with_hours() -> QuerySet:
    """Reports with the weekday (1 is Monday) and the hour in Taipei at which they came: ``1-14``."""
    day = Cast(ExtractIsoWeekDay("received_at", tzinfo=TAIPEI), CharField())
    hour = Cast(ExtractHour("received_at", tzinfo=TAIPEI), CharField())
    return _all().alias(received_clock=Concat(day, Value("-"), hour))


register(
    CountByMonth(
        code="servicerequests.requests_by_hour",
        label=_("受理案件時段"),
        unit=_("件"),
        definition=_("期間內受理的派工通報與人民陳情，依登記的受理時刻（臺北時間）的星期與小時計。"),
        records=_with_hours,
        date_field="received_on",
        **COMMON | {"dimensions": {"clock": "received_clock"}},
    )
)
