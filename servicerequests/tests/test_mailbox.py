"""A citizen's mail, from the mail server to the queue and back, and the agents' page of it."""

from __future__ import annotations

import re

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from cases.models import Attachment, Case, CaseEvent, Contact
from cases.states import WITHDRAWN
from foundation import clock, jobs
from foundation.files import read_position
from identity.factories import person
from identity.models import Disclosure
from messages import inbox
from messages.channels.mail import message_id
from messages.models import Became, Inbound, Message
from messages.testing import imap_process, imap_server, smtp_server
from messages.tests.mails import with_file, written
from organisation.actions import appoint
from organisation.pack import pack
from servicerequests.actions import mailbox
from servicerequests.tests.office import act
from servicerequests.tests.walking import Walker, picture

__all__ = ["imap_process", "imap_server", "smtp_server"]

pytestmark = pytest.mark.django_db

WANG = "wang@example.com"


@pytest.fixture
def arrive(city, imap_server):
    """``arrive(mail, ...)``: mails reach the mailbox, are fetched and read; the last one's row."""

    def arrive(*mails) -> Inbound:
        imap_server.deliver(*mails)
        inbox.fetch()
        jobs.perform_waiting()
        return Inbound.objects.order_by("-pk").first()

    return arrive


@pytest.fixture
def agent(city) -> Walker:
    user = person(username="agent", name="陳話務")
    appoint(None, user, "call_agent", since=user.created_at.date())
    client = Client()
    client.force_login(user)
    return Walker(client)


def ruled(monkeypatch, name: str, value: int) -> None:
    """The pack says otherwise."""
    decided = mailbox.rule
    monkeypatch.setattr(mailbox, "rule", lambda asked: value if asked == name else decided(asked))


def link(message: Message) -> str:
    return re.search(r"(/confirm/\S+)", message.body)[1]


def letters(to: str = WANG) -> list[Message]:
    return [letter for letter in Message.objects.order_by("pk") if letter.recipient == to]


def answer(case: Case, text: str, **headers) -> object:
    letter = Message.objects.filter(topic_id=case.pk).order_by("-pk").first()
    return written(text, In_Reply_To=message_id(letter.token.hex), **headers)


# -- An answer to one of our letters -----------


def test_the_reporters_answer_is_what_the_officer_waited_for(arrive, filed, smtp_server) -> None:
    case = filed(reporter=mailbox.Reporter(email=WANG))
    act(case, "take")
    act(case, "ask", text="哪一個車道？")
    jobs.perform_waiting()
    asked = smtp_server.mails[-1].message
    reply = with_file(written("外側車道\n\n> 哪一個車道？", References=asked["Message-ID"]), "洞.jpg", picture().read())
    with_file(reply, "病毒.exe", b"MZ", "application/octet-stream")
    row = arrive(reply)
    case.refresh_from_db()
    assert (row.became, row.topic_id, case.state) == (Became.ADDED, case.pk, "assigned")
    event = CaseEvent.objects.get(case=case, verb="supply")
    assert (event.text, event.actor, event.actor_label) == ("外側車道", None, "民眾")
    assert [file.name for file in Attachment.objects.filter(case=case)] == ["洞.jpg"]
    assert [note["name"] for note in row.file_notes if note["problem"]] == ["病毒.exe"]


def test_at_another_time_it_is_a_remark_and_an_ended_case_takes_none(arrive, filed) -> None:
    case = filed(reporter=mailbox.Reporter(email=WANG))
    assert arrive(answer(case, "多謝")).became == Became.ADDED
    assert not CaseEvent.objects.get(case=case, verb="comment").is_public
    act(case, "withdraw")
    case.refresh_from_db()
    assert case.state == WITHDRAWN.code
    row = arrive(answer(case, "還在嗎"))
    assert row.became == Became.PERSON and str(case.number) in row.reason


def test_a_stranger_who_has_our_letter_adds_nothing(arrive, filed) -> None:
    case = filed(reporter=mailbox.Reporter(email=WANG))
    row = arrive(answer(case, "我是他鄰居", sender="other@example.com"))
    assert (row.became, row.topic_id) == (Became.PERSON, case.pk)
    assert not CaseEvent.objects.filter(case=case, verb="comment").exists()


# -- A new matter -----------


def test_a_new_mail_waits_and_its_sender_gets_a_link_but_no_number(arrive) -> None:
    row = arrive(written("三多三路 215 號路燈不亮"))
    assert (row.became, Case.objects.count()) == (Became.PERSON, 0)
    (letter,) = letters()
    assert letter.notice == "servicerequests.confirm"
    page = Walker().get(link(letter))
    assert page.status == 200 and "w***@example.com" in page.page and WANG not in page.page
    row.refresh_from_db()
    assert row.confirmed_at is None  # looking is not confirming
    page.send("csrfmiddlewaretoken")
    row.refresh_from_db()
    assert row.confirmed_at and row.became == Became.PERSON
    assert Walker().get("/confirm/x/").status == 404


