from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from identity.factories import person
from identity.models import User
from identity.tests import grants
from messages import registry
from messages.actions import send
from messages.models import Message
from messages.registry import Audience, Notice
from messages.testing import line_server, smtp_server
from messages.testing_phones import awake, push_service, sms_gateway

__all__ = ["awake", "line_server", "push_service", "sms_gateway", "smtp_server"]

RECEIVED = Notice("test.received", "受理", Audience.CITIZEN, {"number": "D111-0000001", "place": "路口"})
LATE = Notice("test.late", "逾期提醒", Audience.STAFF, {"number": "D111-0000001"})

WORDS = {
    "test/notices/received.zh-hant.txt": "{{ number }} 已受理\n\n您通報的「{{ place }}」已受理。\n\n"
    "查詢進度：\n{{ PUBLIC_URL }}/track/?number={{ number }}&code=1。\n",
    "test/notices/received.en.txt": "{{ number }} received\n\nWe received your report of {{ place }}.\n",
    "test/notices/received.zh-hant.short.txt": "{{ number }} 已受理\n{{ PUBLIC_URL }}/t/1/\n",
    "test/notices/received.en.short.txt": "{{ number }} received\n{{ PUBLIC_URL }}/t/1/\n",
    "test/notices/late.zh-hant.txt": "{{ number }}\n 已逾期\n\n請儘速辦理。",
    "test/notices/late.en.txt": "{{ number }} is late\n\nPlease see to it.",
}


@pytest.fixture(autouse=True)
def declared_notices(monkeypatch: Any, settings: Any) -> None:
    """Two notices of a made-up app, with words in both languages, beside those of the house."""
    for notice in (RECEIVED, LATE):
        monkeypatch.setitem(registry._notices, notice.code, notice)
    engine = {**settings.TEMPLATES[0], "APP_DIRS": False}
    loaders = [
        ("django.template.loaders.locmem.Loader", WORDS),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = [{**engine, "OPTIONS": {**engine["OPTIONS"], "loaders": loaders}}]
    settings.MAIL_URL = settings.SMS_URL = ""
    settings.DEMO = False


@pytest.fixture
def told(db: None) -> Callable[..., Message]:
    """``told()``: a message as an action sends it."""

    def told(
        to: str = "wang@example.com", language: str = "zh-hant", notice: str = RECEIVED.code, **context
    ) -> Message:
        example = {**registry.notice(notice).example, **context}
        return Message.objects.get(token=send(notice, to, language, example, "test.thing", 7).token)

    return told


@pytest.fixture
def as_(db: None, settings: Any) -> Iterator[Callable[..., Client]]:
    """``as_("auditor")``: the browser of a person who holds that role; ``as_(user)``: of that person."""
    settings.GRANTS = "identity.tests.grants.grants_of"

    def as_(who: str | User) -> Client:
        user = who
        if isinstance(who, str):
            user = person()
            grants.HELD[user.pk] = {who}
        client = Client()
        client.force_login(user)
        return client

    yield as_
    grants.HELD.clear()
