"""The public directory: the city's agencies and their units. What each answers for is said by the kinds of cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from identity.doors import door
from organisation.models import Agency, Unit
from organisation.pages.forms import DirectoryFilter
from organisation.placenames import plain


@dataclass(frozen=True)
class Branch:
    """A unit with the units below it."""

    unit: Unit
    below: list[Branch]

    @property
    def count(self) -> int:
        """How many units that is."""
        return 1 + sum(branch.count for branch in self.below)


@dataclass(frozen=True)
class Entry:
    """An agency with its units, as many of them as were looked for."""

    agency: Agency
    units: list[Branch]
    is_open: bool

    @property
    def count(self) -> int:
        """How many units are shown."""
        return sum(branch.count for branch in self.units)


@door("public:directory:read")
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """``/agencies/``: all of them or those that a word finds; two statements however many there are."""
    form = DirectoryFilter(request.GET)
    word = plain(form.cleaned_data["q"]) if form.is_valid() else ""
    below: dict[tuple[int, int | None], list[Unit]] = {}
    for unit in Unit.objects.visible_to(request.user).active():
        below.setdefault((unit.agency_id, unit.parent_id), []).append(unit)
    entries = []
    for agency in Agency.objects.visible_to(request.user).active():
        named = not word or _says(agency, word)
        units = _branches(below, agency.pk, None, lambda unit, all_of_them=named: all_of_them or _says(unit, word))
        if named or units:
            entries.append(Entry(agency, units, is_open=bool(word) and not named))
    context = {
        "form": form,
        "word": word,
        "entries": entries,
        "count": len(entries),
        "units": sum(entry.count for entry in entries),
    }
    return render(request, "organisation/agencies.html", context)


def _branches(
    below: dict[tuple[int, int | None], list[Unit]], agency: int, parent: int | None, wanted: Callable[[Unit], bool]
) -> list[Branch]:
    """The tree under a unit (None: of the agency): the wanted ones, and those that lead to them."""
    found = []
    for unit in below.get((agency, parent), []):
        deeper = _branches(below, agency, unit.pk, wanted)
        if deeper or wanted(unit):
            found.append(Branch(unit, deeper))
    return found


def _says(named: Agency | Unit, word: str) -> bool:
    """Whether a name in either language has the word in it, whatever the width and case of its letters."""
    return word in plain(named.name) or word in plain(named.name_en)
