"""Telling many of an incident: the agencies concerned, and everybody who reported one of its cases, once each."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Count, Q

from cases.models import Contact
from foundation.clock import now, today
from foundation.encryption import digest
from foundation.jobs import defer
from messages.actions import send, ways_to
from messages.models import Channel
from messages.timing import Way
from organisation.models import Membership
from servicerequests.actions.counting import cases_of
from servicerequests.actions.incidents import locked, log
from servicerequests.models import Broadcast, Incident, Told

TOPIC = "servicerequests.incident"
TO_STAFF, TO_REPORTER = "servicerequests.incident_staff", "servicerequests.incident_reporter"
JOB = "servicerequests.tell_reporters"
BATCH = 200
CONCERNED = ("unit_head", "case_officer")

_TOLD = """
INSERT INTO servicerequests_told (broadcast_id, person, staff) SELECT %s, unnest(%s::text[]), %s
ON CONFLICT (broadcast_id, person) DO NOTHING RETURNING person
"""


@transaction.atomic
def broadcast(actor, pk: int, *, text_zh: str, text_en: str, to_agencies: bool, to_reporters: bool) -> Broadcast:
    """Tell the agencies at once, and the reporters by a job, in batches; both in each reader's language.

    Raises PermissionDenied, and ValidationError for nobody to tell, nothing to say or a closed incident.
    """
    incident = locked(actor, pk)
    said = Broadcast(
        incident=incident, at=now(), by=actor, to_agencies=to_agencies, to_reporters=to_reporters,
        text_zh=text_zh.strip(), text_en=text_en.strip(),
    )  # fmt: skip
    said.full_clean()
    if not to_reporters:
        said.finished_at = now()
    said.save()
    staff = tell_agencies(said) if to_agencies else 0
    if to_reporters:
        defer(JOB, broadcast=said.pk, after=0)
    log(incident, "broadcast", actor, said.text_zh, staff=staff, reporters=to_reporters)
    return said


def concerned(incident: Incident) -> list:
    """Who answers for the incident's open cases: heads and officers of their units, heads of their agencies and of the
    agency that leads; accounts with an address, in two statements."""
    still_open = cases_of(incident).open().order_by()
    places = set(still_open.values_list("unit_id", "unit__agency_id").distinct())
    units, agencies = {unit for unit, _agency in places}, {agency for _unit, agency in places} | {incident.lead_id}
    role = Q(role__in=CONCERNED, unit_id__in=units) | Q(role="agency_head", agency_id__in=agencies)
    role |= Q(role="unit_head", unit__agency_id=incident.lead_id)
    held = Membership.objects.in_force(today()).filter(role, user__is_active=True).exclude(user__email="")
    return list({row.user_id: row.user for row in held.select_related("user").order_by("id")}.values())


def tell_agencies(said: Broadcast) -> int:
    """Write to everybody concerned in the agencies; returns to how many."""
    incident = said.incident
    people = {digest(person.email): person for person in concerned(incident)}
    for key in _new(said, people, staff=True):
        person = people[key]
        send(TO_STAFF, person.email, person.language, _words(said, person.language), TOPIC, incident.pk)
    return len(people)


@transaction.atomic
def tell_reporters(pk: int, after: int) -> None:
    """Write to the reporters of the next cases, and have a job go on after them. Twice does no harm.

    Who reported five cases gets one message, by the first of the ways that they chose; who chose none gets none.
    """
    said = Broadcast.objects.select_for_update(of=("self",)).select_related("incident").get(pk=pk)
    if said.finished_at:
        return
    wanted = Contact.objects.reachable().filter(pk__gt=after, case__in=cases_of(said.incident).values("pk"))
    contacts = list(wanted.order_by("pk")[:BATCH])
    ways = [(contact, ways_to(contact.reach())) for contact in reversed(contacts)]
    people = {_known_by(contact, found[0]): (contact, found[0]) for contact, found in ways if found}
    for key in _new(said, people, staff=False):
        contact, way = people[key]
        words = _words(said, contact.language)
        send(
            TO_REPORTER, way.to, contact.language, words, TOPIC, said.incident_id,
            channel=way.channel, otherwise=way.otherwise,
        )  # fmt: skip
    if len(contacts) == BATCH:
        defer(JOB, broadcast=pk, after=contacts[-1].pk)
    else:
        said.finished_at = now()
        said.save(update_fields=["finished_at"])


def _known_by(contact: Contact, way: Way) -> str:
    """A person by the address that the message goes to."""
    by = {Channel.MAIL: contact.email_digest, Channel.SMS: contact.phone_digest, Channel.LINE: contact.line_digest}
    return by[Channel(way.channel)]


def _new(said: Broadcast, people: Iterable[str], *, staff: bool) -> list[str]:
    """Of these people, those who have not been told yet; they count as told from now on."""
    keys = list(people)
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, (said.pk, keys, staff))
        new = {key for (key,) in cursor.fetchall()}
    return [key for key in keys if key in new]


def _words(said: Broadcast, language: str) -> dict:
    incident = said.incident
    name = incident.name_en if language == "en" and incident.name_en else incident.name
    return {"name": name, "text": said.text(language), "number": incident.pk, "public": bool(incident.public_zh)}


def reached(incident: Incident) -> list[Broadcast]:
    """What was broadcast, the newest first, with how many were told; two statements."""
    broadcasts = list(incident.broadcasts.select_related("by").order_by("-at"))
    counts = Told.objects.filter(broadcast__in=broadcasts).values_list("broadcast_id", "staff").annotate(n=Count("pk"))
    found = {(pk, staff): n for pk, staff, n in counts}
    for each in broadcasts:
        each.staff_told, each.reporters_told = found.get((each.pk, True), 0), found.get((each.pk, False), 0)
    return broadcasts
