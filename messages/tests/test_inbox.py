"""The city's mailbox, on a real IMAP server: every mail once, whatever happens, and nothing said to machines."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from foundation import clock, jobs
from messages import inbox, receivers
from messages.channels.mail import message_id
from messages.mailbox import Unreachable
from messages.models import Became, Inbound, Message, State
from messages.receivers import Verdict
from messages.testing import imap_process, imap_server
from messages.tests.mails import bounce, with_file, written

__all__ = ["imap_process", "imap_server"]

pytestmark = pytest.mark.django_db


class Desk:
    """A desk that writes down what it was given."""

    def __init__(self) -> None:
        self.mails, self.replies = [], []

    def reply(self, inbound, mail, letter):
        self.replies.append((mail.text, letter.pk))
        return Verdict(Became.ADDED, "", letter.topic, letter.topic_id)

    def mail(self, inbound, mail):
        self.mails.append(mail.text)
        return Verdict(Became.PERSON)

    def confirmed(self, inbound):
        return None


@pytest.fixture(autouse=True)
def desk(monkeypatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(receivers, "_receivers", [desk])
    return desk


def fetched() -> int:
    taken = inbox.fetch()
    jobs.perform_waiting()
    return taken


def test_what_is_new_is_taken_once_and_the_mailbox_left_as_it_was(imap_server, desk) -> None:
    imap_server.deliver(written("第一封"), written("第二封"))
    assert (fetched(), fetched()) == (2, 0)
    imap_server.deliver(written("第三封"))
    assert (fetched(), desk.mails) == (1, ["第一封", "第二封", "第三封"])
    server = imap_server.open()
    server.select(imap_server.folder)
    assert server.search(None, "UNSEEN")[1][0].split() == [b"1", b"2", b"3"]
    server.logout()


def test_what_it_says_is_encrypted_and_the_raw_mail_kept(imap_server) -> None:
    imap_server.deliver(with_file(written("我住在三多三路"), "假照片.jpg", b"nothing"))
    fetched()
    row = Inbound.objects.get()
    assert (row.sender, row.sender_name, row.text) == ("wang@example.com", "王小明", "我住在三多三路")
    assert row.file_notes[0]["name"] == "假照片.jpg" and "不接受" in row.file_notes[0]["problem"]
    assert inbox.mail_of(row).files[0].content == b"nothing"
    with connection.cursor() as cursor:
        cursor.execute("SELECT raw || sender || sender_name || subject || text || files FROM citymessages_inbound")
        stored = cursor.fetchone()[0]
    assert "wang" not in stored and "三多" not in stored and "照片" not in stored


def test_the_same_mail_under_a_new_number_is_a_duplicate(imap_server, desk) -> None:
    mail = written("只有一封")
    imap_server.deliver(mail, mail)
    fetched()
    assert [row.became for row in Inbound.objects.order_by("pk")] == [Became.PERSON, Became.DUPLICATE]
    Inbound.objects.update(box="under another UIDVALIDITY")
    assert fetched() == 2
    assert desk.mails == ["只有一封"]


def test_a_bounce_marks_the_letter_as_failed_with_the_reason(imap_server, told, settings) -> None:
    letter, other = told(), told()
    Message.objects.update(state=State.SENT, sent_at=clock.now(), due_at=None)
    imap_server.deliver(bounce(message_id(letter.token.hex), reason="550 5.1.1 <wang@example.com> unknown"))
    imap_server.deliver(bounce(message_id(other.token.hex), action="delayed"))
    fetched()
    letter.refresh_from_db()
    other.refresh_from_db()
    assert (letter.state, letter.error) == (State.FAILED, "550 5.1.1 <w***@example.com> unknown")
    assert other.state == State.SENT
    rows = Inbound.objects.order_by("pk")
    assert [row.became for row in rows] == [Became.BOUNCED, Became.AUTOMATIC]
    assert "wang" not in rows[0].reason


def test_machines_and_our_own_letters_reach_no_desk(imap_server, desk, settings) -> None:
    own = settings.DEFAULT_FROM_EMAIL
    imap_server.deliver(
        written(Auto_Submitted="auto-replied"),
        written(Precedence="list"),
        written(sender=own),
        written(Message_ID=message_id("0" * 32)),
        bounce("<nobody@elsewhere.example>"),
    )
    fetched()
    assert {row.became for row in Inbound.objects.all()} == {Became.AUTOMATIC}
    assert (desk.mails, desk.replies, Message.objects.count()) == ([], [], 0)


def test_an_answer_finds_the_letter_that_it_answers(imap_server, desk, told) -> None:
    letter = told()
    imap_server.deliver(written("已補充", In_Reply_To=message_id(letter.token.hex)))
    imap_server.deliver(written("別人的", In_Reply_To=message_id(letter.token.hex).replace("cityhall", "evil")))
    fetched()
    assert (desk.replies, desk.mails) == ([("已補充", letter.pk)], ["別人的"])


def test_what_cannot_be_read_says_why_and_stops_nothing(imap_server, desk, monkeypatch) -> None:
    monkeypatch.setattr(inbox, "LARGEST", 2000)
    imap_server.deliver(written("大" * 3000), written(sender="nobody"), written("還讀得到"))
    fetched()
    large, nameless, good = Inbound.objects.order_by("pk")
    assert (large.became, nameless.became) == (Became.UNREADABLE, Became.UNREADABLE)
    assert "超過上限" in large.reason and "寄件人" in nameless.reason
    assert "大" not in str(inbox.read_mail(inbox.base64.b64decode(large.raw)).text)
    assert desk.mails == ["還讀得到"] and good.became == Became.PERSON


def test_a_mail_that_breaks_the_reader_is_unreadable(imap_server, desk, monkeypatch) -> None:
    def broken(raw: bytes):
        raise RuntimeError("wang@example.com")

    monkeypatch.setattr(inbox, "read_mail", broken)
    imap_server.deliver(written())
    fetched()
    assert Inbound.objects.get().reason == "RuntimeError"


def test_a_server_that_does_not_answer_or_refuses(settings, imap_process) -> None:
    settings.INBOX_URL = "imap://city:secret@127.0.0.1:1/INBOX"
    with pytest.raises(Unreachable):
        inbox.fetch()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("fetch_mail")
    settings.INBOX_URL = f"imap://city:wrong@127.0.0.1:{imap_process.port}/INBOX"
    with pytest.raises(Unreachable):
        inbox.fetch()
    settings.INBOX_URL = f"imap://city:secret@127.0.0.1:{imap_process.port}/nowhere"
    with pytest.raises(Unreachable):
        inbox.fetch()
    settings.INBOX_URL = ""
    assert inbox.fetch() == 0


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_the_same_mailbox_take_each_mail_once(imap_server) -> None:
    imap_server.deliver(*(written(f"第 {n} 封") for n in range(12)))
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(inbox.fetch())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == Inbound.objects.count() == 12


KILLED = """
import os, signal
import django; django.setup()
from messages import inbox
taken = 0
keep = inbox.keep
def then_die(row):
    global taken
    kept = keep(row)
    taken += 1
    if taken == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return kept
