"""Sign-outs by SAML 2.0: a system's signed word ends the session, and systems that take word by SOAP are told."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.test import Client as Browser
from lxml import etree

from identity.actions import ended
from identity.models import User
from singlesignon.actions.logout import NotTaken, sessions_ended, tell
from singlesignon.claims import subject
from singlesignon.models import Client, LogoutNotice, SignOn
from singlesignon.saml import certificates, signatures
from singlesignon.saml.rules import STATUS, TRANSIENT
from singlesignon.tests.conftest import browser_of
from singlesignon.tests.saml import KEY, SLS, Provider, in_address, later
from singlesignon.tests.test_saml import POLICY, SAML, text

pytestmark = pytest.mark.django_db
SLO = "http://localhost:8000/saml/slo/"


@pytest.fixture
def venue(speaking: Any) -> Provider:
    return speaking(scopes=["openid"])


def word(name: str, index: str = "", *, destination: str = SLO, issued: float = 0, until: float = 60) -> str:
    """A LogoutRequest by hand."""
    moments = [f"{later(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}" for seconds in (issued, until)]
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_out" Version="2.0"'
        f' IssueInstant="{moments[0]}" NotOnOrAfter="{moments[1]}" Destination="{destination}">'
        "<saml:Issuer>https://venue.example/saml/metadata</saml:Issuer>"
        f"<saml:NameID>{name}</saml:NameID>"
        + (f"<samlp:SessionIndex>{index}</samlp:SessionIndex>" if index else "")
        + "</samlp:LogoutRequest>"
    )


def leave(visitor: Browser, message: str, key: Any = KEY, state: str = "") -> Any:
    return visitor.get(f"/saml/slo/?{in_address(message, key=key, state=state)}")


def entered(venue: Provider, visitor: Browser, **how: Any) -> SignOn:
    """The person is in the system."""
    assert venue.enter(visitor, venue.request(**how)).status_code == 200
    return SignOn.objects.get()


def is_in(visitor: Browser) -> bool:
    return visitor.get("/account/").status_code == 200


def test_word_of_the_system_ends_the_session_and_is_answered(venue: Provider, visitor: Browser, citizen: User) -> None:
    sign_on = entered(venue, visitor)
    back = leave(visitor, word(subject(citizen.pk, venue.system.homepage), str(sign_on.pk)), state="bye")["Location"]
    assert back.startswith(f"{SLS}?SAMLResponse=")
    given = dict(parse_qsl(urlsplit(back).query))
    assert given["RelayState"] == "bye"
    ours = certificates.in_metadata(certificates.signing()[1])
    signatures.check_query(urlsplit(back).query, "SAMLResponse", [ours])
    sign_on.refresh_from_db()
    assert sign_on.ended_at and not is_in(visitor)


def test_it_ends_also_where_the_browser_brings_no_cookie(venue: Provider, visitor: Browser, citizen: User) -> None:
    sign_on = entered(venue, visitor)
    leave(Browser(), word(subject(citizen.pk, venue.system.homepage), str(sign_on.pk)))
    assert not is_in(visitor)


def test_without_a_number_it_is_the_persons_own_session(venue: Provider, visitor: Browser, citizen: User) -> None:
    entered(venue, visitor)
    name = subject(citizen.pk, venue.system.homepage)
    leave(Browser(), word(name))
    assert is_in(visitor)
    leave(visitor, word(name))
    assert not is_in(visitor)


def test_somebody_else_stays_signed_in(venue: Provider, visitor: Browser, citizen: User, manager: User) -> None:
    sign_on = entered(venue, visitor)
    theirs, other = subject(citizen.pk, venue.system.homepage), browser_of(manager)
    assert leave(other, word(theirs, str(sign_on.pk))).status_code == 302
    assert is_in(other) and not is_in(visitor)


def test_a_passing_name_ends_its_own_sign_on(venue: Provider, visitor: Browser) -> None:
    page = venue.enter(visitor, venue.request(inside=POLICY.format(TRANSIENT)))
    sign_on = SignOn.objects.get()
    leave(visitor, word("_of_nobody", str(sign_on.pk)))
    assert is_in(visitor)
    name = text(etree.fromstring(base64.b64decode(page.context["message"])), "//saml:NameID")
    leave(visitor, word(name, str(sign_on.pk)))
    assert not is_in(visitor)


def test_what_is_not_the_systems_word_ends_nothing(venue: Provider, visitor: Browser, citizen: User) -> None:
    index, name = str(entered(venue, visitor).pk), subject(citizen.pk, venue.system.homepage)
    other = generate_private_key(public_exponent=65537, key_size=2048)
    for response, words in (
        (leave(visitor, word(name, index), key=None), "not signed"),
        (leave(visitor, word(name, index), key=other), "簽章不對"),
        (leave(visitor, word(name, index, issued=-400)), "IssueInstant"),
        (leave(visitor, word(name, index, until=-1)), "run out"),
        (leave(visitor, word(name, index, destination="https://other.example/")), "Destination"),
        (leave(visitor, venue.request(Destination=SLO)), "LogoutRequest"),
    ):
        assert response.status_code == 400 and words in response.content.decode()
    for harmless in (word("somebody else", index), word(name, "no number")):
        assert leave(visitor, harmless).status_code == 302
    assert is_in(visitor)


class _Soap(BaseHTTPRequestHandler):
    """The system's logout service: keeps what it gets, and answers as it was told to."""

    def do_POST(self) -> None:
        self.server.got.append((self.headers["SOAPAction"], self.rfile.read(int(self.headers["Content-Length"]))))  # type: ignore[attr-defined]
        answer = self.server.answer.encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: Any) -> None:
        pass