def test_a_flood_from_one_address_is_answered_a_few_times_only(arrive) -> None:
    arrive(*(written(f"第 {n} 封") for n in range(6)))
    assert Inbound.objects.filter(became=Became.PERSON).count() == 6
    assert len(letters()) == pack().rule("mailbox_letters_a_day", clock.today()).value


def test_two_machines_do_not_talk_to_each_other(arrive, smtp_server) -> None:
    arrive(written("我去度假"))
    jobs.perform_waiting()
    ours = smtp_server.mails[-1].message
    assert ours["Auto-Submitted"] == "auto-generated"
    holiday = {"Auto_Submitted": "auto-replied", "In_Reply_To": ours["Message-ID"]}
    assert arrive(written("我不在", **holiday)).became == Became.AUTOMATIC
    assert len(letters()) == 1


def test_where_the_city_has_decided_so_a_confirmed_mail_files_itself(arrive, monkeypatch) -> None:
    ruled(monkeypatch, "mailbox_files_itself", 1)
    row = arrive(written("請問公車", subject="公車路線"))
    assert not Case.objects.exists()
    page = Walker().get(link(letters()[0])).send("csrfmiddlewaretoken")
    case = Case.objects.get()
    assert str(case.number) in page.page
    row.refresh_from_db()
    assert (row.became, row.topic_id) == (Became.FILED, case.pk)
    assert (case.channel, case.fields["subject"], case.kind_code) == ("mail", "公車路線", mailbox.general().code)
    assert case.received_at == row.confirmed_at
    assert [letter.notice for letter in letters()] == ["servicerequests.confirm", "servicerequests.received"]
    Walker().client.post(link(letters()[0]))
    assert Case.objects.count() == 1


def test_a_confirmed_mail_that_says_too_little_waits_for_a_person(arrive, monkeypatch) -> None:
    ruled(monkeypatch, "mailbox_files_itself", 1)
    monkeypatch.setattr(mailbox, "_subject", lambda kind, inbound: {})
    row = arrive(written())
    Walker().get(link(letters()[0])).send("csrfmiddlewaretoken")
    row.refresh_from_db()
    assert row.became == Became.PERSON and row.reason and row.confirmed_at


# -- The agents' page -----------


def file_it(agent: Walker, row: Inbound, kind: str = "street_light") -> Walker:
    """The agent's way from the letter to the case."""
    agent.get(reverse("mailbox-letter", args=[row.token])).send("csrfmiddlewaretoken", go=kind)
    return agent


def test_an_agent_makes_a_case_of_it_with_what_it_says(arrive, agent) -> None:
    mail = with_file(written("三多三路 215 號路燈不亮"), "路燈.jpg", picture().read())
    row = arrive(mail)
    assert "路燈" in agent.get("/mailbox/").page and WANG not in agent.page
    agent.get(reverse("mailbox-letter", args=[row.token]))
    assert WANG not in agent.page and "三多三路 215 號路燈不亮" in agent.page
    # The words suggest the kind: it stands first.
    assert re.search(r'name="kind" value="(\w+)"', agent.page)[1] == "street_light"
    file_it(agent, row)
    assert "三多三路 215 號路燈不亮" in agent.form("draft").values["description"]
    assert '<aside class="beside"' in agent.page
    agent.send(f_fault="out").send(address="苓雅區三多三路 215 號")
    if "不是同一件" in agent.page:
        agent.send()
    agent.send()
    assert agent.form("draft").values["email"] == WANG and "channel" not in agent.form("draft").names
    agent.send().send()
    case, contact = Case.objects.get(), Contact.objects.get()
    row.refresh_from_db()
    assert (row.became, row.topic_id) == (Became.FILED, case.pk)
    assert (case.channel, case.kind_code, case.received_at) == ("mail", "street_light", row.received_at)
    assert CaseEvent.objects.get(case=case).actor.name == "陳話務"
    assert [file.name for file in Attachment.objects.filter(case=case)] == ["路燈.jpg"]
    assert Disclosure.objects.get().subject == "inbound"
    # The number waits until the address is confirmed.
    assert contact.email == WANG and len(letters()) == 1
    page = Walker().get(link(letters()[0])).send("csrfmiddlewaretoken")
    assert str(case.number) in page.page
    assert [letter.notice for letter in letters()] == ["servicerequests.confirm", "servicerequests.received"]


def test_a_confirmed_sender_gets_the_number_at_once(arrive, agent) -> None:
    row = arrive(written("三多三路路燈不亮"))
    Walker().get(link(letters()[0])).send("csrfmiddlewaretoken")
    file_it(agent, row).send(f_fault="out").send(address="苓雅區三多三路 215 號").send().send().send()
    assert letters()[-1].notice == "servicerequests.received"


