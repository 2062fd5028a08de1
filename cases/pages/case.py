"""The case page: everything about it on one screen."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cases.actions.performing import CITIZEN
from cases.models import Attachment, Case, CaseEvent, Contact
from cases.models.contact import FIELDS as CONTACT_FIELDS
from cases.models.contact import contact_of
from cases.pages.queue import rail
from cases.permissions import may, may_see_contact, verbs_for
from cases.registry import registry
from foundation.files import serve
from foundation.ratelimit import client_ip
from identity.actions import disclose
from identity.doors import door

PURPOSE = _("聯繫案件辦理事宜")  # of looking at a contact, where no other is given


def case_or_404(request: HttpRequest, number: str, permission: str = "cases:read") -> Case:
    """The case, if this person's roles reach it; otherwise it does not exist for them."""
    shown = Case.objects.visible_to(request.user, permission).for_list()
    return get_object_or_404(shown.select_related("contact", "village"), number=number)


def context_of(request: HttpRequest, case: Case) -> dict:
    """What the case's page and its pane show. A fixed number of statements, however long its history.

    The cases that it may have to do with come after it (`cases.pages.related`)."""
    user = request.user
    contact = contact_of(case)
    sees_contact = may_see_contact(user, case, contact)
    events = list(CaseEvent.objects.of(case).told())
    for event in events:
        event.case = case
        if event.actor_label == CITIZEN and not sees_contact:
            event.actor = None
    verbs = verbs_for(user, case)
    return {
        "case": case,
        "clock": case.clock(),
        "events": list(reversed(events)),
        "attachments": Attachment.objects.of(case) if "attachments" in case.extras else [],
        "has_related": case.lat is not None or (contact is not None and sees_contact),
        "contact": contact,
        "may_see_contact": sees_contact,
        "may_hold": may(user, case, "cases:hold"),
        "may_redact": may(user, case, "cases:redact"),
        "may_see_original": may(user, case, "cases:view_original"),
        "verbs": [verb for verb in verbs if not verb.primary],
        "primary": [verb for verb in verbs if verb.primary],
        "panels": [panel for build in (*registry.panels, *case.kind.family.panels) if (panel := build(case, user))],
        "joined": Case.objects.visible_to(user).joined_to(case).order_by("pk") if "joined" in case.extras else [],
        "points": _points(case),
        "level": 2,  # of the headings; the pane, whose own heading is of the second level, says 3
    }


def _points(case: Case) -> list[dict]:
    if case.lat is None:
        return []
    return [{"lon": case.lon, "lat": case.lat, "title": case.kind.label, "text": case.place, "current": True}]


@door("unit:cases:read")
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """``/desk/cases/D111-0099781/``; as a pane beside the queue when htmx asks for it."""
    case = case_or_404(request, number)
    if request.htmx:
        return render(request, "cases/parts/case.html", context_of(request, case) | {"in_pane": True, "level": 3})
    return render(request, "cases/case.html", rail(request) | context_of(request, case))


@door("unit:cases:view_contact")
@require_POST
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Show who reported, against a line in the log of disclosures with the purpose."""
    case = case_or_404(request, number)
    found = get_object_or_404(Contact.objects.of(case))
    if not may_see_contact(request.user, case, found):
        raise PermissionDenied("cases:view_contact")
    given = {name: value for name in CONTACT_FIELDS if (value := getattr(found, name))}
    if given:
        purpose = request.POST.get("purpose", "")[:200] or PURPOSE
        disclose(request.user, "case", case.number, list(given), purpose, client=client_ip(request))
    facts = [(CONTACT_FIELDS[name], value) for name, value in given.items()]
    context = context_of(request, case) | {"contact_facts": facts}
    if request.htmx:
        return render(request, "cases/parts/contact.html", context)
    return render(request, "cases/case.html", rail(request) | context)


@door("unit:cases:read")
def attachment(request: HttpRequest, token: str, variant: str) -> HttpResponse:
    """A file of a case that the reader may see: ``thumbnail``, ``shown`` (stripped, with what an officer
    covered), or of a document the ``original``; that of a photo is at `cases.pages.redaction`, against a purpose."""
    found = get_object_or_404(Attachment.objects.visible_to(request.user), token=token)
    path = {
        "thumbnail": found.thumbnail,
        "shown": found.shown,
        "original": "" if found.is_image else found.original,
    }.get(variant)
    if not path:
        raise Http404
    return serve(path, found.name, found.content_type if variant == "original" else "image/jpeg")
