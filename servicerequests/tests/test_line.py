"""A conversation in LINE, from the signed webhook to the queue, the answers through the official SDK to a server that
speaks the Messaging API on loopback."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Attachment, Case, CaseEvent, Contact
from foundation import jobs
from messages.models import Became, Inbound, Message, State
from messages.testing import LineServer, line_server
from messages.testing_phones import awake
from servicerequests.actions.mailbox import Reporter
from servicerequests.rules import line_command
from servicerequests.tests.office import act, done
from servicerequests.tests.walking import IN_LINGYA, IN_TAIPEI, picture

__all__ = ["awake", "line_server"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("awake"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the SDK's own
]


class Phone:
    """Somebody's LINE. ``say`` returns what the city answers."""

    def __init__(self, server: LineServer, user: str = "U" + "1" * 32) -> None:
        self.server, self.user, self.client = server, user, Client()

    def event(self, kind: str = "message", **more: Any) -> dict[str, Any]:
        return {
            "type": kind, "webhookEventId": uuid4().hex, "timestamp": int(time.time() * 1000), "mode": "active",
            "replyToken": uuid4().hex, "source": {"type": "user", "userId": self.user}, **more,
        }  # fmt: skip

    def post(self, *events: dict[str, Any], signature: str | None = None) -> int:
        body, right = self.server.signed(*events)
        headers = {"X-Line-Signature": right if signature is None else signature}
        return self.client.post("/line/webhook/", body, content_type="application/json", headers=headers).status_code

    def tell(self, **message: Any) -> str:
        before = len(self.server.replies)
        assert self.post(self.event(message={"id": uuid4().hex, **message})) == 200
        jobs.perform_waiting()
        return "\n".join(words for _token, words in self.server.replies[before:])

    def say(self, text: str) -> str:
        return self.tell(type="text", text=text)


@pytest.fixture
def phone(city, line_server) -> Phone:
    return Phone(line_server)


def report(phone: Phone) -> Case:
    phone.say("通報 三多三路路燈不亮")
    phone.say("1")
    phone.say("1")
    phone.say("苓雅區三多三路 215 號")
    phone.say("送出")
    return Case.objects.for_list().order_by("-pk").first()


def test_a_report_step_by_step_with_place_and_photo(phone, line_server) -> None:
    assert "哪裡不對勁" in phone.say("通報")
    assert "1. 路燈不亮" in phone.say("三多三路路燈不亮")
    assert "路燈怎麼了" in phone.say("1")
    assert "路燈怎麼了" in phone.say("九十九")  # asked again
    assert "在哪裡" in phone.say("1")
    far = {"type": "location", "longitude": IN_TAIPEI[0], "latitude": IN_TAIPEI[1], "address": "臺北"}
    assert "不在本市" in phone.tell(**far)
    near = {"type": "location", "longitude": IN_LINGYA[0], "latitude": IN_LINGYA[1], "address": "高雄市苓雅區三多三路"}
    assert "照片" in phone.tell(**near)
    line_server.pictures["77"] = picture().read()
    assert "收到 1 張" in phone.tell(type="image", id="77")
    assert "讀不到" in phone.tell(type="image", id="78")
    line_server.pictures["79"] = b"MZ not a picture"
    assert "照片" in phone.tell(type="image", id="79")
    told = phone.say("送出")
    case = Case.objects.get()
    assert str(case.number) in told and f"{case.secret[:4]}-{case.secret[4:]}" in told
    assert (case.channel, case.kind_code, case.fields, str(case.district)) == (
        "line", "street_light", {"fault": "out"}, "苓雅區",
    )  # fmt: skip
    assert case.place == "苓雅區 三多三路"  # the district once
    assert Attachment.objects.get(case__isnull=False).case == case
    assert Contact.objects.get().line == phone.user
    assert Inbound.objects.filter(became=Became.FILED, topic_id=case.pk).count() == 1
    assert "您好" in phone.say("送出")  # nothing is left to send
    assert Case.objects.count() == 1


def test_who_began_with_a_greeting_says_it_again_in_other_words(phone, line_server) -> None:
    phone.say("通報")
    assert "路燈不亮" not in phone.say("您好")
    assert "路燈不亮" in phone.say("路燈三天沒亮")
    assert "路燈不亮" in phone.say("99")  # a figure is no matter


def test_what_follows_is_pushed_to_who_reported(phone, line_server) -> None:
    case = report(phone)
    done(act(case, "take"), "已更換燈泡")
    jobs.perform_waiting()
    to, words = line_server.pushes[-1]
    assert to == phone.user and "已更換燈泡" in words
    assert not Message.objects.exclude(state=State.SENT).exists()


def test_an_event_that_is_sent_twice_counts_once(phone, line_server) -> None:
    event = phone.event(message={"type": "text", "id": "1", "text": "說明"})
    assert (phone.post(event), phone.post(event), phone.post(event, event)) == (200, 200, 200)
    jobs.perform_waiting()
    assert (Inbound.objects.count(), len(line_server.replies)) == (1, 1)


def test_what_line_did_not_sign_is_not_kept(phone, settings) -> None:
    event = phone.event(message={"type": "text", "id": "1", "text": "說明"})
    body, right = phone.server.signed(event)
    for wrong in ("", "x", right[:-4] + "AAA=", "é"):
        assert phone.post(event, signature=wrong) == 401
    changed = phone.client.post(
        "/line/webhook/", body + b" ", content_type="application/json", headers={"X-Line-Signature": right}
    )
    assert changed.status_code == 401 and not Inbound.objects.exists()
    settings.LINE_SECRET = ""
    assert phone.post(event) == 404


