"""Text messages against a real gateway on loopback: it answers, is slow, fails, refuses, and tells late or never."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
import requests
import time_machine
from django.db import IntegrityError, connection, transaction

from foundation import clock, jobs
from foundation.clock import TAIPEI
from messages import actions, receipts
from messages.actions import send
from messages.channels import sms
from messages.checks import sms_gateway_is_whole
from messages.models import Message, MessageEvent, State
from messages.tests.conftest import RECEIVED, WORDS
from messages.texting import length

pytestmark = pytest.mark.django_db
NUMBER = "0912-345-678"
RECEIPTS = "/sms/receipts/"
WAITS = sms.Sms.waits


@pytest.fixture
def texted(db, awake):
    """``texted()``: a text message as an action sends it."""

    def texted(to: str = NUMBER, language: str = "zh-hant", otherwise=(), **context) -> Message:
        example = {**RECEIVED.example, **context}
        sent = send(RECEIVED.code, to, language, example, "test.thing", 7, channel="sms", otherwise=otherwise)
        return Message.objects.get(token=sent.token)

    return texted


def outcome(message: Message) -> tuple[str, int, str]:
    message.refresh_from_db()
    return message.state, message.attempts, message.error


def history(message: Message) -> list[tuple[str, str]]:
    return list(MessageEvent.objects.filter(message=message).order_by("pk").values_list("state", "reason"))


def receipt(message: Message, state: str, **more) -> dict:
    return {"id": f"{message.token.hex}-{message.rounds}", "state": state, **more}


def tell(client, sms_gateway, *told, status=202) -> None:
    """The gateway reports, and the jobs that follow are done."""
    assert client.post(RECEIPTS, **sms_gateway.receipts(*told)).status_code == status
    jobs.perform_waiting()


def test_a_text_arrives_and_its_receipt_ends_it(texted, sms_gateway, client, settings):
    settings.PUBLIC_URL = "https://city.example"
    message = texted()
    assert outcome(message) == (State.QUEUED, 0, "")
    assert jobs.perform_waiting() == 1
    (text,) = sms_gateway.texts
    assert (text.to, text.identifier) == ("+886912345678", f"{message.token.hex}-0")
    assert text.text == "D111-0000001 已受理\nhttps://city.example/t/1/" and text.parts == length(text.text).parts == 1
    assert text.receipt_url == "https://city.example/sms/receipts/"
    assert outcome(message) == (State.HANDED, 1, "") and message.reference == "G-1"
    assert abs(message.due_at - message.sent_at - timedelta(hours=48)) < timedelta(seconds=1)
    assert message.delivered_at is None
    tell(client, sms_gateway, receipt(message, "accepted"))
    assert outcome(message)[0] == State.HANDED
    tell(client, sms_gateway, receipt(message, "delivered"))
    assert outcome(message) == (State.DELIVERED, 1, "") and message.due_at is None and message.delivered_at
    assert history(message) == [("handed", ""), ("handed", "accepted"), ("delivered", "")]


def test_the_letter_is_kept_whole_beside_the_few_words(texted, sms_gateway):
    message = texted(place="我家門口")
    assert "我家門口" in message.body and "我家門口" not in message.short
    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, short, body FROM citymessages_message WHERE id = %s", [message.pk])
        stored = "".join(cursor.fetchone())
    assert "912" not in stored and "已受理" not in stored


def test_without_few_words_of_its_own_a_notice_says_its_subject(sms_gateway, awake):
    send("test.late", NUMBER, "zh-hant", {"number": "D111-0000001"}, "test.thing", 7, channel="sms")
    jobs.perform_waiting()
    assert [text.text for text in sms_gateway.texts] == ["D111-0000001"]


def test_a_long_text_is_cut_to_what_the_rule_allows(texted, sms_gateway, monkeypatch):
    monkeypatch.setitem(WORDS, "test/notices/received.zh-hant.short.txt", "長" * 400 + "\nhttps://city.example/t/1/")
    texted()
    jobs.perform_waiting()
    (text,) = sms_gateway.texts
    assert text.parts == length(text.text).parts == 3 and text.text.endswith("…\nhttps://city.example/t/1/")


def test_telling_is_two_statements(texted, sms_gateway, django_assert_num_queries):
    with django_assert_num_queries(3):  # the message, its job, and the fixture that reads it back
        texted()


def test_without_a_gateway_it_is_kept(texted, settings):
    settings.SMS_URL = ""
    message = texted()
    assert outcome(message) == (State.KEPT, 0, "") and not actions.send_again(message.pk)
    assert jobs.perform_waiting() == 0


def test_a_refused_number_has_failed_at_once_and_is_not_repeated_in_the_clear(texted, sms_gateway):
    sms_gateway.refuses.add("+886912345678")
    message = texted()
    jobs.perform_waiting()
    assert outcome(message) == (State.FAILED, 1, "422 0912***678 is not in service")
    assert message.sent_at is None and jobs.perform_waiting() == 0


def test_what_is_no_mobile_has_failed_without_a_call(texted, sms_gateway):
    message = texted("07-337-3333")
    jobs.perform_waiting()
    assert outcome(message) == (State.FAILED, 1, "not a Taiwanese mobile number") and sms_gateway.asked == 0


@pytest.mark.parametrize("hindrance", ["500", "401", "slow", "no number", "no JSON", "down"])
def test_what_fails_for_the_moment_is_tried_again_and_never_sent_twice(
    texted, sms_gateway, settings, hindrance, monkeypatch
):
    monkeypatch.setattr(sms, "TIMEOUT", 0.3)
    message = texted()
    match hindrance:
        case "500":
            sms_gateway.fails = 500
        case "401":
            settings.SMS_TOKEN = "old"
        case "slow":
            sms_gateway.slow = 1
        case "no number":
            sms_gateway.says = b'{"thanks": 1}'
        case "no JSON":
            sms_gateway.says = b"OK"
        case "down":
            settings.SMS_URL = "http://127.0.0.1:9/messages"
    with time_machine.travel(clock.now(), tick=False) as now:
        assert jobs.perform_waiting() == 1
        state, attempts, error = outcome(message)
        assert (state, attempts) == (State.QUEUED, 1) and error
        assert message.due_at == clock.now() + WAITS[0]
        sms_gateway.fails, sms_gateway.slow, sms_gateway.says = 0, 0, None
        settings.SMS_URL, settings.SMS_TOKEN = sms_gateway.url, sms_gateway.token
        now.shift(WAITS[0])
        assert jobs.perform_waiting() == 1
    assert outcome(message) == (State.HANDED, 2, "") and message.reference == "G-1"
    assert len(sms_gateway.texts) == 1  # by its key, even where it had been taken the first time
    assert [state for state, _reason in history(message)] == ["queued", "handed"]


def test_the_gateway_may_ask_for_more_time(texted, sms_gateway):
    sms_gateway.fails, sms_gateway.retry_after = 429, "600"
    message = texted()
    with time_machine.travel(clock.now(), tick=False):
        jobs.perform_waiting()
        assert outcome(message)[2] == "429 Too Many Requests"
        assert message.due_at == clock.now() + timedelta(minutes=10)


def test_after_all_waits_it_has_failed_with_the_reason(texted, sms_gateway):
    sms_gateway.fails = 503
    message = texted()
    with time_machine.travel(clock.now(), tick=False) as now:
        for wait in WAITS:
            assert jobs.perform_waiting() == 1
            assert outcome(message)[0] == State.QUEUED
            now.shift(wait)
        assert jobs.perform_waiting() == 1
    assert outcome(message) == (State.FAILED, len(WAITS) + 1, "503 Service Unavailable")
    assert [state for state, _reason in history(message)] == ["queued"] * len(WAITS) + ["failed"]


# -- Receipts -----------


@pytest.mark.parametrize("told", ["failed", "expired"])
def test_a_receipt_of_failure_says_why(texted, sms_gateway, client, told):
    message = texted()
    jobs.perform_waiting()
    tell(client, sms_gateway, receipt(message, told, reason="no such subscriber"))
    assert (
        outcome(message) == (State.FAILED, 1, f"{told}: no such subscriber") and message.sent_at and not message.due_at
    )


def test_a_receipt_that_never_comes_is_a_state_of_its_own(texted, sms_gateway, client):
    message, other = texted(), texted()
    with time_machine.travel(clock.now(), tick=False) as now:
        jobs.perform_waiting()
        tell(client, sms_gateway, receipt(other, "delivered"))
        now.shift(timedelta(hours=48))
        assert receipts.give_up_waiting() == 0
        now.shift(timedelta(seconds=1))
        assert receipts.give_up_waiting() == 1 and receipts.give_up_waiting() == 0
        assert outcome(message)[0] == State.SILENT and outcome(other)[0] == State.DELIVERED
        assert not Message.objects.filter(instead_of=message).exists()
        # It comes late all the same.
        now.shift(timedelta(hours=5))
        tell(client, sms_gateway, receipt(message, "delivered"))
    assert outcome(message)[0] == State.DELIVERED
    assert [state for state, _reason in history(message)] == ["handed", "silent", "delivered"]


def test_the_jobs_are_declared(texted, sms_gateway):
    jobs.defer("messages.give_up_waiting", timestamp=0)
    assert jobs.perform_waiting() == 1


def test_receipts_twice_and_out_of_order_change_nothing_more(texted, sms_gateway, client):
    message = texted()
    jobs.perform_waiting()
    tell(client, sms_gateway, receipt(message, "delivered"), receipt(message, "delivered"))
    tell(client, sms_gateway, receipt(message, "failed"), receipt(message, "accepted"))
    assert outcome(message)[0] == State.DELIVERED and len(history(message)) == 2


def test_a_receipt_is_believed_before_the_worker_could_write(texted, sms_gateway):
    """The worker died after the gateway had the text: its receipt comes for a message that still counts as queued."""
    message = texted()
    receipts.take(receipts.read(receipt(message, "delivered", reference="G-9")))
    jobs.perform_waiting()
    assert outcome(message)[0] == State.DELIVERED and message.reference == "G-9"
    assert not sms_gateway.texts  # and so is not sent a second time


def test_a_receipt_of_an_earlier_round_or_of_no_message_says_nothing(texted, sms_gateway, client):
    message = texted()
    jobs.perform_waiting()
    tell(client, sms_gateway, receipt(message, "failed", reason="full"))
    assert actions.send_again(message.pk)
    message.refresh_from_db()
    jobs.perform_waiting()
    assert outcome(message)[0] == State.HANDED
    assert [text.identifier for text in sms_gateway.texts] == [f"{message.token.hex}-0", f"{message.token.hex}-1"]
    tell(
        client, sms_gateway, {"id": f"{message.token.hex}-0", "state": "delivered"}, {"id": "0" * 32, "state": "failed"}
    )
    assert outcome(message)[0] == State.HANDED
    tell(client, sms_gateway, receipt(message, "delivered"))
    assert outcome(message)[0] == State.DELIVERED


@pytest.mark.parametrize("wrong", ["signature", "body", "old", "future", "none", "moment", "secret", "not ASCII"])
def test_what_the_gateway_did_not_sign_just_now_is_not_taken(texted, sms_gateway, client, settings, wrong):
    message = texted()
    jobs.perform_waiting()
    told = sms_gateway.receipts(receipt(message, "delivered"), at={
        "old": clock.now().timestamp() - 301, "future": clock.now().timestamp() + 301}.get(wrong))  # fmt: skip
    match wrong:
        case "signature":
            told["headers"]["webhook-signature"] = "v1,AAAA"
        case "body":
            told["data"] = told["data"].replace(b"delivered", b"failed")
        case "none":
            told["headers"] = {}
        case "moment":
            told["headers"]["webhook-timestamp"] = "soon"
        case "secret":
            settings.SMS_SECRET = "whsec_b3RoZXI="
        case "not ASCII":
            told["headers"]["webhook-signature"] = "v1,密"
    assert client.post(RECEIPTS, **told).status_code == 401
    assert jobs.perform_waiting() == 0 and outcome(message)[0] == State.HANDED


def test_while_a_secret_is_changed_one_of_several_signatures_is_enough(texted, sms_gateway, client):
    message = texted()
    jobs.perform_waiting()
    told = sms_gateway.receipts(receipt(message, "delivered"))
    told["headers"]["webhook-signature"] = "v1,AAAA " + told["headers"]["webhook-signature"]
    assert client.post(RECEIPTS, **told).status_code == 202


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"id": "x", "state": "delivered"}, "id"),
        ({"state": "delivered"}, "id"),
        ({"id": "0" * 32 + "-x", "state": "delivered"}, "id"),
        ({"id": "0" * 32, "state": "eaten"}, "state"),
        ({"id": "0" * 32, "state": ["delivered"]}, "state"),
        ({"id": "0" * 32}, "state"),
        ("delivered", "receipts"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_by_name(sms_gateway, client, told, wrong):
    answer = client.post(RECEIPTS, **sms_gateway.receipts({"id": "0" * 32, "state": "delivered"}, told))
    assert (answer.status_code, answer.json()) == (400, {"error": wrong})
    assert jobs.perform_waiting() == 0


def test_the_door_is_shut_without_a_secret_and_for_all_but_posts(sms_gateway, client, settings):
    assert client.get(RECEIPTS).status_code == 404
    settings.SMS_SECRET = ""
    assert client.post(RECEIPTS, **{**sms_gateway.receipts(), "headers": {}}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_gateway_reports_over_http(texted, sms_gateway, live_server):
    message = texted()
    jobs.perform_waiting()
    told = sms_gateway.receipts(receipt(message, "delivered"))
    answer = requests.post(live_server.url + RECEIPTS, data=told["data"], headers=told["headers"], timeout=10)
    assert (answer.status_code, answer.json()) == (202, {"taken": 1})
    jobs.perform_waiting()
    assert outcome(message)[0] == State.DELIVERED


# -- Another way -----------


def test_what_failed_goes_another_way_once(texted, sms_gateway, smtp_server, client):
    message = texted(otherwise=[("mail", "wang@example.com")], place="中山路")
    jobs.perform_waiting()
    assert not smtp_server.mails
    tell(client, sms_gateway, receipt(message, "expired"), receipt(message, "failed"))
    assert outcome(message) == (State.FAILED, 1, "expired")
    (letter,) = Message.objects.filter(instead_of=message)
    assert (letter.channel, letter.recipient, letter.state) == ("mail", "wang@example.com", State.SENT)
    (mail,) = smtp_server.mails
    assert "中山路" in mail.text and mail.subject == message.subject
    assert list(Message.objects.about("test.thing", 7).order_by("pk")) == [message, letter]


def test_the_other_way_commits_with_the_failure(texted, sms_gateway, smtp_server):
    sms_gateway.refuses.add("+886912345678")
    message = texted(otherwise=[("mail", "wang@example.com")])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.deliver(message.token)
        raise ZeroDivisionError
    assert outcome(message)[0] == State.QUEUED and Message.objects.count() == 1
    jobs.perform_waiting()
    assert outcome(message)[0] == State.FAILED and len(smtp_server.mails) == 1


# -- At night -----------


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


@pytest.mark.parametrize("channel", ["sms", "line", "push"])
def test_at_night_what_rings_waits_for_the_morning(db, sms_gateway, settings, channel):
    settings.LINE_TOKEN = "x"
    with time_machine.travel(at("2022-03-04 22:10"), tick=False):
        sent = send(RECEIVED.code, NUMBER, "zh-hant", RECEIVED.example, "test.thing", 7, channel=channel)
        assert sent.due_at == at("2022-03-05 08:00") and jobs.perform_waiting() == 0
        assert actions.requeue_stuck() == 0


def test_in_the_morning_it_goes(db, sms_gateway, smtp_server):
    with time_machine.travel(at("2022-03-04 22:10"), tick=False) as now:
        send(RECEIVED.code, NUMBER, "zh-hant", RECEIVED.example, "test.thing", 7, channel="sms")
        send(RECEIVED.code, "wang@example.com", "zh-hant", RECEIVED.example, "test.thing", 7)
        jobs.perform_waiting()
        assert len(smtp_server.mails) == 1 and not sms_gateway.texts  # a mail rings nobody out of bed
        now.move_to(at("2022-03-05 08:00"))
        assert jobs.perform_waiting() == 1 and len(sms_gateway.texts) == 1


def test_a_worker_that_comes_late_does_not_ring_at_night(db, sms_gateway):
    with time_machine.travel(at("2022-03-04 20:59"), tick=False) as now:
        sent = send(RECEIVED.code, NUMBER, "zh-hant", RECEIVED.example, "test.thing", 7, channel="sms")
        message = Message.objects.get(token=sent.token)
        now.move_to(at("2022-03-04 21:00"))
        jobs.perform_waiting()
        assert outcome(message) == (State.QUEUED, 0, "") and message.due_at == at("2022-03-05 08:00")
        now.move_to(at("2022-03-05 08:00"))
        jobs.perform_waiting()
        assert outcome(message)[0] == State.HANDED


def test_a_retry_does_not_ring_at_night(db, sms_gateway):
    sms_gateway.fails = 500
    with time_machine.travel(at("2022-03-04 20:59:30"), tick=False):
        sent = send(RECEIVED.code, NUMBER, "zh-hant", RECEIVED.example, "test.thing", 7, channel="sms")
        jobs.perform_waiting()
        message = Message.objects.get(token=sent.token)
        assert outcome(message)[:2] == (State.QUEUED, 1) and message.due_at == at("2022-03-05 08:00")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the SDK's own
def test_an_answer_in_a_conversation_does_not_wait(db, line_server):
    with time_machine.travel(at("2022-03-04 23:00"), tick=False):
        send("servicerequests.line", "U1", "zh-hant", {"text": "已收到"}, "test.thing", 7, channel="line")
        jobs.perform_waiting()
    assert line_server.pushes == [("U1", "已收到")]


# -- Killed -----------

WORKER = """
import django; django.setup()
from datetime import time
from messages import actions
from messages.timing import Quiet
actions._quiet = lambda: Quiet(time(0), time(0), frozenset(), frozenset())
actions.deliver("{token}")
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_leaves_nothing_stuck(texted, sms_gateway, settings, client):
    """A real process is killed with SIGKILL after the gateway took the text, before it answers. Its job is lost with
    it; the sweep finds the message, and by the key it is one text."""
    message = texted()
    database = connection.settings_dict
    environment = {
        **os.environ,
        "CITYHALL_SMS_URL": sms_gateway.url,
        "CITYHALL_SMS_TOKEN": sms_gateway.token,
        "CITYHALL_SECRET": settings.SECRET_KEY,
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
    }
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    sms_gateway.on_taken = lambda text: process.send_signal(signal.SIGKILL)
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(token=message.token)], env=environment, stderr=subprocess.PIPE
    )
    _out, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, err.decode()
    sms_gateway.on_taken = lambda text: None
    assert outcome(message) == (State.QUEUED, 0, "") and len(sms_gateway.texts) == 1
    assert jobs.perform_waiting() == 0
    Message.objects.update(due_at=clock.now() - actions.STUCK_AFTER - timedelta(seconds=1))
    until = time.monotonic() + 10  # the database has yet to notice that its client is gone
    while not actions.requeue_stuck() and time.monotonic() < until:
        time.sleep(0.1)
    jobs.perform_waiting()
    assert outcome(message) == (State.HANDED, 1, "") and len(sms_gateway.texts) == 1
    tell(client, sms_gateway, receipt(message, "delivered"))
    assert outcome(message)[0] == State.DELIVERED


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "handed", "due_at": None, "sent_at": clock.now()}, "message_queued_has_due_at"),
        ({"state": "handed"}, "message_sent_has_sent_at"),
        ({"state": "silent", "due_at": None}, "message_sent_has_sent_at"),
        ({"state": "silent", "sent_at": clock.now()}, "message_queued_has_due_at"),
        ({"state": "delivered", "due_at": None, "sent_at": clock.now()}, "message_delivered_has_delivered_at"),
        ({"delivered_at": clock.now()}, "message_delivered_has_delivered_at"),
    ],
)
def test_the_database_lets_nothing_wait_without_an_end(texted, sms_gateway, change, constraint):
    message = texted()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**change)


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, []),
        ({"SMS_URL": "http://10.0.0.1/messages"}, ["citymessages.E004"]),
        ({"SMS_URL": "https://sms.example/messages"}, []),
        ({"SMS_TOKEN": ""}, ["citymessages.E005"]),
        ({"SMS_TOKEN": "", "SMS_SECRET": ""}, ["citymessages.E005", "citymessages.E005"]),
        ({"SMS_URL": "", "SMS_TOKEN": "", "SMS_SECRET": ""}, []),
    ],
)
def test_a_gateway_that_is_set_up_by_half_is_noticed_at_the_start(sms_gateway, settings, change, problems):
    for name, value in change.items():
        setattr(settings, name, value)
    assert [problem.id for problem in sms_gateway_is_whole(None)] == problems
