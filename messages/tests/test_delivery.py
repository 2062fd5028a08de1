"""The outbox against a real mail server."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from threading import Event, Thread

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction

from foundation import clock, jobs
from messages import actions, batches
from messages.models import Channel, Message, State
from messages.rules import WAITS
from messages.tests.conftest import LATE

pytestmark = pytest.mark.django_db


def outcome(message: Message) -> tuple[str, int, str]:
    message.refresh_from_db()
    return message.state, message.attempts, message.error


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", [actions.DELIVER]
        )
        return cursor.fetchone()[0]


def test_a_mail_arrives_as_it_was_written(told, smtp_server, settings):
    settings.DEFAULT_FROM_EMAIL = "no-reply@city.example"
    message = told(place="中山路 & <五福路>")
    assert outcome(message) == (State.QUEUED, 0, "")
    assert jobs.perform_waiting() == 1
    assert outcome(message) == (State.SENT, 1, "")
    assert message.due_at is None and abs(message.sent_at - clock.now()) < timedelta(minutes=1)
    (mail,) = smtp_server.mails
    assert (mail.sender, mail.recipients) == ("no-reply@city.example", ["wang@example.com"])
    assert mail.subject == message.subject == "D111-0000001 已受理"
    assert mail.text == message.body and "中山路 & <五福路>" in mail.text
    assert "中山路 &amp; &lt;五福路&gt;" in mail.html
    assert mail.message["To"] == "wang@example.com"
    assert mail.message["Message-ID"] == f"<{message.token.hex}@city.example>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Content-Language"] == "zh-Hant-TW"
    assert mail.message["From"].addresses[0].display_name and mail.message["Date"]


def test_english_readers_get_english(told, smtp_server):
    told(language="en")
    told(language="fr")
    jobs.perform_waiting()
    english, other = smtp_server.mails
    assert (english.subject, english.message["Content-Language"]) == ("D111-0000001 received", "en")
    assert 'lang="en"' in english.html
    assert other.subject == "D111-0000001 已受理"


def test_a_subject_is_one_line(told, smtp_server):
    told(notice=LATE.code, number="D1\r\nBcc: all@example.com")
    jobs.perform_waiting()
    (mail,) = smtp_server.mails
    assert mail.subject == "D1" and mail.message["Bcc"] is None and mail.recipients == ["wang@example.com"]


def test_telling_is_two_statements(told, smtp_server, django_assert_num_queries):
    with django_assert_num_queries(3):  # the message, its job, and the fixture that reads it back
        told()


def test_a_record_that_rolls_back_tells_nobody(told, smtp_server):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        told(to="never@example.com")
        raise ZeroDivisionError
    told()
    jobs.perform_waiting()
    assert [mail.recipients for mail in smtp_server.mails] == [["wang@example.com"]]
    assert Message.objects.count() == 1


def test_without_a_mail_server_messages_are_kept(told, smtp_server, settings, django_assert_num_queries):
    settings.MAIL_URL = ""
    with django_assert_num_queries(2):  # the message, and the fixture that reads it back
        message = told()
    assert (outcome(message), waiting()) == ((State.KEPT, 0, ""), 0)
    assert not actions.send_again(message.pk)
    settings.MAIL_URL = smtp_server.url
    assert actions.send_again(message.pk)
    jobs.perform_waiting()
    assert outcome(message)[0] == State.SENT and len(smtp_server.mails) == 1


def test_what_was_kept_lately_is_sent_by_a_command(told, smtp_server, settings):
    settings.MAIL_URL = ""
    old, new = told(to="old@example.com"), told(to="new@example.com")
    Message.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(days=4))
    with pytest.raises(CommandError, match="CITYHALL_MAIL_URL"):
        call_command("send_kept")
    settings.MAIL_URL = smtp_server.url
    out = StringIO()
    call_command("send_kept", stdout=out)
    assert out.getvalue() == "1 messages queued\n"
    jobs.perform_waiting()
    assert (outcome(old)[0], outcome(new)[0]) == (State.KEPT, State.SENT)
    call_command("send_kept", "--days", "5", stdout=out)
    jobs.perform_waiting()
    assert [mail.recipients for mail in smtp_server.mails] == [["new@example.com"], ["old@example.com"]]


def test_a_mail_server_that_is_taken_away_leaves_the_message_kept(told, smtp_server, settings):
    message = told()
    settings.MAIL_URL = ""
    jobs.perform_waiting()
    assert outcome(message) == (State.KEPT, 0, "")


def test_a_refused_recipient_has_failed_at_once(told, smtp_server):
    message = told()
    smtp_server.refuse_recipient = "550 5.1.1 <wang@example.com> unknown"
    jobs.perform_waiting()
    assert outcome(message) == (State.FAILED, 1, "550 5.1.1 <w***@example.com> unknown")
    assert waiting() == 0
    smtp_server.refuse_recipient = ""
    assert actions.send_again(message.pk)
    jobs.perform_waiting()
    assert outcome(message) == (State.SENT, 1, "")


def test_refused_content_has_failed_at_once(told, smtp_server):
    message = told()
    smtp_server.refuse_content = "554 5.7.1 no"
    jobs.perform_waiting()
    assert outcome(message) == (State.FAILED, 1, "554 5.7.1 no")


def test_an_address_that_cannot_be_has_failed_at_once(told, smtp_server):
    for wrong in ("a\nb@example.com", "王@例子.台灣", "a@b@c"):
        message = told(to=wrong)
        jobs.perform_waiting()
        state, _attempts, error = outcome(message)
        assert state == State.FAILED and error, wrong
    assert not smtp_server.mails


@pytest.mark.parametrize("hindrance", ["recipient", "content", "server down"])
def test_what_fails_for_the_moment_is_tried_again(told, smtp_server, hindrance):
    message = told()
    match hindrance:
        case "recipient":
            smtp_server.refuse_recipient = "450 4.2.1 come back later"
        case "content":
            smtp_server.refuse_content = "451 4.3.0 come back later"
        case _:
            smtp_server.stop()
    with time_machine.travel(clock.now(), tick=False) as now:
        assert jobs.perform_waiting() == 1
        state, attempts, error = outcome(message)
        assert (state, attempts, waiting()) == (State.QUEUED, 1, 1) and error
        assert message.due_at == clock.now() + WAITS[0]
        now.shift(WAITS[0] - timedelta(seconds=1))
        assert jobs.perform_waiting() == 0  # not before its time
        now.shift(timedelta(seconds=1))
        assert jobs.perform_waiting() == 1
        assert outcome(message)[:2] == (State.QUEUED, 2) and message.due_at == clock.now() + WAITS[1]
        smtp_server.refuse_recipient = smtp_server.refuse_content = ""
        if hindrance == "server down":
            smtp_server.start()
        now.shift(WAITS[1])
        assert jobs.perform_waiting() == 1
    assert outcome(message) == (State.SENT, 3, "")
    assert len(smtp_server.mails) == 1


def test_after_three_days_a_message_has_failed(told, smtp_server):
    message = told()
    smtp_server.stop()
    with time_machine.travel(clock.now(), tick=False) as now:
        for wait in WAITS:
            assert jobs.perform_waiting() == 1
            assert outcome(message)[0] == State.QUEUED
            now.shift(wait)
        assert jobs.perform_waiting() == 1
        state, attempts, error = outcome(message)
        assert (state, attempts, waiting()) == (State.FAILED, len(WAITS) + 1, 0) and "Refused" in error


def test_a_wrong_password_is_no_reason_to_give_a_mail_up(told, smtp_server, settings):
    """aiosmtpd without accounts answers 5xx to AUTH: a fault of the installation, so the mail waits."""
    settings.MAIL_URL = smtp_server.url.replace("//", "//me:wrong@")
    message = told()
    jobs.perform_waiting()
    state, _attempts, error = outcome(message)
    assert state == State.QUEUED and error
    settings.MAIL_URL = smtp_server.url
    actions.deliver(message.token)
    assert outcome(message)[0] == State.SENT


def test_two_jobs_for_one_message_send_it_once(told, smtp_server):
    message = told()
    actions.deliver(message.token)
    actions.deliver(message.token)
    assert jobs.perform_waiting() == 1
    assert len(smtp_server.mails) == 1
    assert not actions.send_again(message.pk)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(told, smtp_server):
    message = told()
    taken, second_done = Event(), Event()

    def hold(mail):
        taken.set()
        assert second_done.wait(10)

    smtp_server.on_taken = hold

    def worker():
        actions.deliver(message.token)
        connections.close_all()

    first = Thread(target=worker)
    first.start()
    assert taken.wait(10)
    actions.deliver(message.token)  # passes the locked row over
    second_done.set()
    first.join(10)
    assert outcome(message) == (State.SENT, 1, "")
    assert len(smtp_server.mails) == 1


WORKER = """
import django; django.setup()
from messages.actions import deliver
deliver("{token}")
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_the_server_took_the_mail_sends_it_again_under_the_same_id(told, smtp_server, settings):
    """The one gap of a transactional outbox. A real process is killed with SIGKILL in it, before the server answers."""
    message = told()
    database = connection.settings_dict
    environment = {
        **os.environ,
        "CITYHALL_MAIL_URL": smtp_server.url,
        "CITYHALL_SECRET": settings.SECRET_KEY,
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
    }
    smtp_server.on_taken = lambda mail: process.send_signal(signal.SIGKILL)
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(token=message.token)], env=environment, stderr=subprocess.PIPE
    )
    _out, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, err.decode()
    assert outcome(message) == (State.QUEUED, 0, "")
    smtp_server.on_taken = lambda mail: None
    until = time.monotonic() + 10  # the database has yet to notice that its client is gone
    while outcome(message)[0] == State.QUEUED and time.monotonic() < until:
        actions.deliver(message.token)
    assert outcome(message) == (State.SENT, 1, "")
    first, second = smtp_server.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.text == second.text


