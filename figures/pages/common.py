"""What the pages of figures share: who may read, what the address chooses, which years there are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from figures import queries
from figures.models import ManualEntry, Observation
from figures.permissions import READ_ALL, evidence_of, may_read
from figures.queries import Reading
from figures.registry import YEAR, Figure, Period, registry
from foundation.clock import today
from foundation.drawing import Drawing, columns
from identity.doors import door, refused, to_sign_in
from organisation import directory

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from identity.models import User

View = Callable[..., HttpResponse]


def figure_door(view: View) -> View:
    """A door of one figure's pages: public, but for figures that are not."""

    @door("public:figures:read")
    @functools.wraps(view)
    def guarded(request: HttpRequest, figure: Figure, *args: Any, **kwargs: Any) -> HttpResponse:
        if may_read(request.user, figure):
            return view(request, figure, *args, **kwargs)
        return refused(request, READ_ALL) if request.user.is_authenticated else to_sign_in(request)

    return guarded


def chosen_dims(request: HttpRequest, figure: Figure) -> dict[str, str]:
    """The values of the figure's dimensions that the address names, by code."""
    return {d.code: request.GET[d.code] for d in registry.dimensions_of(figure) if d.code in request.GET}


def chosen_context(dims: dict[str, str]) -> dict[str, Any]:
    """The chosen values for a template: in words (a value that no member has stands as it is), and as a query."""
    chosen = [
        {
            "dimension": registry.dimension(code).label,
            "label": queries.member_label(code, value),
            "without": f"?{urlencode({other: dims[other] for other in dims if other != code})}",
        }
        for code, value in dims.items()
    ]
    return {"dims": dims, "chosen": chosen, "query": f"?{urlencode(dims)}" if dims else ""}


def years_with_data() -> list[int]:
    """The years for which something is stored, the latest first, the current one always among them."""
    return sorted({today().year, *Observation.objects.years()}, reverse=True)


def chosen_year(request: HttpRequest, years: list[int]) -> int:
    """The year that the address names; without one, the latest that is over, or the current one."""
    asked = request.GET.get("year")
    if asked is None:
        return next((year for year in years if Period.year(year).is_over), years[0])
    try:
        period = Period.parse(asked)
    except ValueError as error:
        raise Http404(str(error)) from error
    if period.grain != YEAR:
        raise Http404(asked)
    return period.start.year


def sentence(readings: Sequence[Reading]) -> str:
    """What a chart shows, in a sentence: where it is highest. Empty where there is nothing to compare."""
    known = [reading for reading in readings if reading.value is not None]
    if len({reading.value for reading in known}) < 2:
        return ""
    highest = max(known, key=lambda reading: reading.value or 0)
    words = {"when": highest.period.short_label, "number": highest.text, "unit": highest.unit}
    return _("%(when)s最高，%(number)s %(unit)s。") % words


def course(readings: Sequence[Reading]) -> Drawing | None:
    """Readings of one figure over time as columns; None where none has a value."""
    begun = [reading for reading in readings if reading.period.has_begun]
    if not any(reading.value for reading in begun):
        return None
    labels = [reading.period.axis_label for reading in begun]
    figure = begun[0].figure
    return columns(labels, [str(figure.label)], [[reading.value for reading in begun]], str(figure.unit), stacked=False)


def with_files(user: User | AnonymousUser, history: list[ManualEntry]) -> list[ManualEntry]:
    """Entries, each with the files of evidence (``shown``) that a person may open; one statement."""
    files = evidence_of(user, history)
    for entry in history:
        entry.shown = [file for file in files if file.entry_id == entry.pk]  # type: ignore[attr-defined]
    return history


def owner_label(figure: Figure) -> str:
    """The name of the agency that answers for a figure, in the reader's language; empty where none is known."""
    try:
        return directory.agency(registry.owner_of(figure)).label
    except KeyError:
        return ""
