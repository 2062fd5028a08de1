"""The letters: after each verb that matters, in the reporter's language, with the way back to the case."""

import re

import pytest

from cases.actions.filing import Reporter
from messages.models import Message
from servicerequests.kinds import NOTICES
from servicerequests.tests.office import act, done, link
from servicerequests.tests.walking import Walker

SAYS = {
    "servicerequests.received": ("已受理您的通報", "We have received your report"),
    "servicerequests.question": ("請您補充資料", "We need more information"),
    "servicerequests.done": ("已處理", "Work done"),
    "servicerequests.closed": ("已結案", "Closed"),
    "servicerequests.reopened": ("已重新處理", "Reopened"),
}


@pytest.mark.parametrize(("language", "column"), [("zh-hant", 0), ("en", 1)])
def test_each_step_that_matters_is_told_with_the_way_back(filed, walker: Walker, settings, language, column) -> None:
    settings.PUBLIC_URL = "https://city.example"
    case = filed(reporter=Reporter(email="a@example.com", language=language))
    act(case, "take")
    act(case, "ask", text="請問是哪一個車道？")
    act(case, "go_on")
    done(case, "已填補並壓實")
    act(case, "close")
    walker.get(link(case)).send("text", text="雨後又破了")
    letters = list(Message.objects.order_by("pk"))
    assert [letter.notice for letter in letters] == list(SAYS)
    for letter in letters:
        assert letter.subject.startswith(SAYS[letter.notice][column])
        assert str(case.number) in letter.subject
        assert f"{case.secret[:4]}-{case.secret[4:]}" in letter.body
        way = re.search(r"https://city\.example(/track/\S+)", letter.body)[1]
        assert Walker().get(way).status == 200
        assert ("您好" in letter.body) is (language == "zh-hant")
    assert "請問是哪一個車道？" in letters[1].body
    assert "已填補並壓實" in letters[2].body


def test_without_an_address_nothing_is_sent(filed) -> None:
    done(act(filed(reporter=Reporter(phone="0912345678")), "take"))
    done(act(filed(reporter=Reporter()), "take"))
    assert not Message.objects.exists()


def test_every_notice_of_the_lifecycle_is_declared() -> None:
    from messages.registry import notice

    for code in NOTICES.values():
        assert notice(code).example
