"""SAML's rules, each for many cases."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singlesignon.rules import ClientFacts, Refusal
from singlesignon.saml.bindings import LARGEST, for_form, from_address, from_form
from singlesignon.saml.rules import (
    CLASS_OF,
    CLASSES,
    LEVEL_OF,
    SLACK,
    STATUS,
    answered_class,
    asked_level,
    consumer,
    fresh,
    instant,
    name_format,
    status_of,
    wish,
)
from singlesignon.saml.signatures import raw_parameters

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
NAMES = st.sampled_from([*LEVEL_OF, CLASSES + "Kerberos"])
LISTS = st.lists(NAMES, max_size=4)
FACTS = ClientFacts(
    "c", ("https://a.example/",), frozenset({"openid", "email", "offline_access"}), frozenset(), level=2
)


@given(LISTS, st.sampled_from(["", "exact", "minimum"]))
def test_a_level_answers_what_was_asked_or_nothing_does(classes: list[str], comparison: str) -> None:
    """The least level that does is one of those asked for, and whoever has it is answered with a class that fits."""
    known = [LEVEL_OF[name] for name in classes if name in LEVEL_OF]
    if classes and not known:
        with pytest.raises(Refusal, match="no_authn_context"):
            asked_level(classes, comparison)
        return
    level = asked_level(classes, comparison)
    assert level == min(known, default=0)
    for reached in range(max(level, 1), 4):
        said = answered_class(classes, comparison, reached)
        assert LEVEL_OF[said] <= reached
        if classes and comparison != "minimum":
            assert said in classes
        else:
            assert said == CLASS_OF[reached]


@given(st.lists(st.sampled_from(list(LEVEL_OF)), min_size=1, max_size=4))
def test_better_is_above_all_of_them(classes: list[str]) -> None:
    strongest = max(LEVEL_OF[name] for name in classes)
    if strongest == 3:
        with pytest.raises(Refusal):
            asked_level(classes, "better")
    else:
        assert asked_level(classes, "better") == strongest + 1
    assert asked_level(classes, "maximum") == 0


@given(st.timedeltas(timedelta(days=-1), timedelta(days=1)))
def test_a_message_is_of_just_now_or_refused(off: timedelta) -> None:
    assert fresh(NOW + off, NOW) == (abs(off) <= SLACK)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)))
def test_moments_are_read_as_they_are_written(moment: datetime) -> None:
    assert instant(f"{moment.isoformat()}Z") == moment.replace(tzinfo=UTC)
    for wrong in (moment.isoformat(), f"{moment.isoformat()}+08:00Z", "Z", ""):
        with pytest.raises(Refusal):
            instant(wrong)


@given(st.lists(st.text("abc", min_size=1), min_size=1, unique=True), st.text("abcd"), st.text("0123", max_size=2))
def test_an_answer_goes_nowhere_but_where_the_system_is_registered(
    addresses: list[str], asked: str, index: str
) -> None:
    indexes = list(range(len(addresses)))
    try:
        found = consumer(asked, index, addresses, indexes)
    except Refusal as refusal:
        assert refusal.error == "unknown_address"
        assert asked not in addresses if asked else index not in map(str, indexes)
    else:
        assert found in addresses
        assert found == (asked or addresses[int(index or 0)])


def test_a_system_without_an_address_gets_no_answer() -> None:
    with pytest.raises(Refusal):
        consumer("", "", [], [])


@given(st.binary(max_size=2000))
def test_what_travels_by_a_form_arrives(message: bytes) -> None:
    assert from_form(for_form(message)) == message


@given(st.text(max_size=200))
def test_what_is_no_message_is_refused_and_raises_nothing_else(text: str) -> None:
    for read in (from_form, from_address):
        with suppress(Refusal):
            assert len(read(text)) <= LARGEST


@given(st.dictionaries(st.text("abc", min_size=1), st.text("xyz%+="), max_size=5))
def test_parameters_are_kept_letter_by_letter_and_come_once(parameters: dict[str, str]) -> None:
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    assert raw_parameters(query) == (parameters or {"": ""})
    for name in parameters:
        with pytest.raises(Refusal):
            raw_parameters(f"{query}&{name}=x")


def test_a_request_asks_for_no_more_than_the_register_has() -> None:
    asked = {"id": "_1", "redirect_uri": "https://a.example/", "classes": CLASS_OF[3], "relay_state": "s"}
    found = wish(asked, FACTS)
    assert (found.scopes, found.level, found.state, found.nonce) == (("openid", "email"), 3, "s", "_1")
    assert wish(asked | {"classes": CLASS_OF[1]}, FACTS).level == 2
    assert wish(asked | {"login": "1"}, FACTS).prompts == {"login"}
    with pytest.raises(Refusal, match="exclude"):
        wish(asked | {"login": "1", "none": "1"}, FACTS)
    with pytest.raises(Refusal, match="persistent or transient"):
        name_format("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")
    assert status_of("something new") == (STATUS + "Responder", STATUS + "RequestDenied")
