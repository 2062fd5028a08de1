"""The protocol's rules, by example and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singlesignon import rules
from singlesignon.rules import ClientFacts, Refusal, Sitting

CLIENT = ClientFacts(
    id="c", redirect_uris=("https://a.example/cb",), scopes=frozenset(rules.SCOPES), grants=frozenset(rules.GRANTS)
)
VERIFIERS = st.text("abcXYZ0189._~-", min_size=43, max_size=128)


def request(**differs: str) -> dict[str, str]:
    return {
        "response_type": "code", "redirect_uri": "https://a.example/cb", "scope": "openid",
        "code_challenge_method": "S256", "code_challenge": rules.challenge_of("v" * 43),
    } | differs  # fmt: skip


@given(VERIFIERS, VERIFIERS)
def test_only_the_verifier_answers_its_challenge(verifier: str, other: str) -> None:
    challenge = rules.challenge_of(verifier)
    assert len(challenge) == 43 and rules.answers(verifier, challenge)
    assert rules.answers(other, challenge) == (other == verifier)


@given(st.text(max_size=200))
def test_what_is_no_verifier_answers_nothing(text: str) -> None:
    if not (43 <= len(text) <= 128 and all(sign.isascii() and (sign.isalnum() or sign in "._~-") for sign in text)):
        assert not rules.answers(text, rules.challenge_of(text) if text.isascii() else "x" * 43)


def test_the_example_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert rules.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@given(st.text(max_size=60))
def test_an_address_is_one_of_those_registered_or_refused(asked: str) -> None:
    registered = ("https://a.example/cb", "http://127.0.0.1/cb")
    assert rules.returns_to(asked, registered) == (asked in registered)


@given(st.integers(1, 65535))
def test_an_apps_port_does_not_count_on_the_loopback_alone(port: int) -> None:
    registered = ["http://127.0.0.1/cb", "https://a.example/cb"]
    assert rules.returns_to(f"http://127.0.0.1:{port}/cb", registered, native=True)
    assert not rules.returns_to(f"http://127.0.0.1:{port}/cb", registered)
    assert not rules.returns_to(f"http://127.0.0.1:{port}/other", registered, native=True)
    assert not rules.returns_to(f"http://localhost:{port}/cb", registered, native=True)
    assert not rules.returns_to(f"http://evil.example:{port}/cb", registered, native=True)
    assert not rules.returns_to(f"http://127.0.0.1:{port}@evil.example/cb", registered, native=True)


@pytest.mark.parametrize(
    ("address", "live", "native", "wrong"),
    [
        ("https://a.example/cb?x=1", True, False, ""),
        ("http://a.example/cb", False, False, "https"),
        ("http://localhost:3000/cb", False, False, ""),
        ("http://localhost:3000/cb", True, False, "https"),
        ("http://127.0.0.1/cb", True, True, ""),
        ("tw.gov.kcg.app:/cb", True, True, ""),
        ("app:/cb", True, True, "https"),
        ("tw.gov.kcg.app:/cb", True, False, "https"),
        ("javascript:alert(1)", True, True, "https"),
        ("https://a.example/cb#part", True, False, "fragment"),
        ("https://user@a.example/", True, False, "form"),
        ("https:///cb", True, False, "form"),
        ("https://*.example/cb", True, False, "form"),
        ("https://a.example:port/", True, False, "form"),
        ("", True, False, "https"),
    ],
)
def test_what_can_be_registered(address: str, live: bool, native: bool, wrong: str) -> None:
    assert rules.wrong_address(address, live=live, native=native) == wrong


@given(st.text(max_size=80), st.booleans())
def test_no_text_breaks_the_check_of_an_address(text: str, native: bool) -> None:
    assert rules.wrong_address(text, live=True, native=native) in ("", "form", "https", "fragment")


def test_a_parameter_comes_once() -> None:
    with pytest.raises(Refusal, match="more than once"):
        rules.single([("scope", "openid"), ("scope", "email")])
    assert rules.single([("scope", ""), ("state", "x")]) == {"state": "x"}


@given(st.lists(st.sampled_from([*rules.SCOPES, "admin"])))
def test_scopes_are_those_allowed_or_refused(asked: list[str]) -> None:
    if "admin" in asked:
        with pytest.raises(Refusal, match="invalid_scope"):
            rules.scopes_of(" ".join(asked), CLIENT.scopes)
    else:
        assert set(rules.scopes_of(" ".join(asked), CLIENT.scopes)) == set(asked)


def test_the_least_of_the_levels_asked_for_will_do() -> None:
    assert [rules.asked_level(text) for text in ("", "3 2", "urn:x 2", "3", "9")] == [0, 2, 2, 3, 0]
    assert rules.wish(request(acr_values="2"), CLIENT).level == 2


def sat(at: int = 0, level: int = 1) -> Sitting:
    return Sitting(signed_in=True, authenticated_at=at, level=level)


@given(
    now=st.integers(100, 1000), at=st.integers(0, 1000), since=st.none() | st.integers(0, 1000),
    prompt=st.sampled_from(["", "login", "consent", "login consent"]), max_age=st.sampled_from(["", "0", "50"]),
    level=st.integers(0, 3), acr=st.sampled_from(["", "2", "3"]), consented=st.booleans(), asked_once=st.booleans(),
)  # fmt: skip
def test_nobody_is_vouched_for_short_of_what_was_asked(
    now: int,
    at: int,
    since: int | None,
    prompt: str,
    max_age: str,
    level: int,
    acr: str,
    consented: bool,
    asked_once: bool,
) -> None:  # fmt: skip
    given_ = {name: value for name, value in {"prompt": prompt, "max_age": max_age, "acr_values": acr}.items() if value}
    asked = rules.wish(request(**given_), CLIENT)
    at = min(at, now)
    step = rules.next_step(asked, sat(at, level), consented, now=now, since=since, asked_once=asked_once)
    if step != rules.GRANT:
        return
    assert level >= asked.level
    assert consented or asked_once
    assert "consent" not in prompt or asked_once
    fresh = since is not None and at >= since
    assert "login" not in prompt or fresh
    assert asked.max_age is None or fresh or now - at <= asked.max_age


@given(st.integers(0, 3), st.booleans(), st.booleans())
def test_silence_is_never_broken(level: int, signed_in: bool, consented: bool) -> None:
    asked = rules.wish(request(prompt="none", acr_values="2"), CLIENT)
    sitting = Sitting(signed_in, 10, level)
    try:
        assert rules.next_step(asked, sitting, consented, now=20, since=None, asked_once=False) == rules.GRANT
    except Refusal as refusal:
        assert refusal.error in ("login_required", "interaction_required", "consent_required")


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.text(max_size=20), st.text(max_size=20))
def test_pairwise_names_tell_people_and_sectors_apart(one: int, other: int, here: str, there: str) -> None:
    salt = b"s" * 32
    same = rules.pairwise(one, here, salt) == rules.pairwise(other, there, salt)
    assert same == ((one, here) == (other, there))


def test_credentials_of_the_header() -> None:
    import base64

    def header(text: str) -> str:
        return "Basic " + base64.b64encode(text.encode()).decode()

    assert rules.basic_credentials(header("a%3Ab:c+d%25")) == ("a:b", "c d%")
    assert rules.basic_credentials("Bearer x") is None
    assert rules.basic_credentials("Basic !!!") is None
    assert rules.basic_credentials(header("nothing")) is None


def test_methods_in_the_words_of_rfc_8176() -> None:
    assert rules.amr(["password"]) == ["pwd"]
    assert rules.amr(["password", "totp"]) == ["otp", "pwd", "mfa"]
    assert rules.amr(["fido"]) == ["swk", "mfa"]


@given(st.text(max_size=30))
def test_a_user_code_is_read_however_it_is_typed(text: str) -> None:
    assert rules.spelled(text) == rules.spelled(rules.spelled(text).lower())
    assert rules.spelled("wdjb-mjht ") == rules.spelled("WDJB MJHT") == "WDJBMJHT"
