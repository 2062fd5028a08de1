"""The code flow from end to end, over HTTP: what a system gets, and what it does not."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from singlesignon.models import Authentication, AuthorizationCode, Token
from singlesignon.tests.conftest import HOME, decoded

pytestmark = pytest.mark.django_db


def test_a_signed_in_person_is_vouched_for(relying: Any, visitor: Browser, citizen: Any) -> None:
    venue = relying()
    answer = venue.answer(venue.ask(visitor))
    assert answer.keys() == {"code", "state", "iss"} and answer["state"] == "s1"
    tokens = venue.redeem(answer["code"]).json()
    assert tokens.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    claims = decoded(tokens["id_token"], venue)
    assert (claims["nonce"], claims["acr"], claims["amr"]) == ("n1", "1", ["pwd"])
    assert claims["sub"] != str(citizen.pk) and "name" not in claims
    info = Browser().get("/openid/userinfo/", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert info.json() == {"sub": claims["sub"]}
    (entry,) = Authentication.objects.all()
    assert (entry.system_id, entry.user_id, entry.level, entry.error, entry.place) == (
        venue.system.pk,
        citizen.pk,
        1,
        "",
        "127.0.0.0/24",
    )


def test_nothing_that_opens_is_stored(relying: Any, visitor: Browser) -> None:
    venue = relying()
    code = venue.code(visitor)
    tokens = venue.redeem(code).json()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(t::text) || (SELECT array_agg(c::text) FROM singlesignon_authorizationcode c)"
            " FROM singlesignon_token t"
        )
        kept = str(cursor.fetchone())
    assert code not in kept and tokens["access_token"] not in kept
    assert AuthorizationCode.objects.count() == Token.objects.count() == 1


def test_systems_of_two_hosts_know_a_person_by_two_names(relying: Any, visitor: Browser) -> None:
    one, same, other = relying(), relying(), relying(homepage="https://library.example/")
    subs = [decoded(each.tokens(visitor)["id_token"], each)["sub"] for each in (one, same, other)]
    assert subs[0] == subs[1] != subs[2]


@pytest.mark.parametrize(
    ("differs", "why"),
    [
        ({"code_verifier": "w" * 50}, "wrong verifier"),
        ({"code_verifier": None}, "no verifier"),
        ({"redirect_uri": "https://venue.example/other"}, "another address"),
        ({"redirect_uri": None}, "no address"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_code_needs_its_proof_and_is_spent_by_a_wrong_one(
    relying: Any, visitor: Browser, differs: Any, why: str
) -> None:
    venue = relying()
    code = venue.code(visitor)
    refused = venue.redeem(code, **differs)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant"), why
    assert venue.redeem(code).json()["error"] == "invalid_grant"
    assert not Token.objects.exists()


def test_a_code_is_its_systems_alone(relying: Any, visitor: Browser) -> None:
    venue, thief = relying(), relying()
    code = venue.code(visitor)
    assert thief.redeem(code).json()["error"] == "invalid_grant"
    assert venue.redeem(code).status_code == 200, "what the thief tried took nothing from the owner"


def test_replay_revokes_what_came_of_it(relying: Any, visitor: Browser) -> None:
    venue = relying()
    code = venue.code(visitor)
    tokens = venue.redeem(code).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert Browser().get("/openid/userinfo/", headers=bearer).status_code == 200
    assert venue.redeem(code).json()["error"] == "invalid_grant"
    assert Browser().get("/openid/userinfo/", headers=bearer).status_code == 401


def test_a_code_runs_out(relying: Any, visitor: Browser, time_machine: Any = None) -> None:
    import time_machine as travel

    venue = relying()
    code = venue.code(visitor)
    from datetime import timedelta

    from foundation import clock

    with travel.travel(clock.now() + timedelta(seconds=61), tick=False):
        assert venue.redeem(code).json()["error_description"] == "the code has run out"


@pytest.mark.django_db(transaction=True)
def test_thirty_redemptions_at_once_give_exactly_one_token(relying: Any, visitor: Browser) -> None:
    """The race that a code in a cache loses thirty times of thirty."""
    venue = relying()
    for _round in range(3):
        code = venue.code(visitor)
        start, answers = threading.Barrier(30), []

        def redeem(code: str = code, start: threading.Barrier = start, answers: list[Any] = answers) -> None:
            start.wait()
            try:
                answers.append(venue.redeem(code))
            finally:
                connection.close()

        threads = [threading.Thread(target=redeem) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status_code for answer in answers) == [200] + [400] * 29
        assert not Token.objects.filter(revoked_at=None).exists(), "the others were replays: what was given is revoked"


def test_the_address_is_held_to_the_letter(relying: Any, visitor: Browser) -> None:
    venue = relying()
    for address in (
        HOME + "/",
        HOME + "?x=1",
        "https://venue.example.evil.example/callback",
        "http://venue.example/callback",
        "",
    ):
        answer = venue.ask(visitor, redirect_uri=address)
        assert answer.status_code == 400 and "Location" not in answer, address
    assert venue.ask(visitor, client_id="nobody").status_code == 400