def said(status: str) -> str:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><samlp:LogoutResponse'
        ' xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:Status>'
        f'<samlp:StatusCode Value="{STATUS}{status}"/></samlp:Status></samlp:LogoutResponse></s:Body></s:Envelope>'
    )


@pytest.fixture
def soap() -> Iterator[Any]:
    server = HTTPServer(("127.0.0.1", 0), _Soap)
    server.got, server.answer = [], said("Success")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_system_is_told_by_soap_until_it_says_that_it_has_done_it(
    venue: Provider, visitor: Browser, citizen: User, soap: Any
) -> None:
    sign_on = entered(venue, visitor)
    address = f"http://127.0.0.1:{soap.server_port}/soap"
    Client.objects.filter(pk=venue.client.pk).update(backchannel_logout_uri=address)
    sessions_ended([str(sign_on.session)])
    notice = LogoutNotice.objects.select_related("sign_on__client__system").get()
    soap.answer = said("Requester")
    with pytest.raises(NotTaken, match="no Success"):
        tell(notice)
    soap.answer = "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"
    with pytest.raises(NotTaken, match="no Success"):
        tell(notice)
    soap.answer = said("Success")
    tell(notice)
    assert notice.delivered_at and notice.tries == 3
    action, body = soap.got[-1]
    assert action == "http://www.oasis-open.org/committees/security"
    (message,) = etree.fromstring(body)[0]
    ours = certificates.in_metadata(certificates.signing()[1])
    told = signatures.verified(etree.tostring(message), [ours])
    assert etree.QName(told).localname == "LogoutRequest" and told.get("Destination") == address
    assert text(told, "//saml:NameID") == subject(citizen.pk, venue.system.homepage)
    assert told.xpath("string(//samlp:SessionIndex)", namespaces=SAML) == str(sign_on.pk)


def test_a_system_without_such_a_service_is_not_told(venue: Provider, visitor: Browser) -> None:
    sign_on = entered(venue, visitor)
    ended(str(sign_on.session))
    sign_on.refresh_from_db()
    assert sign_on.ended_at and not LogoutNotice.objects.exists()