def test_messages_that_lost_their_job_get_a_new_one(told, smtp_server):
    lost, fresh = told(), told()
    Message.objects.filter(pk=lost.pk).update(due_at=clock.now() - actions.STUCK_AFTER - timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args ->> 'token' = %s", [lost.token.hex])
    assert actions.requeue_stuck() == 1
    assert actions.requeue_stuck() == 0
    jobs.perform_waiting()
    assert outcome(lost)[0] == outcome(fresh)[0] == State.SENT
    assert len(smtp_server.mails) == 2


def test_the_jobs_are_declared(told, smtp_server):
    jobs.defer("messages.requeue_stuck", timestamp=0)
    assert jobs.perform_waiting() == 1


def test_personal_data_is_encrypted(told):
    message = told(to="wang@example.com", place="我家門口")
    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, body FROM citymessages_message WHERE id = %s", [message.pk])
        recipient, body = cursor.fetchone()
    assert "wang" not in recipient and "我家門口" not in body
    message.refresh_from_db()
    assert message.recipient == "wang@example.com" and "我家門口" in message.body


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "lost", "due_at": None}, "message_state_known"),
        ({"channel": "pigeon"}, "message_channel_known"),
        ({"language": "fr"}, "message_language_known"),
        ({"due_at": None}, "message_queued_has_due_at"),
        ({"state": "kept"}, "message_queued_has_due_at"),
        ({"state": "sent", "due_at": None}, "message_sent_has_sent_at"),
        ({"sent_at": clock.now()}, "message_sent_has_sent_at"),
        ({"state": "failed", "due_at": None}, "message_failed_has_error"),
        ({"subject": ""}, "message_is_whole"),
    ],
)
def test_the_database_refuses_what_cannot_be(told, smtp_server, change, constraint):
    message = told()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**change)
    assert outcome(message)[0] == State.QUEUED


def test_messages_about_a_record(told):
    message = told()
    assert list(Message.objects.about("test.thing", 7)) == [message]
    assert not Message.objects.about("test.thing", 8)


def test_a_batch_leaves_a_channel_alone_whose_server_is_away_and_goes_on_with_the_others(
    told, smtp_server, settings, awake
):
    settings.LINE_TOKEN, settings.LINE_API_URL = "token", "http://127.0.0.1:1"
    example = {"number": "D111-0000001", "place": "路口"}
    first, second = (
        Message.objects.get(
            token=actions.send("test.received", to, "en", example, "test.thing", 7, channel=Channel.LINE).token
        )
        for to in ("U1", "U2")
    )
    mail = told()
    for message, minutes in ((first, 3), (second, 2), (mail, 1)):
        Message.objects.filter(pk=message.pk).update(due_at=clock.now() - timedelta(minutes=minutes))
    assert batches.deliver_batch() == 1
    assert outcome(mail)[0] == State.SENT and len(smtp_server.mails) == 1
    assert [outcome(each)[:2] for each in (first, second)] == [(State.QUEUED, 1), (State.QUEUED, 0)]
