"""The model cards: who may read them, what they say, and choosing a version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classification.actions import train
from classification.models import InForce
from classification.registry import Example
from classification.tests.conftest import Sayings

CODE = "test.sayings"
CARD = f"/models/{CODE}/"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_before_any_training_the_card_says_so(city: Any, sayings: Sayings, staff: Callable[..., Any]) -> None:
    reader = signed_in(staff("auditor"))
    assert "還沒有訓練" in reader.get("/models/").content.decode()
    assert "還沒有訓練" in reader.get(CARD).content.decode()
    assert reader.get("/models/no.such/").status_code == 404


def test_a_card_tells_what_was_measured(city: Any, sayings: Sayings, staff: Callable[..., Any]) -> None:
    version = train(CODE)
    page = signed_in(staff("auditor")).get(CARD).content.decode()
    assert f"{version.measured['accuracy'] * 100:.1f} %" in page
    assert "LIGHT" in page and "<circle" in page and "60 %" in page
    assert "啟用這一版" not in page
    assert signed_in(staff("auditor")).get(f"{CARD}2/").status_code == 404


def test_a_text_is_tried_and_not_kept(city: Any, sayings: Sayings, staff: Callable[..., Any]) -> None:
    train(CODE)
    client = signed_in(staff("auditor"))
    page = client.post(f"{CARD}trial/", {"text": "學校前面的路燈不亮"}).content.decode()
    assert "<li>LIGHT <b>" in page
    assert "沒有模型認得的字" in client.post(f"{CARD}trial/", {"text": "Ω"}).content.decode()
    assert client.post(f"{CARD}trial/", {"text": ""}).status_code == 422


def test_a_controller_goes_back_to_a_version_with_a_reason(
    city: Any, sayings: Sayings, staff: Callable[..., Any]
) -> None:
    train(CODE)
    sayings.rows.append(Example("路燈又壞了", "light", True))
    train(CODE)
    other = 1 if InForce.objects.of(CODE).first().version.number == 2 else 2
    assert signed_in(staff("auditor")).post(f"{CARD}{other}/in-force/", {"reason": "x"}).status_code == 403
    client = signed_in(staff("controller"))
    refused = client.post(f"{CARD}{other}/in-force/", {"reason": ""})
    assert refused.status_code == 422 and "請填寫「啟用這一版的原因」" in refused.content.decode()
    assert client.post(f"{CARD}{other}/in-force/", {"reason": "比較準"}).status_code == 302
    assert InForce.objects.of(CODE).first().version.number == other
    page = client.get(CARD).content.decode()
    assert "由人員指定" in page and "比較準" in page
    client.post(f"{CARD}automatic/")
    assert not InForce.objects.of(CODE).first().pinned
    assert "自動更新" in client.post(f"{CARD}automatic/", follow=True).content.decode()


def test_a_card_costs_the_same_with_many_versions(city: Any, sayings: Sayings, staff: Callable[..., Any]) -> None:
    client = signed_in(staff("controller"))
    train(CODE)
    client.get(CARD)
    with CaptureQueriesContext(connection) as few:
        client.get(CARD)
    for number in range(4):
        sayings.rows.append(Example(f"路燈壞了{number}次", "light", True))
        train(CODE)
    client.get(CARD)
    with CaptureQueriesContext(connection) as many:
        client.get(CARD)
    assert len(many) <= len(few)
    assert not any('"weights"' in query["sql"] for query in many)
