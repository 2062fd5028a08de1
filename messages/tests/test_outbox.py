"""The outbox pages: a window in the demo, a door with a log in a city."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse

from foundation import clock, jobs
from foundation.clock import TAIPEI
from identity.models import Disclosure
from identity.permissions import ROLES
from messages import letters
from messages.actions import send
from messages.models import Message, State
from messages.tests.conftest import LATE, RECEIVED

pytestmark = pytest.mark.django_db
PO = "locale/en/LC_MESSAGES/django.po"
SECRET = "在我家門口"
OUTBOX = "/outbox/"


def page(client, address, status=200, **data):
    response = client.post(address, data) if data else client.get(address)
    assert response.status_code == status
    return response.content.decode()


def at(message: Message, verb: str = "") -> str:
    return reverse(f"message-{verb}" if verb else "message", args=[message.token])


@pytest.fixture
def failed(told, smtp_server) -> Message:
    message = told(place=SECRET)
    smtp_server.refuse_recipient = "550 <wang@example.com> unknown"
    jobs.perform_waiting()
    smtp_server.refuse_recipient = ""
    message.refresh_from_db()
    return message


def test_in_the_demo_everybody_reads_what_was_sent_but_not_to_whom(client, told, settings):
    settings.DEMO = True
    message = told(place=SECRET)
    listed = page(client, OUTBOX)
    assert message.subject in listed and "w***@example.com" in listed and "示範環境不會真的寄信" in listed
    shown = page(client, at(message))
    assert SECRET in shown and "w***@example.com" in shown
    assert "wang@example.com" not in listed + shown
    assert not Disclosure.objects.exists()
    # Writing asks for the permission in the demo as well.
    for verb in ("disclosure", "resending"):
        assert client.post(at(message, verb)).url.startswith("/sign-in/")


@pytest.mark.parametrize("code", sorted(ROLES))
def test_in_a_city_the_door_decides(as_, told, code):
    message = told()
    client = as_(code)
    may_read, may_resend = (ROLES[code].may(f"city:messages:{verb}") for verb in ("read", "resend"))
    assert client.get(OUTBOX).status_code == (200 if may_read else 403)
    assert client.get(at(message)).status_code == (200 if may_read else 403)
    assert client.post(at(message, "disclosure"), {"purpose": "查詢"}).status_code == (200 if may_read else 403)
    assert client.post(at(message, "resending")).status_code == (302 if may_resend else 403)


def test_in_a_city_strangers_are_sent_to_sign_in(client, told):
    message = told()
    for address in (OUTBOX, at(message)):
        assert client.get(address).url.startswith("/sign-in/?next=%2Foutbox%2F")


def test_in_a_city_recipient_and_words_are_shown_against_a_purpose_that_is_logged(as_, told):
    message = told(place=SECRET)
    client = as_("auditor")
    before = page(client, OUTBOX) + page(client, at(message))
    assert SECRET not in before and "wang@example.com" not in before and "w***@example.com" in before
    refused = page(client, at(message, "disclosure"), 422, purpose=" ")
    assert "請填寫查看的原因" in refused and SECRET not in refused
    assert not Disclosure.objects.exists()
    shown = page(client, at(message, "disclosure"), purpose="民眾來電詢問")
    assert SECRET in shown and "wang@example.com" in shown
    entry = Disclosure.objects.get()
    assert (entry.subject, entry.subject_id) == ("message", str(message.pk))
    assert (entry.fields, entry.purpose) == (["recipient", "body"], "民眾來電詢問")
    assert client.get(at(message, "disclosure")).status_code == 405


def test_nothing_of_it_stays_in_a_browser(as_, told):
    message = told()
    client = as_("auditor")
    for response in (
        client.get(OUTBOX),
        client.get(at(message)),
        client.post(at(message, "disclosure"), {"purpose": "x"}),
    ):
        assert "no-store" in response["Cache-Control"]


def test_the_list_is_filtered_by_state_and_notice(as_, told, failed, settings):
    settings.MAIL_URL = ""
    told(notice=LATE.code)
    client = as_("auditor")

    def subjects(query: str) -> list[str]:
        return re.findall(r'<th scope="row"><a [^>]*>(.*?)</a>', page(client, OUTBOX + query))

    late, received = "D111-0000001", "D111-0000001 已受理"
    assert subjects("") == [late, received]  # the newest first
    assert subjects("?state=failed") == [received]
    assert subjects("?state=kept") == [late]
    assert subjects(f"?notice={RECEIVED.code}") == [received]
    assert subjects(f"?notice={RECEIVED.code}&state=kept") == []
    assert subjects("?state=nonsense&notice=%00&page=x") == [late, received]
    assert "換個條件再找找看" in page(client, f"{OUTBOX}?state=sent")


def test_an_empty_outbox_says_so(as_):
    assert "還沒有寄過訊息" in page(as_("auditor"), OUTBOX)


def test_a_failed_message_says_why_and_is_sent_again(as_, failed, smtp_server):
    client = as_("system_administrator")
    shown = page(client, at(failed))
    assert "550 &lt;w***@example.com&gt; unknown" in shown and "再寄一次" in shown
    assert "已重新排入寄送" in client.post(at(failed, "resending"), follow=True).content.decode()
    assert "沒有重複寄送" in client.post(at(failed, "resending"), follow=True).content.decode()
    jobs.perform_waiting()
    failed.refresh_from_db()
    assert failed.state == State.SENT and len(smtp_server.mails) == 1
    assert "再寄一次" not in page(client, at(failed))


def test_without_a_mail_server_sending_again_says_what_is_missing(as_, told):
    message = told()
    client = as_("system_administrator")
    assert "CITYHALL_MAIL_URL" in page(client, OUTBOX)
    assert "CITYHALL_MAIL_URL" in client.post(at(message, "resending"), follow=True).content.decode()
    message.refresh_from_db()
    assert message.state == State.KEPT


def test_the_auditor_reads_and_does_not_send(as_, failed):
    assert "再寄一次" not in page(as_("auditor"), at(failed))


def test_it_counts_by_channel_and_state_and_leads_to_each(as_, told, failed, sms_gateway, awake):
    told(notice=LATE.code)
    for _time in range(3):
        send(RECEIVED.code, "0912345678", "zh-hant", RECEIVED.example, "test.thing", 7, channel="sms")
    old = told()
    Message.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(days=31))
    client = as_("auditor")
    shown = page(client, OUTBOX)
    cells = re.findall(r'<a class="chip [^"]*" href="([^"]*)">([^<]*)</a>', shown)
    assert cells == [
        ("?channel=mail&amp;state=queued", "等待寄出 1"),
        ("?channel=mail&amp;state=failed", "寄送失敗 1"),
        ("?channel=sms&amp;state=queued", "等待寄出 3"),
    ]
    listed = page(client, f"{OUTBOX}?channel=sms&state=queued")
    assert len(re.findall(r'<th scope="row">', listed)) == 3 and "0912***678" in listed
    assert "0912345678" not in listed and "912-345-678" not in listed
    assert "550 &lt;w***@example.com&gt; unknown" in page(client, f"{OUTBOX}?state=failed")


def test_a_text_message_says_what_became_of_it(as_, sms_gateway, smtp_server, awake, settings):
    settings.DEMO = True
    sms_gateway.refuses.add("+886912345678")
    ways = [("mail", "wang@example.com")]
    sent = send(
        RECEIVED.code, "0912345678", "zh-hant", RECEIVED.example, "test.thing", 7, channel="sms", otherwise=ways
    )
    message = Message.objects.get(token=sent.token)
    jobs.perform_waiting()
    client = as_("system_administrator")
    shown = page(client, at(message))
    assert "0912***678" in shown and "422 0912***678 is not in service" in shown and "912345678" not in shown
    assert "/t/1/" in shown and "您通報的" not in shown  # the few words, not the letter
    letter = Message.objects.get(instead_of=message)
    assert at(letter) in shown and at(message) in page(client, at(letter))
    assert "Message-ID" not in shown and "Message-ID" in page(client, at(letter))


def test_who_had_it_sent_again_is_in_its_history(as_, failed, smtp_server):
    client = as_("system_administrator")
    client.post(at(failed, "resending"))
    (event,) = failed.events.exclude(by=None)
    assert event.state == State.QUEUED and event.by.name and f"由{event.by.name}重新寄送" in page(client, at(failed))


def test_what_waits_for_the_morning_says_so(as_, told, sms_gateway):
    with time_machine.travel(datetime(2022, 3, 4, 22, tzinfo=TAIPEI), tick=False):
        client = as_("auditor")
        send(RECEIVED.code, "0912345678", "zh-hant", RECEIVED.example, "test.thing", 7, channel="sms")
        shown = page(client, OUTBOX)
    assert "夜間不打擾" in shown and "08:00" in shown


@pytest.mark.parametrize("demo", [True, False])
def test_statements_do_not_grow_with_the_list(as_, told, settings, demo, django_assert_max_num_queries):
    settings.DEMO = demo
    client = as_("auditor")
    told()
    page(client, OUTBOX)
    # Session, person, their work for the header, count, messages, counts by channel and state.
    with django_assert_max_num_queries(6) as with_one:
        page(client, OUTBOX)
    for _time in range(80):
        told()
    with django_assert_max_num_queries(len(with_one)):
        assert "第 1 頁，共 2 頁" in page(client, OUTBOX)
    with django_assert_max_num_queries(len(with_one)):
        assert "第 2 頁，共 2 頁" in page(client, f"{OUTBOX}?page=2")


def test_an_unknown_message_is_not_found(as_):
    assert as_("auditor").get("/outbox/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_english_pages_are_english(as_, told, client, settings):
    settings.DEMO = True
    message = told(language="en", place="here")
    client.cookies["django_language"] = "en"
    catalogue = re.findall(r'^msgid "(\w{4,})"', (Path(letters.__file__).parent / PO).read_text(), re.M)
    assert len(catalogue) > 15
    for address in (OUTBOX, at(message)):
        main = re.search(r"<main.*</main>", page(client, address), re.S)[0]
        assert not [words for words in catalogue if words in main]


def test_what_opens_an_account_is_shown_to_nobody_who_reads_the_outbox(as_, settings):
    settings.DEMO = False
    context = {"path": "/password/reset/secret-of-mei/", "minutes": 30}
    sent = send("identity.reset", "mei@example.com", "zh-hant", context, "identity.user", 1)
    client = as_("system_administrator")
    page = client.post(f"/outbox/{sent.token}/disclosure/", {"purpose": "民眾說沒有收到"}).content.decode()
    assert "只給收件人看" in page and "secret-of-mei" not in page
