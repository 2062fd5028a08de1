"""The public calendar: whether the offices are open, this year's holidays and make-up days, and what was declared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.clock import today
from identity.doors import door
from organisation.calendar import is_official_working_day, working_calendar
from organisation.models import CalendarOverride
from organisation.pack import pack
from organisation.pages.year import (
    COMPARED_YEARS,
    FIRST_YEAR,
    HEADINGS,
    Closure,
    closures_of,
    in_words,
    months_of,
    official_days,
)
from organisation.permissions import grants_of


@door("public:calendar:read")
@require_safe
def calendar(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """``/calendar/`` and ``/calendar/2026/``: one statement for any year, whatever was declared in it."""
    now = today()
    year = now.year if year is None else year
    if not FIRST_YEAR <= year <= now.year + 1:
        raise Http404
    declared = CalendarOverride.objects.visible_to(request.user).select_related("district")
    # Today's page also says what is coming, be it next year.
    closures = closures_of(declared.filter(Q(date__year=year) | Q(date__gte=now)))
    in_force = [closure for closure in closures if closure.revoked_at is None]
    context = {
        "first": date(year, 1, 1),
        "before": date(year - 1, 1, 1) if year > FIRST_YEAR else None,
        "after": date(year + 1, 1, 1) if year <= now.year else None,
        "today": _today(now, [closure for closure in in_force if closure.date == now]) if year == now.year else None,
        "coming": [closure for closure in in_force if closure.date > now] if year == now.year else [],
        "hours": pack().hours,
        "headings": HEADINGS,
        "months": months_of(year, in_force, now),
        "closures": [closure for closure in in_force if closure.date.year == year],
        "withdrawn": [closure for closure in closures if closure.revoked_at and closure.date.year == year],
        "is_compared": year in COMPARED_YEARS,
        "compared": (date(COMPARED_YEARS[0], 1, 1), date(COMPARED_YEARS[-1], 1, 1)),
        "may_declare": grants_of(request.user).everywhere("city:calendar:declare"),
    }
    return render(request, "organisation/calendar.html", context)


def _today(now: date, closures: list[Closure]) -> dict[str, Any]:
    """Whether the offices are open today, in words; where districts differ they are named."""
    for_all = next((closure for closure in closures if not closure.districts), None)
    if for_all:
        words = _("今天全市%(kind)s") % {"kind": for_all.kind_label}
    elif is_official_working_day(now):
        words = _("今天照常上班")
    else:
        words = _("今天不上班")
    calendar = working_calendar()
    following = now + timedelta(days=1)
    while not calendar.is_working_day(following):
        following += timedelta(days=1)
    return {
        "day": in_words(now),
        "words": words,
        "holiday": official_days(now.year).get(now, ""),
        "closures": closures,
        "is_open": calendar.is_working_day(now),
        "following": in_words(following),
    }
