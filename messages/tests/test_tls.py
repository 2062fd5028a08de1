"""Mail over TLS, with a password, to a server that insists on both; and to one whose certificate nobody vouches for."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from foundation import jobs
from messages.models import State
from messages.testing import SmtpServer

pytestmark = [
    pytest.mark.django_db,
    # aiosmtpd does not count a connection that is TLS from the start.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate of 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def only_me(server, session, envelope, mechanism, login) -> AuthResult:
    return AuthResult(success=(login.login, login.password) == (b"me", b"p@ss:/"), handled=False)


@pytest.fixture(params=["starttls", "smtps"])
def secure_server(request, certificate, settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    options = {"authenticator": only_me, "auth_required": True, "auth_require_tls": request.param == "starttls"}
    if request.param == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    else:
        options |= {"ssl_context": context}
    server = SmtpServer(options=options)
    server.start()
    settings.MAIL_URL = server.url.replace("smtp://", f"{request.param}://me:p%40ss%3A%2F@")
    yield server
    server.stop()


def test_a_trusted_server_gets_the_mail(told, secure_server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    message = told()
    jobs.perform_waiting()
    message.refresh_from_db()
    assert (message.state, message.error) == (State.SENT, "")
    assert len(secure_server.mails) == 1


def test_a_wrong_password_leaves_the_mail_waiting(told, secure_server, certificate, monkeypatch, settings):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.MAIL_URL = settings.MAIL_URL.replace("p%40ss", "no")
    message = told()
    jobs.perform_waiting()
    message.refresh_from_db()
    assert message.state == State.QUEUED and message.error.startswith("535")
    assert not secure_server.mails


def test_a_server_that_nobody_vouches_for_gets_nothing(told, secure_server):
    message = told()
    jobs.perform_waiting()
    message.refresh_from_db()
    assert message.state == State.QUEUED and "CERTIFICATE_VERIFY_FAILED" in message.error
    assert not secure_server.mails
