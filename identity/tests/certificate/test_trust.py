"""Who is believed, and who is not: signature, authority, time, revocation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.citizen_certificate.adapter import revocation_lists
from identity.citizen_certificate.simulator.authority import Authority, Phone
from identity.citizen_certificate.trust import Anchors, Fault, NotTrusted, Proven, prove

TEXT = b"OpenCityHall statement v1"
AUTHORITY, STRANGER = Authority(), Authority("somebody else")
PHONE, LOST = AUTHORITY.phone("A123456789"), AUTHORITY.phone("B123456780")
AUTHORITY.revoke(LOST)
LISTS = revocation_lists(AUTHORITY.revocations())
ANCHORS = Anchors([AUTHORITY.certificate], LISTS)


def prove_at(phone: Phone = PHONE, signature: bytes = b"", anchors: Anchors = ANCHORS, days: float = 0) -> Proven:
    at = datetime.now(UTC) + timedelta(days=days)
    return prove(phone.der(), signature or phone.sign(TEXT), TEXT, anchors, at)


def fault(**arguments: Any) -> Fault:
    with pytest.raises(NotTrusted) as refused:
        prove_at(**arguments)
    return refused.value.fault


def test_a_good_certificate_tells_number_and_name_and_nothing_else_does() -> None:
    proven = prove_at()
    assert (proven.serial, proven.name) == (f"{PHONE.certificate.serial_number:x}", "陳志明")
    assert proven.subject.isdigit() and len(proven.subject) == 16
    assert proven.subject == prove_at(phone=AUTHORITY.phone("A123456789")).subject


@settings(max_examples=40)
@given(st.integers(0, 255), st.integers(1, 255))
def test_no_other_signature_is_believed(place: int, flip: int) -> None:
    wrong = bytearray(PHONE.sign(TEXT))
    wrong[place] ^= flip
    assert fault(signature=bytes(wrong)) is Fault.SIGNATURE


@settings(max_examples=60)
@given(st.binary(max_size=600))
def test_no_octets_are_believed_and_none_break_the_reader(octets: bytes) -> None:
    assert fault(signature=octets or b"x") is Fault.SIGNATURE
    with pytest.raises(NotTrusted):
        prove(octets, PHONE.sign(TEXT), TEXT, ANCHORS, datetime.now(UTC))


OPTIONS = [[], [PKCS7Options.DetachedSignature], [PKCS7Options.NoAttributes], [PKCS7Options.NoCerts]]


def _file(text: bytes, phone: Phone, options: list[PKCS7Options]) -> bytes:
    builder = PKCS7SignatureBuilder().set_data(text).add_signer(phone.certificate, phone.key, SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary, *options])


@pytest.mark.parametrize("options", OPTIONS, ids=["whole", "detached", "plain", "no certificates"])
def test_pkcs7_is_believed_for_its_text_and_signer_alone(options: list[PKCS7Options]) -> None:
    assert prove_at(signature=_file(TEXT, PHONE, options)) == prove_at()
    assert fault(signature=_file(TEXT + b"!", PHONE, options)) is Fault.SIGNATURE
    other = Authority("x").phone("A123456789")  # another key, under the same number
    assert fault(signature=_file(TEXT, other, options)) is Fault.SIGNATURE
    cut = _file(TEXT, PHONE, options)[:-1]
    assert fault(signature=cut) is Fault.SIGNATURE


@settings(max_examples=80)
@given(st.data())
def test_a_changed_pkcs7_is_believed_only_for_the_same_text_and_key(data: st.DataObject) -> None:
    """Some octets say nothing (the certificates inside are not looked at); no change makes another text hold."""
    file = bytearray(_file(TEXT, PHONE, []))
    file[data.draw(st.integers(0, len(file) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NotTrusted):
        prove(PHONE.der(), bytes(file), TEXT + b"!", ANCHORS, datetime.now(UTC))


def test_sha1_is_not_enough() -> None:
    assert fault(signature=PHONE.key.sign(TEXT, padding.PKCS1v15(), SHA1())) is Fault.SIGNATURE


def test_time_authority_and_revocation() -> None:
    assert fault(phone=AUTHORITY.phone("A123456789", expired=True)) is Fault.EXPIRED
    assert fault(days=-30) is Fault.EXPIRED
    assert fault(phone=STRANGER.phone("A123456789")) is Fault.ISSUER
    assert fault(anchors=Anchors([], LISTS)) is Fault.ISSUER
    assert fault(anchors=Anchors([STRANGER.certificate], LISTS)) is Fault.ISSUER
    assert fault(phone=LOST) is Fault.REVOKED


def test_nobody_is_believed_without_a_list_that_is_in_force_and_its_authoritys() -> None:
    assert fault(anchors=Anchors([AUTHORITY.certificate], [])) is Fault.UNCHECKED
    assert fault(days=8) is Fault.UNCHECKED  # the list says that a new one was due
    # A list by somebody else who calls himself the same.
    impostor = Authority()
    assert impostor.name == AUTHORITY.name
    others = revocation_lists(impostor.revocations())
    assert fault(anchors=Anchors([AUTHORITY.certificate], others)) is Fault.UNCHECKED
    assert prove_at(anchors=Anchors([AUTHORITY.certificate], [*others, *LISTS]))


def test_lists_come_in_pem_one_after_another_or_in_der() -> None:
    pem = AUTHORITY.revocations()
    assert len(revocation_lists(pem + STRANGER.revocations())) == 2
    assert len(revocation_lists(x509.load_pem_x509_crl(pem).public_bytes(Encoding.DER))) == 1
    with pytest.raises(ValueError, match=r"\w"):
        revocation_lists(b"<html>")


def test_an_authority_is_no_person_and_an_encryption_key_signs_nothing() -> None:
    key = AUTHORITY._key
    assert fault(phone=Phone(key, AUTHORITY.certificate)) is Fault.ISSUER
    usage = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    certificate = (
        AUTHORITY._builder(PHONE.certificate.subject, PHONE.key.public_key(), timedelta(days=1))
        .add_extension(usage, critical=True)
        .add_extension(issuer_key, critical=False)
        .sign(key, SHA256())
    )
    assert fault(phone=Phone(PHONE.key, certificate)) is Fault.ISSUER