inbox.keep = then_die
inbox.fetch()
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_half_way_begins_again_where_it_was(imap_server, desk) -> None:
    imap_server.deliver(*(written(f"第 {n} 封") for n in range(7)))
    url = connection.settings_dict
    where = {"host": url["HOST"], "port": url["PORT"]}
    database = f"postgresql://{url['USER']}:{url['PASSWORD']}@/{url['NAME']}?" + "&".join(
        f"{name}={value}" for name, value in where.items() if value
    )
    environment = os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "CITYHALL_INBOX_URL": imap_server.url,
    }
    died = subprocess.run([sys.executable, "-c", KILLED], env=environment, timeout=120, check=False)
    assert died.returncode == -signal.SIGKILL
    assert Inbound.objects.count() == 3
    assert fetched() == 4
    assert desk.mails == [f"第 {n} 封" for n in range(7)]


def test_a_lost_reading_is_found(imap_server, desk) -> None:
    imap_server.deliver(written())
    inbox.fetch()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert inbox.requeue_unread() == 0
    Inbound.objects.update(taken_at=clock.now() - timedelta(hours=1))
    assert inbox.requeue_unread() == 1
    jobs.perform_waiting()
    assert desk.mails and inbox.requeue_unread() == 0


def test_content_goes_after_its_term_and_the_line_stays(imap_server) -> None:
    imap_server.deliver(written(Precedence="list"), written("還在等"))
    fetched()
    Inbound.objects.filter(ended_at__isnull=False).update(ended_at=clock.now() - timedelta(days=89))
    assert inbox.purge() == 0
    Inbound.objects.filter(ended_at__isnull=False).update(ended_at=clock.now() - timedelta(days=91))
    assert (inbox.purge(), inbox.purge()) == (1, 0)
    gone, waiting = Inbound.objects.order_by("pk")
    assert (gone.raw, gone.sender, gone.text, gone.became) == ("", "", "", Became.AUTOMATIC)
    assert gone.purged_at and gone.fingerprint and waiting.text == "還在等"
    assert fetched() == 0
