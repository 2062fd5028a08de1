"""Versions: trained, kept out when worse, chosen by people, and silent when there is nothing to say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from classification import actions
from classification.actions import KEPT, let_go, put_in_force, train
from classification.models import InForce, Version
from classification.queries import forget, guesses, suggestion
from classification.registry import Example
from classification.tasks import retrain, train_first
from classification.tests.conftest import Sayings

CODE = "test.sayings"


def test_the_first_version_is_in_force_and_the_same_again_is_not_trained(city: Any, sayings: Sayings) -> None:
    assert guesses(CODE, "路燈不亮") == [] and suggestion(CODE, "路燈不亮") is None
    version = train(CODE)
    assert version.number == 1 and version.given == len(sayings.rows) and not version.refused
    assert suggestion(CODE, "學校前面的路燈不亮").label == "light"
    assert train(CODE) is None
    sayings.rows.append(sayings.rows[0])  # the same text again is nothing new
    assert train(CODE) is None


def test_below_the_threshold_nothing_is_said(city: Any, sayings: Sayings, monkeypatch: pytest.MonkeyPatch) -> None:
    train(CODE)
    found = guesses(CODE, "路燈不亮")[0]
    monkeypatch.setattr("classification.queries.threshold", lambda code, on: found.probability)
    assert suggestion(CODE, "路燈不亮") == found
    monkeypatch.setattr("classification.queries.threshold", lambda code, on: found.probability + 1e-6)
    assert suggestion(CODE, "路燈不亮") is None
    monkeypatch.setattr("classification.queries.threshold", lambda code, on: None)
    assert suggestion(CODE, "路燈不亮") is None


def test_a_worse_version_is_kept_out_and_a_better_one_comes_in(city: Any, sayings: Sayings) -> None:
    first = train(CODE)
    right = list(sayings.rows)
    # What is held out says the truth, what is learned from says something else.
    sayings.mislabel()
    held_out = [row for row in right if actions.fold_of(row.text, actions.PARTS) == 0]
    sayings.rows = [row for row in sayings.rows if actions.fold_of(row.text, actions.PARTS)] + held_out
    worse = train(CODE)
    assert worse.refused == "worse" and worse.measured["accuracy"] < first.measured["accuracy"]
    assert InForce.objects.of(CODE).get().version == first
    sayings.rows = [*right, Example("路燈壞了沒亮", "light", True)]
    better = train(CODE)
    assert not better.refused and better.own == 1
    assert InForce.objects.of(CODE).first().version == better


def test_a_person_goes_back_and_training_respects_it_until_let_go(
    city: Any, sayings: Sayings, staff: Callable[..., Any]
) -> None:
    controller, auditor = staff("controller"), staff("auditor")
    first = train(CODE)
    sayings.rows.append(Example("路燈又壞了", "light", True))
    second = train(CODE)
    assert guesses(CODE, "路燈")[0].version == second.number
    with pytest.raises(PermissionDenied):
        put_in_force(auditor, first, "較好")
    with pytest.raises(ValidationError):
        put_in_force(controller, first, "  ")
    put_in_force(controller, first, "第二版常把路燈說成噪音")
    assert guesses(CODE, "路燈")[0].version == first.number
    sayings.rows.append(Example("路燈還是壞的", "light", True))
    third = train(CODE)
    assert third.refused == "pinned" and guesses(CODE, "路燈")[0].version == first.number
    let_go(controller, CODE)
    with pytest.raises(ValidationError):
        let_go(controller, CODE)
    sayings.rows.append(Example("路燈總是壞的", "light", True))
    fourth = train(CODE)
    assert fourth.number == 4 and fourth.refused in {"", "worse"}


def test_the_log_cannot_be_changed(city: Any, sayings: Sayings) -> None:
    train(CODE)
    with pytest.raises(IntegrityError), transaction.atomic():
        InForce.objects.all().update(reason="別的")


@pytest.mark.parametrize("stored", [b"", b"junk", None])
def test_a_broken_model_says_nothing_and_the_next_training_replaces_it(
    city: Any, sayings: Sayings, stored: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    version = train(CODE)
    Version.objects.filter(pk=version.pk).update(weights=stored)
    forget()
    assert guesses(CODE, "路燈不亮") == [] and suggestion(CODE, "路燈不亮") is None
    assert "cannot be used" in caplog.text
    sayings.rows.append(Example("路燈又壞了", "light", True))
    assert not train(CODE).refused
    assert suggestion(CODE, "學校前面的路燈不亮").label == "light"


def test_too_little_makes_no_version(city: Any, sayings: Sayings) -> None:
    sayings.rows = sayings.rows[:4]
    assert train(CODE) is None
    sayings.rows = []
    assert train(CODE) is None and not Version.objects.of(CODE).exists()


def test_old_versions_lose_their_weights_and_cannot_be_chosen(
    city: Any, sayings: Sayings, staff: Callable[..., Any]
) -> None:
    first = train(CODE)
    for number in range(KEPT):
        sayings.rows.append(Example(f"路燈壞了{number}次", "light", True))
        train(CODE)
    kept = set(Version.objects.of(CODE).filter(weights__isnull=False).values_list("number", flat=True))
    assert set(range(2, KEPT + 2)) <= kept
    if InForce.objects.of(CODE).first().version_id != first.pk:
        assert first.number not in kept
        with pytest.raises(ValidationError):
            put_in_force(staff("controller"), first, "回到第一版")


def test_asking_costs_one_small_statement_in_a_while(city: Any, sayings: Sayings) -> None:
    train(CODE)
    guesses(CODE, "路燈不亮")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for _again in range(20):
            guesses(CODE, "路燈不亮")
    assert len(asked) == 0


def test_the_jobs_train_what_is_declared(city: Any, sayings: Sayings) -> None:
    assert train_first() == 3  # kind and agency by the pack's examples, and the sayings
    assert train_first() == retrain() == 0
    assert suggestion("cases.agency", "公司欠薪三個月都不發薪水").label == "labor"
    assert suggestion("cases.kind", "整條巷子的路燈都不亮").label == "street_light"


@pytest.mark.django_db(transaction=True)
def test_two_trainings_at_once_give_one_version(city: Any, sayings: Sayings) -> None:
    made: list[Any] = []

    def work() -> None:
        try:
            made.append(train(CODE))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3 and sum(version is not None for version in made) == 1
    assert InForce.objects.of(CODE).count() == 1
