"""Reports that staff take down for citizens: at the telephone, at the counter."""

import pytest
from django.test import Client

from cases.models import Case, CaseEvent, Contact
from cases.registry import kinds
from identity.factories import person
from organisation.actions import appoint
from servicerequests.tests.walking import Walker

pytestmark = pytest.mark.django_db


def walker_of(role: str) -> Walker:
    user = person(username=role, name="陳話務")
    if role != "citizen":
        appoint(None, user, role, since=user.created_at.date())
    client = Client()
    client.force_login(user)
    return Walker(client)


def test_an_agent_files_for_the_caller_and_the_timeline_says_so(city):
    agent = walker_of("call_agent")
    agent.report(kinds()["pothole"], contact={"channel": "phone", "phone": "0900-000-123"})
    case = Case.objects.get()
    contact = Contact.objects.get(case=case)
    assert (case.channel, contact.phone, contact.email, contact.reporter) == ("phone", "0900000123", "", None)
    assert CaseEvent.objects.get(case=case).actor.name == "陳話務"


def test_a_citizen_cannot_say_that_they_called(city):
    citizen = walker_of("citizen")
    with pytest.raises(AssertionError, match="channel"):  # nobody asks them
        citizen.report(kinds()["pothole"], contact={"channel": "phone"})
    citizen.report(kinds()["pothole"], contact={"phone": "0900-000-123"})
    case = Case.objects.get()
    assert (case.channel, Contact.objects.get(case=case).reporter.username) == ("web", "citizen")
    assert CaseEvent.objects.get(case=case).actor is None
