"""What a case may have to do with: the same matter reported twice, what is open close by, the citizen's other cases.

It comes after the case's page, once it would be seen: to find it takes longer than half of that page, and whoever opens
a case to answer it does without. Where there is no script, a link leads here.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases.models import Case, Contact
from cases.models.contact import contact_of
from cases.pages.case import case_or_404
from cases.pages.queue import rail
from cases.permissions import may_see_contact
from cases.rules import metres_apart
from identity.doors import door

NEARBY_METRES = 250


def nearby(case: Case, user) -> list[tuple[int, Case]]:
    """Open cases around this one that the reader may see, as (metres, case), the nearest first; one statement."""
    if case.lat is None:
        return []
    around = Case.objects.visible_to(user).open().near(case.lon, case.lat, NEARBY_METRES).exclude(pk=case.pk)
    far = [(round(metres_apart(case.lon, case.lat, other.lon, other.lat)), other) for other in around.for_list()[:200]]
    found = sorted(far, key=lambda x: x[0])
    return [(distance, other) for distance, other in found if distance <= NEARBY_METRES][:20]


def of_same_citizen(case: Case, user) -> list[Case]:
    """The newest other cases of whoever reported this one; none for a reader who may not know who that is."""
    contact = contact_of(case)
    if contact is None or not may_see_contact(user, case, contact):
        return []
    theirs = Contact.objects.open_to(user).same_person(contact)
    others = Case.objects.visible_to(user).filter(contact__in=theirs).exclude(pk=case.pk)
    return list(others.for_list().order_by("-received_at")[:10])


@door("unit:cases:read")
def related(request: HttpRequest, number: str) -> HttpResponse:
    """``/desk/cases/D111-0099781/related/``; for htmx the part alone, with ``?level=3`` as the queue's pane has it."""
    case, user = case_or_404(request, number), request.user
    context = {
        "case": case,
        "panels": [panel for build in case.kind.family.related if (panel := build(case, user))],
        "nearby": nearby(case, user),
        "others": of_same_citizen(case, user),
        "level": 3 if request.GET.get("level") == "3" else 2,
    }
    if request.htmx:
        return render(request, "cases/parts/related.html", context)
    return render(request, "cases/related.html", rail(request) | context)
