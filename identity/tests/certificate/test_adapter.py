"""The adapter against the simulator, over HTTP."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from identity.citizen_certificate import adapter, wire
from identity.citizen_certificate.adapter import (
    READERS,
    Done,
    Expired,
    NotBegun,
    Pending,
    Refused,
    Ticket,
    Unavailable,
    fetch_revocations,
    service,
)
from identity.citizen_certificate.simulator.service import Deed, Simulator
from identity.citizen_certificate.trust import Fault
from identity.tests.certificate.conftest import NUMBER

Press = Callable[..., None]


def begin(number: str = NUMBER) -> Ticket:
    return service().begin(number, "sign-in", False, "登入")


def test_a_person_who_approves_is_proven(simulator: Simulator, press: Press) -> None:
    ticket = begin()
    assert service().poll(ticket) == Pending()
    press(ticket.text)
    outcome = service().poll(ticket)
    assert isinstance(outcome, Done) and outcome.person.name and NUMBER not in repr(outcome)


@pytest.mark.parametrize(
    ("deed", "outcome"),
    [
        (Deed.CANCEL, Refused(wire.Verdict.CANCELLED)),
        (Deed.FAIL, Refused(wire.Verdict.FAILED)),
        (Deed.EXPIRE, Expired()),
        (Deed.SLOW, Pending()),
        (Deed.BROKEN, Refused(Fault.SIGNATURE)),
        (Deed.OTHER_TEXT, Refused(Fault.SIGNATURE)),
        (Deed.STRANGER, Refused(Fault.ISSUER)),
        (Deed.REVOKED, Refused(Fault.REVOKED)),
        (Deed.OUTDATED, Refused(Fault.EXPIRED)),
        (Deed.OTHER_PERSON, Refused(Fault.OTHER_PERSON)),
    ],
)
def test_what_goes_wrong_is_told_apart(deed: Deed, outcome: object, simulator: Simulator, press: Press) -> None:
    ticket = begin()
    press(ticket.text, deed)
    assert service().poll(ticket) == outcome


def test_a_signature_opens_no_other_purpose_nonce_or_city(simulator: Simulator, press: Press, settings: Any) -> None:
    ticket = begin()
    press(ticket.text)
    for other in ({"purpose": "bind"}, {"nonce": "0" * 32}):
        fields = {name: getattr(ticket, name) for name in Ticket.__slots__} | other
        assert service().poll(Ticket(**fields)) == Refused(Fault.SIGNATURE)
    settings.PUBLIC_URL = "https://another.city.example"
    assert service().poll(ticket) == Refused(Fault.SIGNATURE)


def test_who_has_no_certificate_and_a_wrong_key_are_told_apart(
    simulator: Simulator, settings: Any, tmp_path: Path
) -> None:
    with pytest.raises(NotBegun) as refused:
        begin("Z100000002")
    assert refused.value.reason is wire.Verdict.NOT_ENROLLED
    with pytest.raises(NotBegun) as refused:
        begin("A123456788")
    assert refused.value.reason is wire.Verdict.BAD_NUMBER
    settings.FIDO_FILES = str(tmp_path)
    for key in (None, "short", "QUFB", "0" * 43 + "="):  # none, no base64, 3 bytes, another one
        if key is not None:
            (tmp_path / "key").write_text(key)
        with pytest.raises(Unavailable):
            begin()


def test_a_service_that_is_away_or_talks_nonsense_is_unavailable(
    simulator: Simulator, settings: Any, press: Press
) -> None:
    ticket = begin()
    for address in ("http://127.0.0.1:9", settings.FIDO_URL + "/nowhere"):
        settings.FIDO_URL = address
        with pytest.raises(Unavailable):
            begin()
        with pytest.raises(Unavailable):
            service().poll(ticket)


def test_a_slow_service_holds_up_one_thread_of_a_process(simulator: Simulator, monkeypatch: Any) -> None:
    ticket = begin()
    monkeypatch.setattr(adapter, "PATIENCE", 0.01)
    with adapter._TURN:  # somebody waits for an answer
        for ask in (begin, lambda: service().poll(ticket)):
            with pytest.raises(Unavailable, match="others"):
                ask()
    assert service().poll(ticket) == Pending()


def test_files_that_cannot_be_read_believe_nobody(
    simulator: Simulator, settings: Any, press: Press, tmp_path: Path
) -> None:
    ticket = begin()
    press(ticket.text)
    for name in ("key", "anchors.pem", "revoked.crl"):
        (tmp_path / name).write_bytes((simulator.folder / name).read_bytes())
    settings.FIDO_FILES = str(tmp_path)
    assert isinstance(service().poll(ticket), Done)
    (tmp_path / "revoked.crl").write_text("half a li")
    assert service().poll(ticket) == Refused(Fault.ISSUER)


def test_the_list_of_revoked_is_fetched_and_half_a_list_is_not_kept(
    simulator: Simulator, settings: Any, tmp_path: Path
) -> None:
    settings.FIDO_FILES = str(tmp_path)
    fetch_revocations(settings.FIDO_CRL_URL)
    kept = (tmp_path / "revoked.crl").read_bytes()
    assert b"X509 CRL" in kept
    for address in (settings.FIDO_URL + "/", settings.FIDO_URL + "/nowhere", "http://127.0.0.1:9"):
        with pytest.raises(Unavailable):
            fetch_revocations(address)
    assert (tmp_path / "revoked.crl").read_bytes() == kept and len(list(tmp_path.iterdir())) == 1


def test_nothing_is_offered_where_nothing_is_set_up(settings: Any) -> None:
    settings.FIDO_URL = ""
    for closed in (service(), *READERS):
        assert not closed.is_open()
        with pytest.raises(Unavailable):
            closed.begin(NUMBER, "sign-in", False)
        with pytest.raises(Unavailable):
            closed.poll(Ticket("t", "x", "sign-in", "n", None))  # type: ignore[arg-type]


def test_the_simulator_refuses_what_the_service_would(simulator: Simulator, settings: Any) -> None:
    asked = wire.TicketRequest("once", settings.FIDO_SERVICE, NUMBER, "", "x", on_phone=False, seconds=60)
    right = asked.body(simulator.key)
    answers = [simulator.get_ticket(right), simulator.get_ticket(right)]  # a transaction is good for one ticket
    answers += [simulator.get_ticket(right | {"hint": "changed"}), simulator.get_ticket(right | {"sp_service_id": "x"})]
    assert [answer["error_message"] for answer in answers] == [
        "SUCCESS",
        "TXNLOG_INS_ERR",
        "INV_SP_CHECKSUM",
        "SPSVCID_NF",
    ]
    page = requests.get(settings.FIDO_APP_URL + "/", timeout=5).text
    assert "QR code" in page and "http" not in page.replace(settings.FIDO_APP_URL, "")