def test_signed_nonsense_is_refused_and_groups_are_left_alone(phone, line_server) -> None:
    assert phone.post({"type": "message"}) == 400
    phone.post(phone.event(source={"type": "group", "groupId": "G"}, message={"type": "text", "text": "通報"}))
    jobs.perform_waiting()
    assert Inbound.objects.get().became == Became.AUTOMATIC and not line_server.replies


def test_the_state_of_a_case_needs_its_code_and_guessing_is_slow(phone, filed) -> None:
    case = filed(reporter=Reporter(email="a@example.com"))
    assert "不符" in phone.say(f"進度 {case.number}")
    assert "不符" in phone.say(f"進度 {case.number} 4444-4444")
    assert "不符" in phone.say("進度 D111-9999999 4444-4444")
    right = phone.say(f"進度 {case.number} {case.secret}")
    assert "已受理" in right and str(case.number) in right
    for _n in range(10):
        last = phone.say(f"進度 {case.number} 4444-4444")
    assert "太多次" in last and "太多次" in phone.say(f"進度 {case.number} {case.secret}")


def test_linking_needs_the_code_and_unlinking_forgets(phone, line_server, filed) -> None:
    case = filed(reporter=Reporter(email="a@example.com"))
    assert "不符" in phone.say(f"連結 {case.number} 4444-4444")
    assert not Contact.objects.exclude(line="").exists()
    assert "還沒有連結" in phone.say("我的案件")
    assert "已連結" in phone.say(f"連結 {case.number} {case.secret}")
    contact = Contact.objects.get()
    assert (contact.line, contact.email) == (phone.user, "a@example.com")
    assert CaseEvent.objects.filter(case=case, text__contains="連結").exists()
    assert str(case.number) in phone.say("我的案件") and "已受理" in phone.say(f"進度 {case.number}")
    stranger = Phone(line_server, "U" + "2" * 32)
    assert "不符" in stranger.say(f"進度 {case.number}") and "還沒有" in stranger.say("我的案件")
    assert "已解除 1 件" in phone.say("解除")
    done(act(case, "take"))
    jobs.perform_waiting()
    assert not line_server.pushes and "不符" in phone.say(f"進度 {case.number}")


def test_who_blocks_the_account_is_unlinked(phone, line_server) -> None:
    case = report(phone)
    phone.post(phone.event("unfollow", replyToken=None))
    jobs.perform_waiting()
    assert Contact.objects.get(case=case).line == ""


def test_one_persons_cases_of_every_channel_are_one_thread(phone, filed) -> None:
    mailed = filed(reporter=Reporter(email="a@example.com"))
    phone.say(f"連結 {mailed.number} {mailed.secret}")
    case = report(phone)
    same = Contact.objects.same_person(Contact.objects.get(case=case))
    assert {contact.case_id for contact in same} == {mailed.pk, case.pk}


def test_a_spent_reply_becomes_a_push_and_a_retry_is_taken_once(phone, line_server) -> None:
    event = phone.event(message={"type": "text", "id": "1", "text": "說明"})
    line_server.spent.add(event["replyToken"])
    phone.post(event)
    jobs.perform_waiting()
    assert len(line_server.pushes) == 1 and not line_server.replies
    message = Message.objects.get()
    assert message.state == State.SENT
    Message.objects.update(state=State.QUEUED, sent_at=None, due_at=message.created_at)
    from messages.actions import deliver

    deliver(message.token)
    assert Message.objects.get().state == State.SENT and len(line_server.pushes) == 1


@pytest.mark.parametrize(("status", "state"), [(400, State.FAILED), (429, State.QUEUED), (500, State.QUEUED)])
def test_what_line_refuses_has_failed_and_what_it_puts_off_waits(phone, line_server, status, state) -> None:
    line_server.fails = status
    phone.post(phone.event(message={"type": "text", "id": "1", "text": "說明"}))
    jobs.perform_waiting()
    message = Message.objects.get()
    assert message.state == state and str(status) in message.error and phone.user not in message.error


def test_english_is_answered_in_english(phone) -> None:
    assert "What is wrong" in phone.say("report")
    assert "Street light" in phone.say("the street light is out")
    assert "Cancelled" in phone.say("cancel")


@given(st.text(max_size=50))
def test_other_words_are_no_command(text: str) -> None:
    command, language, rest = line_command("請問" + text)
    assert (command, language, rest) == ("", "", "")


def test_commands_as_people_type_them() -> None:
    assert line_command("　進度　D111-0000001 7K4M9QXR ") == ("state", "zh-hant", "D111-0000001 7K4M9QXR")
    assert line_command("HELP")[0] == "help" and line_command("通報路燈")[0] == ""


def test_following_what_somebody_else_reported(phone, filed):
    case = filed()
    assert "請一起輸入編號" in phone.say("關注")
    assert "找不到D111-9999999" in phone.say("關注 D111-9999999")
    assert "已關注" in phone.say(f"關注 {case.number}")
    assert f"{case.number}" in phone.say("我的案件")
    assert "Linked" not in phone.say(f"follow {case.number}") and case.followers.count() == 1
    phone.say("解除")
    assert case.followers.count() == 0
    done(case)
    assert "已處理完成" in phone.say(f"關注 {case.number}")
