"""The simulator's certificate authority: made anew at each start, believed by nobody but who is given its file."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NAMES = ("王美玲", "陳志明", "林淑芬", "張家豪", "李雅婷", "黃俊傑")


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Phone:
    """A person's key on the phone, and the certificate of it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def sign(self, text: bytes) -> bytes:
        return self.key.sign(text, padding.PKCS1v15(), SHA256())

    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


class Authority:
    """Issues certificates to people and says which of them are revoked."""

    def __init__(self, name: str = "模擬內政部憑證管理中心") -> None:
        self._key = _key()
        self._revoked: list[x509.RevokedCertificate] = []
        self._phones: dict[tuple[str, bool], Phone] = {}
        self._phone_key = _key()  # one for all: making a key takes longer than a person waits
        self.name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "TW"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "OpenCityHall simulator"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.certificate = (
            self._builder(self.name, self._key.public_key(), timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, SHA256())
        )

    def phone(self, id_number: str, *, expired: bool = False) -> Phone:
        """The phone of a person: the same one each time, its certificate good for a year (or ended yesterday)."""
        if (id_number, expired) not in self._phones:
            self._phones[id_number, expired] = self._issue(id_number, expired)
        return self._phones[id_number, expired]

    def revoke(self, phone: Phone) -> None:
        """Put the phone's certificate on the list."""
        entry = x509.RevokedCertificateBuilder().serial_number(phone.certificate.serial_number)
        self._revoked.append(entry.revocation_date(datetime.now(UTC)).build())

    def revocations(self) -> bytes:
        """The list of revoked certificates in PEM, in force for a week."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        builder = builder.last_update(now - timedelta(minutes=1)).next_update(now + timedelta(days=7))
        for entry in self._revoked:
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)

    def pem(self) -> bytes:
        """The authority's own certificate: what an operator puts into ``anchors.pem``."""
        return self.certificate.public_bytes(Encoding.PEM)

    def _issue(self, id_number: str, expired: bool) -> Phone:
        number = int(hashlib.sha256(id_number.encode()).hexdigest(), 16)
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "TW"),
                x509.NameAttribute(NameOID.COMMON_NAME, NAMES[number % len(NAMES)]),
                x509.NameAttribute(NameOID.SERIAL_NUMBER, f"{number % 10**16:016}"),
            ]
        )
        life = timedelta(days=-1) if expired else timedelta(days=365)
        usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            self._builder(subject, self._phone_key.public_key(), life)
            .add_extension(usage, critical=True)
            .add_extension(authority_key, critical=False)
            .sign(self._key, SHA256())
        )
        return Phone(self._phone_key, certificate)

    def _builder(self, subject: x509.Name, key: rsa.RSAPublicKey, life: timedelta) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - timedelta(days=2)).not_valid_after(now + life)
