"""What an account gains by a certificate: the pages and what they write, with the simulator's phone behind them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from foundation import clock
from identity.actions import certificate as deeds
from identity.citizen_certificate.simulator.service import Deed, Simulator
from identity.factories import person
from identity.levels import LEVEL, METHODS
from identity.models import AccountEvent, Certificate, CertificateTicket, SignInAttempt, User
from identity.pages.certificate_words import ending
from identity.tasks import forget_certificate_tickets
from identity.tests.certificate.conftest import NUMBER, OTHER_NUMBER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulator")]
START, WAITING, MINE = "/sign-in/certificate/", "/sign-in/certificate/waiting/", "/account/certificate/"
Press = Callable[..., None]


@pytest.fixture
def sign(press: Press) -> Callable[..., Any]:
    """``sign(client)``: begin, do something on the phone, ask; the page that this leads to."""

    def sign(client: Client, deed: Deed = Deed.APPROVE, number: str = NUMBER, start: str = START, **data: str) -> Any:
        begun = client.post(start, {"id_number": number, "device": "screen", **data})
        assert begun.headers["Location"] == WAITING, begun.content.decode()
        press(CertificateTicket.objects.get().text, deed)
        return client.post(WAITING)

    return sign


def opened(client: Client, sign: Callable[..., Any], name: str = "王美玲") -> User:
    """An account opened with the certificate."""
    assert sign(client).headers["Location"] == "/sign-in/certificate/account/"
    assert client.post("/sign-in/certificate/account/", {"name": f" {name} "}).status_code == 302
    return User.objects.get(name=name)


def verbs(user: User) -> list[str]:
    return list(AccountEvent.objects.filter(user=user).order_by("pk").values_list("verb", flat=True))


def test_a_new_person_opens_an_account_and_the_next_time_enters_it(client: Client, sign: Callable[..., Any]) -> None:
    user = opened(client, sign)
    assert client.session["_auth_user_id"] == str(user.pk) and client.session[LEVEL] == 3
    assert not user.has_usable_password() and verbs(user) == ["created", "certificate_bound"]
    again = Client()
    assert sign(again, next="/account/").headers["Location"] == "/account/"
    assert again.session["_auth_user_id"] == str(user.pk)
    assert again.session[LEVEL] == 3 and [entry[0] for entry in again.session[METHODS]] == ["fido"]
    assert "identity.certificate" not in again.session
    attempt = SignInAttempt.objects.get()
    assert (attempt.user, attempt.outcome, attempt.client) == (user, "succeeded", "127.0.0.1")
    # The identity number is nowhere, the ticket is gone.
    stored = repr([*Certificate.objects.values(), *SignInAttempt.objects.values(), *AccountEvent.objects.values()])
    assert NUMBER not in stored and not CertificateTicket.objects.exists()


def test_a_wrong_number_keeps_what_was_typed_and_asks_nobody(client: Client) -> None:
    wrong = client.post(START, {"id_number": "A123456788", "device": "screen"})
    assert wrong.status_code == 422 and 'value="A123456788"' in wrong.content.decode()
    unknown = client.post(START, {"id_number": "Z100000002", "device": "screen"})
    assert unknown.status_code == 422 and "App 完成註冊" in unknown.content.decode()
    assert not CertificateTicket.objects.exists()


@pytest.mark.parametrize(
    ("deed", "reason"),
    [(Deed.CANCEL, "cancelled"), (Deed.EXPIRE, "expired"), (Deed.BROKEN, "signature"), (Deed.REVOKED, "revoked")],
)
def test_each_end_says_what_happened_and_what_next(
    deed: Deed, reason: str, client: Client, sign: Callable[..., Any]
) -> None:
    assert sign(client, deed).headers["Location"] == WAITING
    page = client.get(WAITING).content.decode()
    words = ending(reason)
    assert str(words.title) in page and str(words.text) in page and ("再試一次" in page) == words.again
    assert "_auth_user_id" not in client.session and not CertificateTicket.objects.exists()
    # Who gave up is no failure; who was not believed is one, of nobody's account as yet.
    logged = [("failed", None)] if deed in (Deed.BROKEN, Deed.REVOKED) else []
    assert list(SignInAttempt.objects.values_list("outcome", "user")) == logged
    assert client.post(WAITING).status_code == 200  # nothing to ask any more
    assert client.post(WAITING, headers={"HX-Request": "true"}).headers["HX-Redirect"] == WAITING
    assert client.get("/sign-in/certificate/account/").headers["Location"] == START


def test_a_ticket_is_asked_about_every_four_seconds_by_whoever_asks(
    client: Client, simulator: Simulator, monkeypatch: Any
) -> None:
    asked = []
    answer = simulator.get_result
    monkeypatch.setattr(simulator, "get_result", lambda body: (asked.append(1), answer(body))[1])
    with time_machine.travel(clock.now(), tick=False) as time:
        client.post(START, {"id_number": NUMBER, "device": "screen"})
        for seconds, times in ((0, 1), (3.9, 1), (0.1, 2), (1, 2), (3, 3)):
            time.shift(timedelta(seconds=seconds))
            assert client.post(WAITING).headers["Location"] == WAITING
            assert client.post(WAITING, headers={"HX-Request": "true"}).status_code == 200
            assert len(asked) == times
        time.shift(timedelta(minutes=4))
        client.post(WAITING)
        assert str(ending("expired").title) in client.get(WAITING).content.decode()


def test_only_the_browser_that_began_can_ask(client: Client, press: Press) -> None:
    client.post(START, {"id_number": NUMBER, "device": "phone"})
    page = client.get(WAITING).content.decode()
    ticket = CertificateTicket.objects.get()
    assert "/w2a/verifySign?sp_ticket=" in page and "svg_inline" not in page and 'class="qr"' not in page
    press(ticket.text)
    for method in ("get", "post"):
        assert getattr(Client(), method)(WAITING).headers["Location"] == START
    assert client.post(WAITING, headers={"HX-Request": "true"}).headers["HX-Redirect"].endswith("/account/")


def test_one_who_is_signed_in_binds_and_takes_off(client: Client, sign: Callable[..., Any], as_: Any) -> None:
    mei = person("mei", password="a harbour at dawn")
    browser = as_(mei)
    assert sign(browser, start=MINE).headers["Location"] == MINE
    certificate = Certificate.objects.get(user=mei)
    page = browser.get(MINE).content.decode()
    assert certificate.serial in page and browser.session[LEVEL] == 3
    assert "有效至" in browser.get("/account/").content.decode()
    assert sign(client).headers["Location"] == "/account/" and client.session["_auth_user_id"] == str(mei.pk)
    browser.post("/account/certificate/removal/")
    assert not Certificate.objects.exists() and verbs(mei) == ["certificate_bound", "certificate_removed"]


def test_who_is_proven_may_sign_in_otherwise_and_bind_without_the_phone(
    client: Client, sign: Callable[..., Any]
) -> None:
    mei = person("mei", password="a harbour at dawn")
    sign(client)
    client.post("/sign-in/", {"username": "mei", "password": "a harbour at dawn", "next": MINE})
    assert "綁定到這個帳號" in client.get(MINE).content.decode()
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert "綁定到這個帳號" not in client.get(MINE).content.decode()
        client.post(MINE, {"proof": "1"})
        assert not Certificate.objects.exists()
    client.post(MINE, {"proof": "1"})
    assert Certificate.objects.get().user == mei and "identity.certificate.proof" not in client.session


def test_who_steps_up_without_a_certificate_bound_binds_it_and_goes_on(sign: Callable[..., Any], as_: Any) -> None:
    browser = as_(person("mei"))
    assert sign(browser, next="/account/disclosures/").headers["Location"] == MINE
    assert browser.post(MINE, {"proof": "1"}).headers["Location"] == "/account/disclosures/"
    assert browser.session[LEVEL] == 3 and Certificate.objects.exists()


def test_the_only_way_in_is_not_taken_off(client: Client, sign: Callable[..., Any]) -> None:
    user = opened(client, sign)
    page = client.post("/account/certificate/removal/", follow=True).content.decode()
    assert "只能用行動自然人憑證登入" in page and Certificate.objects.filter(user=user).exists()


def test_one_account_a_person_and_one_person_an_account(sign: Callable[..., Any], as_: Any) -> None:
    mei, bo = person("mei"), person("bo")
    sign(as_(mei), start=MINE)
    assert sign(as_(bo), start=MINE).headers["Location"] == WAITING
    assert sign(as_(mei), number=OTHER_NUMBER, start=MINE).headers["Location"] == WAITING
    assert list(Certificate.objects.values_list("user", flat=True)) == [mei.pk]
    kept = Certificate.objects.get()
    for wrong in ({"user": bo, "holder": kept.holder}, {"user": mei, "holder": "0" * 32}):
        fields = {"subject": "s", "serial": "1", "issuer": "i", "valid_until": clock.now(), **wrong}
        with pytest.raises(IntegrityError), transaction.atomic():
            Certificate.objects.create(**fields)


def test_a_certificate_of_another_person_enters_not_even_if_the_service_says_so(
    client: Client, sign: Callable[..., Any]
) -> None:
    """The service vouches for the number by the checksum alone; the certificate itself says who signed."""
    user = opened(Client(), sign)
    sign(Client(), Deed.BROKEN)
    assert SignInAttempt.objects.get(user=user).outcome == "failed"
    SignInAttempt.objects.all().delete()
    assert sign(client, Deed.OTHER_CERTIFICATE).headers["Location"] == WAITING
    assert str(ending("other_holder").title) in client.get(WAITING).content.decode()
    assert "_auth_user_id" not in client.session
    assert SignInAttempt.objects.get(user=user).outcome == "failed"


def test_a_renewed_certificate_takes_the_place_of_the_old_one(
    client: Client, sign: Callable[..., Any], simulator: Simulator
) -> None:
    user = opened(Client(), sign)
    before = Certificate.objects.get().serial
    simulator.authority._phones.clear()
    sign(client)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Certificate.objects.get().serial != before
    assert verbs(user) == ["created", "certificate_bound", "certificate_renewed"]


def test_a_closed_account_stays_closed(client: Client, sign: Callable[..., Any]) -> None:
    user = opened(Client(), sign)
    User.objects.filter(pk=user.pk).update(is_active=False)
    sign(client)
    assert str(ending("closed").title) in client.get(WAITING).content.decode()
    assert "_auth_user_id" not in client.session and SignInAttempt.objects.get(user=user).outcome == "failed"


def test_whoever_signs_in_meanwhile_gets_nothing_bound(sign: Callable[..., Any], as_: Any, press: Press) -> None:
    mei, bo = person("mei"), person("bo")
    browser = as_(mei)
    browser.post(MINE, {"id_number": NUMBER, "device": "screen"})
    state = browser.session["identity.certificate"]
    browser.force_login(bo)
    session = browser.session
    session["identity.certificate"] = state
    session.save()
    press(CertificateTicket.objects.get().text)
    browser.post(WAITING)
    assert not Certificate.objects.exists()
    assert str(ending("other_session").title) in browser.get(WAITING).content.decode()


def test_keys_that_rotate_do_not_lose_the_account(client: Client, sign: Callable[..., Any], settings: Any) -> None:
    user = opened(Client(), sign)
    before = Certificate.objects.get().holder
    settings.CITYHALL_KEYS = ["a new secret"]
    sign(client)
    assert client.session["_auth_user_id"] == str(user.pk) and Certificate.objects.get().holder != before
    assert verbs(user) == ["created", "certificate_bound"]  # the same certificate: nothing was renewed


def test_nothing_is_offered_where_nothing_is_set_up(client: Client, as_: Any, settings: Any) -> None:
    offered = client.get("/sign-in/").content.decode()
    settings.FIDO_URL = ""
    assert START in offered and START not in client.get("/sign-in/").content.decode()
    assert (
        "還沒有開放" in client.get(START).content.decode() and "還沒有開放" in as_(person()).get(MINE).content.decode()
    )
    tried = client.post(START, {"id_number": NUMBER, "device": "screen"})
    assert tried.status_code == 422 and "沒有回應" in tried.content.decode()
    assert "健保卡" in client.get("/sign-in/cards/").content.decode()


def test_tickets_that_nobody_finished_are_forgotten(client: Client) -> None:
    client.post(START, {"id_number": NUMBER, "device": "screen"})
    forget_certificate_tickets(0)
    assert CertificateTicket.objects.exists()
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        forget_certificate_tickets(0)
    assert not CertificateTicket.objects.exists()


def test_an_end_is_given_to_one_asker(press: Press) -> None:
    begun = deeds.begin_proof(NUMBER, False, "登入")
    press(begun.text)
    first = deeds.ask_proof(begun)
    assert isinstance(first, deeds.Done) and deeds.ask_proof(begun) == deeds.Pending()
