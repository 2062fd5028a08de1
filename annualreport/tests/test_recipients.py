"""Who gets a report: the standing list, the mails that go out with the publication, and what has become of them."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from annualreport.actions import sending
from annualreport.actions.compiling import open_report
from annualreport.actions.publishing import publish
from annualreport.actions.recipients import keep, on_paper, take_over
from annualreport.models import Dispatch, Recipient
from annualreport.registry import kind
from annualreport.tests.test_pages import client_of, words
from figures.registry import Period
from foundation import jobs
from foundation.clock import today
from messages.models import Message, State
from messages.testing import smtp_server

__all__ = ["smtp_server"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def analysis(people):
    """A month's report that may be published."""
    report = open_report(people["controller"], kind("analysis"), Period.month(2022, 8))
    report.sections.update(state="final", done_on=today())
    return report


def enlist(name: str, **facts) -> Recipient:
    return keep(Recipient(kind_code="analysis"), {"name": name, **facts})


def test_publishing_mails_the_link_and_the_file_to_those_with_an_address(analysis, people, smtp_server, settings):
    settings.PUBLIC_URL = "https://city.example"
    enlist("市立圖書館", sort="library", form="docx", mail="books@library.example")
    enlist("Consulate", form="docx", mail="office@consulate.example", language="en")
    enlist("市議會", sort="council", copies=2)
    publish(people["controller"], analysis)
    jobs.perform_waiting()
    by_address = {mail.recipients[0]: mail for mail in smtp_server.mails}
    assert set(by_address) == {"books@library.example", "office@consulate.example"}
    library = by_address["books@library.example"]
    assert "（第 1 版）" in library.subject
    assert "https://city.example/reports/analysis/2022-08/?version=1" in library.text
    (attached,) = library.message.iter_attachments()
    assert attached.get_filename() == "analysis-2022-08-1.docx" and attached.get_content()[:2] == b"PK"
    assert "Version 1 of" in by_address["office@consulate.example"].text
    lines = list(Dispatch.objects.of(analysis))
    assert {(each.recipient, each.way, each.form) for each in lines} == {
        ("市立圖書館", "mail", "docx"), ("Consulate", "mail", "docx")
    }  # fmt: skip
    assert {message.state for message in sending.messages_of(lines).values()} == {State.SENT}
    assert on_paper(analysis.kind) == ["市議會（2 份）"]


def test_a_file_that_is_too_large_stays_at_home(analysis, people, smtp_server, monkeypatch):
    enlist("市立圖書館", form="docx", mail="books@library.example")
    monkeypatch.setattr(sending, "LARGEST", 10)
    publish(people["controller"], analysis)
    jobs.perform_waiting()
    assert (
        not list(smtp_server.mails[0].message.iter_attachments()) and "/reports/analysis/" in smtp_server.mails[0].text
    )


def test_what_failed_is_sent_again_also_to_a_new_address(analysis, people, smtp_server):
    library = enlist("市立圖書館", form="docx", mail="old@library.example")
    smtp_server.refuse_recipient = "550 no such mailbox"
    publish(people["controller"], analysis)
    jobs.perform_waiting()
    (line,) = Dispatch.objects.of(analysis)
    client = client_of(people["controller"])
    address = f"{analysis.get_absolute_url()}dispatches/"
    page = words(client.get(address))
    assert "寄送失敗" in page and "550 no such mailbox" in page and "重新寄送" in page
    keep(library, {"mail": "new@library.example"})
    smtp_server.refuse_recipient = ""
    again = f"{address}{line.pk}/again/"
    assert client_of(people["writer"]).post(again).status_code == 403
    assert client.post(again)["Location"] == address
    jobs.perform_waiting()
    assert smtp_server.mails[0].recipients == ["new@library.example"]
    assert "已寄出" in words(client.get(address))
    client.post(again)  # what arrived is not sent twice
    jobs.perform_waiting()
    assert len(smtp_server.mails) == 1 and Message.objects.about(sending.TOPIC, line.pk).count() == 2


def test_who_is_put_on_the_list_later_may_be_sent_what_is_published(analysis, people):
    controller = people["controller"]
    publication = publish(controller, analysis)
    assert sending.send_out(controller, publication) == []
    client, address = client_of(controller), f"{analysis.get_absolute_url()}dispatches/"
    assert "還沒有寄給" not in words(client.get(address))
    enlist("市立圖書館", form="pdf", mail="books@library.example")
    assert "還沒有寄給" in words(client.get(address))
    for _twice in range(2):
        client.post(f"{address}mail/")
    assert [each.recipient for each in Dispatch.objects.of(analysis)] == ["市立圖書館"]
    # Without a mail server it is kept, which the log says.
    assert "留存未寄" in words(client.get(address))


def test_the_list_is_begun_with_the_packs_and_kept_up(people):
    client, address = client_of(people["controller"]), "/desk/reports/recipients/results/"
    named = len(kind("results").recipients)
    assert f"慣用的 {named} 個" in words(client.get(address))
    client.post(f"{address}pack/")
    assert Recipient.objects.of("results").count() == named and take_over(kind("results")) == 0
    facts = {"name": "市立圖書館", "sort": "library", "form": "pdf", "mail": "", "copies": 1, "language": "zh-hant"}
    refused = client.post(address, facts)
    assert refused.status_code == 422 and "以檔案寄送要有「電子郵件」" in words(refused)
    assert 'value="市立圖書館"' in refused.content.decode()
    assert "電子郵件的格式不正確" in words(client.post(address, facts | {"mail": "somewhere"}))
    client.post(address, facts | {"mail": "books@library.example"})
    twice = client.post(address, facts | {"mail": "books@library.example"})
    assert twice.status_code == 422 and "已經在名單裡" in words(twice)
    library = Recipient.objects.of("results").get(name="市立圖書館")
    one = f"{address}{library.pk}/"
    client.post(one, facts | {"mail": "desk@library.example", "copies": 3})
    library.refresh_from_db()
    assert (library.mail, library.copies) == ("desk@library.example", 3)
    assert re.search("PDF · desk@library.example", words(client.get(address)))
    for stranger in (client_of(people["writer"]), Client()):
        assert stranger.get(one).status_code in (302, 403) and stranger.post(f"{one}removal/").status_code in (302, 403)
    client.post(f"{one}removal/")
    assert client.get(one).status_code == 404 and client.get("/desk/reports/recipients/none/").status_code == 404


def test_the_database_knows_that_a_file_needs_an_address(city):
    with pytest.raises(IntegrityError, match="recipient_file_needs_mail"), transaction.atomic():
        Recipient.objects.create(kind_code="analysis", name="x", form="pdf")
    with pytest.raises(ValidationError, match="電子郵件"):
        enlist("x", form="pdf")
