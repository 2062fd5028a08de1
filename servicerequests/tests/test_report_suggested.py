"""Whoever types is led by the model where it is sure, by common words where it is not, and never hindered by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cases.classifiers import AGENCY, KIND
from classification import queries
from classification.actions import train
from classification.models import Version
from classification.queries import Guess, forget

TEXT = "整條巷子晚上都黑黑的"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Guess]:
    answers: dict[str, Guess] = {}
    monkeypatch.setattr(queries, "guesses", lambda code, text: [answers[code]] if code in answers else [])
    return answers


def typed(client: Client, text: str = TEXT) -> str:
    return client.post("/report/", {"text": text}).content.decode()


def test_a_sure_model_leads_and_an_unsure_one_is_silent(city: Any, client: Client, said: dict[str, Guess]) -> None:
    assert "是這一項" not in typed(client).replace("您要通報的是這一項嗎", "")
    said[KIND], said[AGENCY] = Guess("street_light", 0.72, 1), Guess("pwb", 0.9, 1)
    page = typed(client)
    assert "可能是這一項" in page and "很可能是這一項" not in page and "很可能由工務局辦理。" in page
    assert page.index("/report/street_light/") < page.index("/report/petition/")
    assert "72 %" not in page  # words for citizens, numbers for those who take calls
    said[KIND] = Guess("street_light", 0.93, 1)
    page = typed(client)
    assert "很可能是這一項" in page and "您要通報的是這一項嗎？" in page
    said[KIND], said[AGENCY] = Guess("street_light", 0.5, 1), Guess("pwb", 0.5, 1)
    page = typed(client)
    assert "可能是這一項" not in page and "辦理。" not in page


def test_a_kind_that_is_no_more_is_not_offered(city: Any, client: Client, said: dict[str, Guess]) -> None:
    said[KIND] = Guess("gone", 0.9, 1)
    assert "/report/gone/" not in typed(client)


def test_a_call_agent_reads_the_confidence(
    city: Any, client: Client, said: dict[str, Guess], staff: Callable[..., Any]
) -> None:
    said[KIND], said[AGENCY] = Guess("street_light", 0.72, 1), Guess("pwb", 0.9, 1)
    client.force_login(staff("call_agent"))
    page = typed(client)
    assert "（72 %）" in page and "（90 %）" in page


def test_the_packs_examples_lead_until_there_are_cases(city: Any, client: Client) -> None:
    forget()
    train(KIND)
    page = typed(client, "家門口的路燈壞了，一閃一閃的")
    found = page[page.index('id="found"') :]
    assert found.index("/report/street_light/") < found.index("可能是這一項") < found.index("/report/petition/")
    forget()


def test_reporting_goes_on_when_the_model_is_broken(city: Any, client: Client, report: Callable[..., Any]) -> None:
    forget()
    train(KIND)
    Version.objects.update(weights=b"junk")
    forget()
    page = typed(client, "路燈不亮")
    assert "/report/street_light/" in page and "可能是這一項" not in page
    assert report("street_light").pk
    forget()
