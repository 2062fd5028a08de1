"""The protocol as text: checksum, tickets, requests, answers; and what is signed."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from identity.citizen_certificate import wire
from identity.citizen_certificate.statement import Statement, fits, tidy

KEYS = st.binary(min_size=32, max_size=32)
LINES = st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u3000\xa0"), min_size=1).filter(
    str.isprintable
)


@given(KEYS, st.lists(st.text(), max_size=4))
def test_the_checksum_opens_to_the_digest_of_the_parts_under_the_zero_iv(key: bytes, parts: list[str]) -> None:
    octets = bytes.fromhex(wire.checksum(key, *parts))
    assert octets[:12] == bytes(12)
    inner = hashlib.sha256("".join(parts).encode()).hexdigest()
    assert AESGCM(key).decrypt(bytes(12), octets[12:], None) == inner.encode()


@given(KEYS, st.text(), st.text())
def test_why_the_checksum_proves_nothing_one_of_them_gives_away_what_hides_all_others(
    key: bytes, seen: str, other: str
) -> None:
    """docs/decisions/0019: the IV never changes, so neither does the key stream."""

    def inside(payload: str) -> bytes:
        return hashlib.sha256(payload.encode()).hexdigest().encode()

    def body(payload: str) -> bytes:
        return bytes.fromhex(wire.checksum(key, payload))[12:-16]

    stream = bytes(a ^ b for a, b in zip(body(seen), inside(seen), strict=True))
    assert bytes(a ^ b for a, b in zip(stream, inside(other), strict=True)) == body(other)


def test_a_request_has_the_fields_and_limits_of_the_specification() -> None:
    key, asked = bytes(32), wire.TicketRequest("t", "s", "A123456789", "登入", "text", on_phone=False, seconds=180)
    data = base64.b64encode(b"text").decode()
    assert asked.body(key) == {
        "transaction_id": "t",
        "sp_service_id": "s",
        "sp_checksum": wire.checksum(key, "tsA123456789SIGNI-SCAN登入" + data),
        "id_num": "A123456789",
        "op_code": "SIGN",
        "op_mode": "I-SCAN",
        "hint": "登入",
        "time_limit": 180,
        "sign_info": {
            "tbs_encoding": "base64",
            "sign_data": data,
            "sign_type": "PKCS#1",
            "hash_algorithm": "SHA256",
        },
    }
    on_phone = wire.TicketRequest("t", "s", "A123456789", "", "x" * 768, on_phone=True, seconds=30)
    assert on_phone.body(key)["op_mode"] == "MWEB2APP"
    for text, seconds in (("x" * 769, 30), ("x", 29), ("x", 601)):
        with pytest.raises(ValueError, match=r"seconds|characters"):
            wire.TicketRequest("t", "s", "n", "", text, on_phone=True, seconds=seconds).body(key)


FIELDS = st.fixed_dictionaries(
    {name: st.text(min_size=1) for name in ("transaction_id", "sp_ticket_id", "hashed_id_num", "hint")}
)


@given(FIELDS)
def test_a_ticket_reads_as_it_was_sealed_and_not_when_changed(fields: dict[str, str]) -> None:
    text = wire.SpTicket.seal(fields)
    ticket = wire.SpTicket.parse(text)
    assert (ticket.transaction, ticket.ticket_id) == (fields["transaction_id"], fields["sp_ticket_id"])
    assert ticket.hashed_id == fields["hashed_id_num"]
    for wrong in ("x" + text, text.replace(".", ""), text.partition(".")[0] + ".", "", "é.é"):
        with pytest.raises(wire.Malformed):
            wire.SpTicket.parse(wrong)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_whatever_is_answered_is_an_answer_or_malformed(answer: object) -> None:
    for read in (wire.ticket_of, wire.result_of):
        for given_answer in (answer, {"error_code": "0", "result": answer}):
            with pytest.raises(wire.Malformed):
                read(given_answer)


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("0", wire.Verdict.OK),
        ("SP-API-ATH-02-SPTKTID_TXNLOG_NF", wire.Verdict.PENDING),
        ("SP-API-ATH-02-SPTKT_OVD", wire.Verdict.EXPIRED),
        ("SP-API-ATH-02-APP_USER_CANCEL", wire.Verdict.CANCELLED),
        ("SP-API-ATH-01-IDNUM_USERPROF_NF", wire.Verdict.NOT_ENROLLED),
        ("SP-API-ATH-01-INV_SP_CHECKSUM", wire.Verdict.SERVICE),
        ("something new", wire.Verdict.SERVICE),
    ],
)
def test_codes_come_to_what_we_can_do(code: str, means: wire.Verdict) -> None:
    assert wire.verdict(code) is means


@given(st.text(st.characters(codec="ascii"), min_size=1), st.text(st.characters(codec="utf-8"), min_size=1))
def test_the_link_to_the_app_brings_ticket_and_way_back(ticket: str, back: str) -> None:
    assert wire.read_app_link(wire.app_link("mobilemoica://moica.moi.gov.tw", ticket, back)) == (ticket, back)


@given(st.tuples(LINES, LINES, LINES, LINES), st.tuples(LINES, LINES, LINES, LINES))
def test_two_statements_with_one_text_are_one_statement(a: tuple[str, ...], b: tuple[str, ...]) -> None:
    assert (Statement(*a).text() == Statement(*b).text()) == (a == b)
    assert all(value in Statement(*a).text() for value in a)


def test_a_value_that_would_break_a_line_is_refused() -> None:
    for wrong in ("a\nnonce=b", "", "a\u2028b"):
        with pytest.raises(ValueError, match="lines"):
            Statement("service", wrong, "t", "n").text()


@given(st.from_regex(r"[A-Z][1289][0-9]{7}|[A-Z][A-D][0-9]{7}", fullmatch=True))
def test_a_number_has_one_check_digit(first: str) -> None:
    assert sum(fits(f"{first}{digit}") for digit in range(10)) == 1


def test_numbers_as_people_type_them() -> None:
    for right in ("A123456789", "A800000014", "AC01234567"):  # 國民身分證, 統一證號 of 2021, of before
        assert fits(right)
    assert tidy(" a12-345 6789 ") == "A123456789"
    for wrong in ("A12345678", "a123456789", "A１２３４５６７８９", "A323456789", "A123456789\n", ""):
        assert not fits(wrong)
