"""Counter, letter and fax: the receipt, the scans, and then the report's own pages with the scans beside."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import Attachment, Case, CaseEvent
from foundation.clock import TAIPEI, now
from identity.factories import person
from organisation.actions import appoint
from servicerequests.tests.walking import Walker, no_room, picture

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\nstartxref\n0\n%%EOF\n"
STAMP = "2026-11-20T09:30"


def pdf(name: str = "陳情書.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


@pytest.fixture
def agent(city) -> Walker:
    user = person(username="agent", name="陳收發")
    appoint(None, user, "call_agent", since=user.created_at.date())
    client = Client()
    client.force_login(user)
    return Walker(client).get("/mailbox/paper/")


def receive(agent: Walker, scans: list | None = None, **typed: str) -> Walker:
    files = {"scans": [pdf(), picture(name="第二頁.jpg")] if scans is None else scans}
    return agent.send(
        "number", files=files, **{"channel": "letter", "received_at": STAMP, "number": "府收115-7", **typed}
    )


def finish(agent: Walker) -> Walker:
    agent.send("draft", go="/report/pothole/")
    assert agent.page.count("/mailbox/paper/") >= 2 and '<aside class="beside"' in agent.page
    agent.send(f_size="wheel").send(address="苓雅區三多三路 215 號").send()
    assert "channel" not in agent.form("draft").names
    return agent.send(name="王小明").send()


def test_a_letter_is_filed_with_its_number_its_scans_and_the_clock_from_its_receipt(agent) -> None:
    finish(receive(agent))
    case = Case.objects.get()
    assert (case.channel, case.source, case.source_number) == ("letter", "letter", "府收115-7")
    assert case.received_at == case.promised_at == datetime(2026, 11, 20, 9, 30, tzinfo=TAIPEI)
    assert CaseEvent.objects.get(case=case).actor.name == "陳收發"
    scans = Attachment.objects.filter(case=case).order_by("pk")
    assert [(scan.name, scan.is_public) for scan in scans] == [("陳情書.pdf", False), ("第二頁.jpg", False)]
    # The same number a second time leads to the case that is there.
    again = receive(agent.get("/mailbox/paper/"))
    assert again.status == 422 and str(case.number) in again.page
    assert Case.objects.count() == 1


def test_the_scans_are_for_those_who_take_them_down(agent) -> None:
    receive(agent)
    for scan in Attachment.objects.all():
        address = f"/mailbox/paper/{scan.token}/"
        response = agent.client.get(address)
        assert response.status_code == 200
        assert b"".join(response.streaming_content)
        assert Client().get(address).status_code == 302


@pytest.mark.parametrize(
    ("typed", "scans", "says"),
    [
        ({"number": ""}, None, "請填收文號"),
        ({"received_at": ""}, None, "請填收文時間"),
        ({"received_at": f"{(now() + timedelta(days=2)).astimezone(TAIPEI):%Y-%m-%dT%H:%M}"}, None, "還沒有到"),
        ({}, [], "請附上掃描檔"),
        ({}, [pdf("假.pdf", b"MZ\x90\x00")], "假.pdf"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(agent, typed, scans, says) -> None:
    receive(agent, scans, **typed)
    assert agent.status == 422 and says in agent.page
    assert not Attachment.objects.exists()


def test_what_is_said_at_the_counter_needs_neither_number_nor_scan(agent) -> None:
    receive(agent, [], channel="counter", number="")
    agent.send("draft", go="/report/pothole/")
    agent.send(f_size="wheel").send(address="苓雅區三多三路 215 號").send().send().send()
    case = Case.objects.get()
    assert (case.channel, case.source, case.source_number) == ("counter", "", "")


def test_a_citizen_takes_down_nothing_and_uploads_no_pdf(city, walker) -> None:
    assert walker.get("/mailbox/paper/").address.startswith("/sign-in/")
    walker.get("/report/pothole/").send(f_size="wheel").send(address="苓雅區三多三路 215 號")
    walker.send(files={"photos": pdf()})
    assert walker.status == 422 and not Attachment.objects.exists()


def test_with_a_full_disk_what_was_typed_stays_and_no_scan_is_kept(agent) -> None:
    large = PDF.replace(b"1 0 obj", b"%" + b"x" * 30_000 + b"\n1 0 obj")
    with no_room(20_000):
        receive(agent, [pdf(content=large)])
    assert agent.status == 422 and "暫時存不下檔案" in agent.page and "府收115-7" in agent.page
    assert not Attachment.objects.exists()
    receive(agent, [pdf(content=large)])
    assert Attachment.objects.count() == 1 and 'name="draft"' in agent.page
