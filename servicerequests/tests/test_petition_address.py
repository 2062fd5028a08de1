"""A petition from the web waits for its address: nothing is in the queue before the link in the letter is followed."""

from __future__ import annotations

import threading
from dataclasses import fields, replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from cases.actions.filing import Filing, Reporter
from cases.models import Attachment, Case, Contact
from cases.registry import kinds
from foundation import clock, jobs
from identity.factories import person
from messages import inbox
from messages.models import Became, Inbound
from organisation import directory
from servicerequests.actions import mailbox
from servicerequests.tests.programs import HERE, Program, new_key
from servicerequests.tests.test_mailbox import WANG, letters, link
from servicerequests.tests.walking import Walker, picture

pytestmark = pytest.mark.django_db


def petition(walker: Walker, email: str = WANG, **contact) -> Walker:
    return walker.report(kinds()["petition"], contact={"email": email, **contact})


def test_a_petition_waits_for_its_address_and_its_clock_begins_then(city, walker) -> None:
    petition(walker)
    assert not Case.objects.exists() and "信箱確認" in walker.page
    row = Inbound.objects.get()
    assert (row.became, row.way) == (Became.CONFIRMING, "web")
    Inbound.objects.update(received_at=clock.now() - timedelta(days=1))
    page = Walker().get(link(letters()[0]))
    assert not Case.objects.exists()
    page.send("csrfmiddlewaretoken")
    case = Case.objects.get()
    row.refresh_from_db()
    assert str(case.number) in page.page
    assert case.received_at >= row.confirmed_at and case.channel == "web"
    assert case.fields["subject"] == "一段文字" and Contact.objects.get().email == WANG
    assert letters()[-1].notice == "servicerequests.received"
    again = Walker().get(link(letters()[0]))
    assert str(case.number) in again.page and Case.objects.count() == 1


def test_photos_wait_with_it(city, walker) -> None:
    walker.what(kinds()["petition"]).where()
    if "不是同一件" in walker.page:
        walker.send()
    walker.send(files={"photos": picture()}).send(email=WANG).send()
    Attachment.objects.update(uploaded_at=clock.now() - timedelta(days=4))
    jobs.defer("retention.keep_terms", timestamp=0)
    jobs.perform_waiting()
    Walker().get(link(letters()[0])).send("csrfmiddlewaretoken")
    assert Attachment.objects.get().case == Case.objects.get()


def test_a_double_tap_waits_once_and_an_unconfirmed_petition_goes(city, walker) -> None:
    petition_page = walker
    petition_page.what(kinds()["petition"]).where().send().send(email=WANG)
    kept = (walker.page, walker.address)
    walker.send()
    walker.page, walker.address = kept
    walker.send()
    assert (Inbound.objects.count(), len(letters())) == (1, 1)
    Inbound.objects.update(received_at=clock.now() - timedelta(days=2))
    assert inbox.purge() == 0
    Inbound.objects.update(received_at=clock.now() - timedelta(days=4))
    assert inbox.purge() == 1
    row = Inbound.objects.get()
    assert (row.became, row.raw, row.sender, row.text) == (Became.EXPIRED, "", "", "")
    assert Walker().get(link(letters()[0])).status == 404
    assert Walker().client.post(link(letters()[0])).status_code == 404
    assert not Case.objects.exists()


def test_nobody_is_pestered_with_letters_through_the_form(city) -> None:
    for _n in range(4):
        last = petition(Walker())
    assert "上限" in last.page and len(letters()) == 3 == Inbound.objects.count()


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_followed_twice_at_once_files_one_case(city) -> None:
    petition(Walker())
    token, seen = Inbound.objects.get().token, []

    def follow() -> None:
        try:
            seen.append(inbox.confirm(token).topic_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=follow) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [Case.objects.get().pk] * 4


def test_who_is_signed_in_with_the_address_does_not_wait(city) -> None:
    user = person(username="citizen", email=WANG)
    client = Client()
    client.force_login(user)
    petition(Walker(client), email="WANG@example.com")
    assert Case.objects.count() == 1
    petition(Walker(client), email="other@example.com")
    assert Case.objects.count() == 1 and Inbound.objects.count() == 1


def test_a_petition_without_an_address_says_what_to_do(city, walker) -> None:
    walker.what(kinds()["petition"]).where().send().send(phone="0912345678")
    assert walker.status == 422 and "臨櫃" in walker.page
    assert walker.form("draft").values["phone"] == "0912345678"


def test_other_kinds_do_not_wait(city, walker) -> None:
    walker.report(kinds()["pothole"], contact={"email": WANG})
    assert Case.objects.count() == 1


def test_nothing_that_a_citizen_says_is_lost_while_it_waits(city) -> None:
    by_staff = {"received_at", "actor", "source", "source_number", "split"}  # what is known of paper and of parts
    others = {"user", "wants_mail", "line"}  # an account's own address does not wait; who confirms it wants mail
    assert {field.name for field in fields(Filing)} == {*mailbox.FILED, "reporter", "photos", "submission", *by_staff}
    assert {field.name for field in fields(Reporter)} == {*mailbox.REPORTER, "against", *others}
    said = Filing(
        kind_code="petition", description="一段文字", fields={"subject": "一件事"}, channel="app", lon=120.3, lat=22.6,
        address="三多三路", place_note="門口", district_code="64000080", photos=[uuid4()], submission=uuid4(),
        reporter=Reporter(
            name="王小明", email=WANG, phone="0912345678", language="en", confidential=True, wants_sms=True,
            against=directory.agency("pwb"),
        ),
    )  # fmt: skip
    assert mailbox._unpacked(mailbox._packed(said, None)) == said
    assert mailbox._unpacked(mailbox._packed(replace(said, reporter=Reporter()), None)).reporter == Reporter()


def test_what_a_program_sends_waits_too_and_the_program_has_a_token(city) -> None:
    program, other = Program(new_key()[1]), Program(new_key()[1])
    sent = HERE | {"service_code": "petition", "attribute[subject]": "公車站牌", "email": WANG}
    (error,) = program.send(400, **sent | {"email": "", "phone": "0912345678"})
    assert error["description"].startswith("email：")
    (told,) = program.send(**sent, external_id="p-1")
    assert program.send(**sent, external_id="p-1") == [told], "sent again it waits once"
    program.send(400, **sent | {"attribute[subject]": "別的事"}, external_id="p-1")
    assert told["token"] == "p-1" and "service_request_id" not in told and not Case.objects.exists()
    asked = {"api_key": program.text}
    assert program.read("tokens/p-1", **asked) == [{"service_request_id": None, "token": "p-1"}]
    other.read("tokens/p-1", 404, api_key=other.text)
    Walker().get(link(letters()[0])).send("csrfmiddlewaretoken")
    case = Case.objects.get()
    assert program.read("tokens/p-1", **asked) == [{"service_request_id": str(case.number), "token": "p-1"}]
    assert (case.channel, case.api_filing.key.name) == ("open311", "里長 App")
    assert program.send(**sent, external_id="p-1")[0]["service_request_id"] == str(case.number)
    assert len(letters()) == 2, "one to confirm, one with the number"


def test_a_program_without_a_number_of_its_own_is_given_a_token(city) -> None:
    program = Program(new_key()[1])
    sent = HERE | {"service_code": "petition", "attribute[subject]": "公車站牌", "email": WANG}
    tokens = {program.send(**sent)[0]["token"] for _n in range(2)}
    assert len(tokens) == 2 == Inbound.objects.count(), "two reports, as far as anybody knows"
    for token in tokens:
        assert program.read(f"tokens/{token}", api_key=program.text)[0]["service_request_id"] is None