def test_two_agents_make_one_case(arrive, agent) -> None:
    row = arrive(written("三多三路路燈不亮"))
    file_it(agent, row).send(f_fault="out").send(address="苓雅區三多三路 215 號").send().send()
    other = Walker(agent.client)
    other.page, other.address = agent.page, agent.address
    agent.send()
    other.send()
    assert Case.objects.count() == 1 and str(Case.objects.get().number) in other.page
    again = agent.get(reverse("mailbox-letter", args=[row.token]))
    assert 'name="kind"' not in again.page
    refused = agent.client.post(reverse("mailbox-dismissal", args=[row.token]), {"reason": "晚了"})
    assert refused.status_code == 422
    row.refresh_from_db()
    assert row.became == Became.FILED


def test_a_long_letter_is_kept_whole(arrive, agent) -> None:
    row = arrive(written("很長" * 2000 + "最後一句"))
    case = mailbox.file_mail(row, "petition", fields={"subject": "長信"}, description=mailbox.words(row))
    assert len(case.description) == 2000
    assert CaseEvent.objects.get(case=case, verb="comment").text.endswith("最後一句")


def test_an_agent_adds_it_to_a_case_or_leaves_it_with_a_reason(arrive, agent, filed) -> None:
    case = filed()
    row = arrive(written("補充照片"))
    agent.get(reverse("mailbox-letter", args=[row.token])).send("number", number="D111-9999999")
    assert agent.status == 422 and "D111-9999999" in agent.page
    agent.send("number", number=str(case.number))
    row.refresh_from_db()
    assert (row.became, row.topic_id) == (Became.ADDED, case.pk)
    assert "補充照片" in CaseEvent.objects.get(case=case, verb="comment").text
    row = arrive(written("買一送一"))
    agent.get(reverse("mailbox-letter", args=[row.token])).send("reason", reason="")
    assert agent.status == 422
    agent.send("reason", reason="廣告信")
    row.refresh_from_db()
    assert (row.became, row.reason) == (Became.DISMISSED, "廣告信")
    assert Walker().get(link(letters()[0])).status == 200
    assert Walker().get(link(letters()[-1])).status == 404


def test_who_wrote_is_shown_against_a_purpose_that_is_logged(arrive, agent) -> None:
    row = arrive(written())
    page = agent.get(reverse("mailbox-letter", args=[row.token])).send("purpose", purpose="")
    assert page.status == 422 and WANG not in page.page and not Disclosure.objects.exists()
    assert WANG in page.send("purpose", purpose="回電確認").page
    entry = Disclosure.objects.get()
    assert (entry.subject, entry.purpose, entry.actor.name) == ("inbound", "回電確認", "陳話務")


def test_the_list_says_what_became_of_each_and_takes_no_more_statements_for_more(arrive, agent) -> None:
    arrive(written("一", Precedence="list"), written("二", sender="x"))
    everything = agent.get("/mailbox/?became=all").page
    assert "自動信件，不回覆" in everything and "沒有寄件人地址" in everything
    assert "沒有等待處理的來信" in agent.get("/mailbox/").page

    def statements() -> int:
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            agent.get("/mailbox/?became=all")
        return len(captured)

    arrive(written("三"))
    one = statements()
    arrive(*(written(f"第 {n} 封") for n in range(20)))
    assert statements() == one


def test_only_the_mailbox_desk_opens_it(arrive, city) -> None:
    row = arrive(written())
    officer = person(username="officer")
    appoint(None, officer, "controller", since=officer.created_at.date())
    client = Client()
    assert client.get("/mailbox/").status_code == 302
    client.force_login(officer)
    assert client.get("/mailbox/").status_code == 403
    assert client.post(reverse("mailbox-filing", args=[row.token]), {"kind": "pothole"}).status_code == 403


def test_what_a_program_passed_over_a_person_can_take_up(arrive, agent) -> None:
    row = arrive(written("我在清單上也是人", Precedence="list"))
    page = agent.get(reverse("mailbox-letter", args=[row.token]))
    assert "改由人工處理" in page.page and 'name="kind"' not in page.page
    agent.client.post(reverse("mailbox-taking", args=[row.token]))
    row.refresh_from_db()
    assert (row.became, row.ended_at) == (Became.PERSON, None)
    agent.client.post(reverse("mailbox-taking", args=[row.token]))
    row.refresh_from_db()
    assert row.became == Became.PERSON


def test_an_agent_opens_the_files_that_can_be_taken(arrive, agent) -> None:
    mail = with_file(written("請看照片"), "洞.jpg", picture(at=(120.3, 22.6)).read())
    row = arrive(with_file(mail, "病毒.exe", b"MZ", "application/octet-stream"))
    photo, virus = (reverse("mailbox-file", args=[row.token, number]) for number in range(2))
    agent.get(reverse("mailbox-letter", args=[row.token]))
    assert photo in agent.page and virus not in agent.page
    answer = agent.client.get(photo)
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "image/jpeg" and "sandbox" in answer["Content-Security-Policy"]
    assert content[:2] == b"\xff\xd8" and read_position(ContentFile(content)) is None
    assert agent.client.get(virus).status_code == 404
    assert agent.client.get(reverse("mailbox-file", args=[row.token, 2])).status_code == 404
    assert Client().get(photo).status_code == 302
