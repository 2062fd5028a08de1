"""Requests by SAML 2.0 that are in order, and those that are not, which end at words and with nobody vouched for."""

from __future__ import annotations

import base64
import threading
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.db import connections
from django.test import Client as Browser
from lxml import etree
from signxml import SignatureConstructionMethod, XMLSigner

from identity.models import User
from singlesignon.actions import providers, register
from singlesignon.actions.authorizing import Proof, held, hold, vouch_once, wish_of
from singlesignon.claims import subject
from singlesignon.models import AnsweredRequest, Authentication, SignOn
from singlesignon.saml import certificates, signatures
from singlesignon.saml.rules import CLASS_OF, CLASSES, PERSISTENT, STATUS, TRANSIENT
from singlesignon.tests.conftest import browser_of
from singlesignon.tests.saml import ACS, CERTIFICATE, ENTITY, KEY, Provider, in_address, later

pytestmark = pytest.mark.django_db
SAML = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion", "samlp": "urn:oasis:names:tc:SAML:2.0:protocol"}
POLICY = '<samlp:NameIDPolicy Format="{}"/>'
CONTEXT = (
    "<samlp:RequestedAuthnContext{}><saml:AuthnContextClassRef>{}</saml:AuthnContextClassRef>"
    "</samlp:RequestedAuthnContext>"
)
OTHER = generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def venue(speaking: Any) -> Provider:
    """A live system that learns nothing but a name, so nobody is asked to agree."""
    return speaking(scopes=["openid"])


def posted(page: Any) -> dict[str, str]:
    """What the page posts to the system."""
    assert page.status_code == 200, page.content.decode()[-1500:]
    assert page.context["address"] == ACS
    return {"SAMLResponse": page.context["message"], "RelayState": page.context["relay_state"]}


def read(page: Any) -> etree._Element:
    """The answer, as a system reads it that holds it against our certificate."""
    document = base64.b64decode(posted(page)["SAMLResponse"])
    return signatures.verified(document, [certificates.in_metadata(certificates.signing()[1])])


def text(answer: etree._Element, path: str) -> Any:
    return answer.xpath(f"string({path})", namespaces=SAML)


def status(page: Any) -> tuple[str, str]:
    """The status of an answer, and the one below it."""
    answer = read(page)
    assert not answer.xpath("//saml:Assertion", namespaces=SAML)
    first, second = answer.xpath("//samlp:StatusCode/@Value", namespaces=SAML)
    return first.removeprefix(STATUS), second.removeprefix(STATUS)


def refused(page: Any, *words: str) -> None:
    """The person reads why; nobody was vouched for, and no answer leaves the house."""
    assert page.status_code == 400 and "deliver" not in page.content.decode()
    for each in words:
        assert each in page.content.decode(), page.content.decode()[-1500:]
    assert not SignOn.objects.exists() and not AnsweredRequest.objects.exists()


def enveloped(message: str, key: Any = KEY) -> bytes:
    """The message with a signature inside it, as systems sign what goes by a form."""
    root = etree.fromstring(message)
    root[0].addnext(etree.Element("{http://www.w3.org/2000/09/xmldsig#}Signature", {"Id": "placeholder"}))
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"
    )
    return etree.tostring(
        signer.sign(root, key=key, cert=[CERTIFICATE], reference_uri="#" + root.get("ID"), id_attribute="ID")
    )


def by_form(visitor: Browser, message: bytes, state: str = "") -> Any:
    return visitor.post("/saml/sso/", {"SAMLRequest": base64.b64encode(message).decode(), "RelayState": state})


# ---- in order


def test_a_signed_in_person_is_vouched_for_once_and_in_few_words(
    venue: Provider, visitor: Browser, citizen: User
) -> None:
    page = venue.enter(visitor, venue.request("_a1"), state="tickets")
    answer, sign_on = read(page), SignOn.objects.get()
    assert posted(page)["RelayState"] == "tickets"
    assert (answer.get("InResponseTo"), answer.get("Destination")) == ("_a1", ACS)
    assert text(answer, "//saml:Audience") == ENTITY
    data = answer.find(".//saml:SubjectConfirmationData", SAML)
    assert (data.get("Recipient"), data.get("InResponseTo")) == (ACS, "_a1")
    assert text(answer, "//@SessionIndex") == str(sign_on.pk)
    assert text(answer, "//saml:AuthnContextClassRef") == CLASS_OF[1]
    assert answer.xpath("//saml:Attribute/@Name", namespaces=SAML) == ["sub", "level"]
    assert text(answer, "//saml:NameID") == text(answer, "//saml:Attribute[@Name='sub']/saml:AttributeValue")
    assert citizen.name not in etree.tostring(answer, encoding="unicode")
    entry = Authentication.objects.get()
    assert (entry.user, entry.system, entry.level, entry.methods, entry.error) == (
        citizen,
        venue.system,
        1,
        ["password"],
        "",
    )
    policy = page["Content-Security-Policy"]
    assert "form-action 'self' https://venue.example;" in f"{policy};" and "unsafe" not in policy


def test_by_a_form_too_signed_inside(venue: Provider, visitor: Browser) -> None:
    on = by_form(visitor, enveloped(venue.request("_f1")), "tickets")
    assert on.status_code == 303
    assert posted(visitor.get(on["Location"]))["RelayState"] == "tickets"


def test_an_unsigned_request_does_for_a_system_that_never_signs(speaking: Any, visitor: Browser) -> None:
    venue = speaking(scopes=["openid"], signs=False)
    assert read(venue.enter(visitor, venue.request(), key=None)) is not None
    # What is signed nevertheless has to be signed well.
    response = venue.ask(visitor, venue.request("_r2"), key=OTHER)
    assert response.status_code == 400 and "簽章不對" in response.content.decode()


def test_names_last_or_pass_as_the_system_wishes(venue: Provider, visitor: Browser) -> None:
    names = [
        (text(answer, "//saml:NameID/@Format"), text(answer, "//saml:NameID"))
        for number, wished in enumerate(("", POLICY.format(PERSISTENT), POLICY.format(TRANSIENT)))
        for answer in [read(venue.enter(visitor, venue.request(f"_n{number}", inside=wished)))]
    ]
    assert names[0] == names[1] and names[0][0] == PERSISTENT
    assert names[2][0] == TRANSIENT and names[2][1] != names[0][1]


def test_a_system_that_cannot_be_given_what_it_asks_is_told(venue: Provider, visitor: Browser) -> None:
    mail = POLICY.format("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")
    assert status(venue.enter(visitor, venue.request("_m", inside=mail))) == ("Requester", "InvalidNameIDPolicy")
    kerberos = CONTEXT.format("", CLASSES + "Kerberos")
    assert status(venue.enter(visitor, venue.request("_k", inside=kerberos))) == ("Requester", "NoAuthnContext")
    assert status(venue.enter(Browser(), venue.request("_p", IsPassive="true"))) == ("Responder", "NoPassive")
    strong = CONTEXT.format(' Comparison="minimum"', CLASS_OF[2])
    passive = venue.request("_s", inside=strong, IsPassive="true")
    assert status(venue.enter(visitor, passive)) == ("Responder", "NoAuthnContext")
    assert set(Authentication.objects.values_list("error", flat=True)) == {
        "invalid_name_id_policy", "no_authn_context", "interaction_required",
    }  # fmt: skip


def test_whom_a_system_names_is_vouched_for_or_nobody(venue: Provider, visitor: Browser, citizen: User) -> None:
    whom = "<saml:Subject><saml:NameID>{}</saml:NameID></saml:Subject>"
    theirs = whom.format(subject(citizen.pk, venue.system.homepage))
    assert read(venue.enter(visitor, venue.request("_s1", inside=theirs))).find(".//saml:Assertion", SAML) is not None
    other = venue.enter(visitor, venue.request("_s2", inside=whom.format("somebody else")))
    assert status(other) == ("Responder", "UnknownPrincipal")


def test_who_does_not_agree_is_not_vouched_for(speaking: Any, visitor: Browser) -> None:
    venue = speaking(scopes=["openid", "profile"])
    asks = venue.enter(visitor, venue.request())
    assert "/openid/consent/" in asks["Location"]
    page = visitor.get(visitor.post(asks["Location"], {"refuse": "1"})["Location"])
    assert status(visitor.get(page.context["onward"])) == ("Responder", "RequestDenied")
    assert not SignOn.objects.exists()


def test_force_authn_asks_for_a_proof_after_the_request(venue: Provider, visitor: Browser) -> None:
    with time_machine.travel(later(seconds=30), tick=False):
        response = venue.enter(visitor, venue.request(ForceAuthn="true"))
    assert response["Location"].startswith("/sign-in/again/?next=%2Fopenid%2Fresume%2F")


def test_a_system_under_test_lets_in_its_own_people_alone(
    venue: Provider, visitor: Browser, manager: User, reviewer: User
) -> None:
    client = venue.system.clients.get(environment="sandbox")
    described = providers.named(ENTITY)
    assert described
    described.provider.entity_id = "https://test.venue.example/"
    type(described.provider).objects.create(
        client=client,
        entity_id="https://test.venue.example/",
        certificates=described.provider.certificates,
        indexes=[1],
    )
    client.redirect_uris = [ACS]
    client.save()
    asked = venue.request("_t1", issuer="https://test.venue.example/")
    assert status(venue.enter(visitor, asked)) == ("Responder", "RequestDenied")
    theirs = venue.enter(browser_of(manager), venue.request("_t2", issuer="https://test.venue.example/"))
    assert read(theirs).find(".//saml:Assertion", SAML) is not None


# ---- not in order


def test_a_wrong_signature_is_refused_and_logged(venue: Provider, visitor: Browser) -> None:
    refused(venue.ask(visitor, venue.request(), key=OTHER), "簽章不對", "王工程師")
    refused(by_form(visitor, enveloped(venue.request(), OTHER)), "簽章不對")
    refused(venue.ask(visitor, venue.request(), key=None), "the message is not signed")
    assert set(Authentication.objects.values_list("error", flat=True)) == {"invalid_signature"}


def test_what_was_signed_is_not_changed_on_the_way(venue: Provider, visitor: Browser) -> None:
    query = in_address(venue.request(), state="here")
    refused(visitor.get("/saml/sso/?" + query.replace("RelayState=here", "RelayState=there")), "簽章不對")
    refused(visitor.get("/saml/sso/?" + query.replace("RelayState=here", "%52elayState=here")), "is encoded")
    refused(visitor.get("/saml/sso/?" + query + "&RelayState=there"), "more than once")
    changed = enveloped(venue.request("_c1")).replace(b"_c1", b"_c2")
    refused(by_form(visitor, changed), "簽章不對")


def test_a_wrapped_signature_signs_nothing(venue: Provider, visitor: Browser) -> None:
    """A message that the system once signed stands inside another, or beside, or brings its signature to another."""
    true = enveloped(venue.request("_w1", inside=""))
    signature = etree.fromstring(true).find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    evil = venue.request("_w2", inside="<samlp:Extensions/>")

    inside = etree.fromstring(evil)
    inside[1].append(etree.fromstring(true))  # the signed message within the extensions of the other
    refused(by_form(visitor, etree.tostring(inside)), "簽章不對")

    moved = etree.fromstring(evil)
    moved[0].addnext(signature)  # its signature on the other, the signed one within
    whole = etree.fromstring(true)
    whole.remove(whole.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
    moved.find("samlp:Extensions", SAML).append(whole)
    refused(by_form(visitor, etree.tostring(moved)), "簽章不對")

    twice = etree.fromstring(venue.request("_w1", inside="<samlp:Extensions/>", ForceAuthn="true"))
    twice[0].addnext(moved[1])
    twice.find("samlp:Extensions", SAML).append(whole)  # both of one name
    refused(by_form(visitor, etree.tostring(twice)), "簽章不對")


def test_a_request_is_answered_once(venue: Provider, visitor: Browser) -> None:
    query = in_address(venue.request("_once"))
    first, second = (visitor.get(f"/saml/sso/?{query}")["Location"] for _time in range(2))
    assert read(visitor.get(first)) is not None
    for again in (visitor.get(first), visitor.get(second), visitor.get(f"/saml/sso/?{query}")):
        assert again.status_code == 400
    assert "已經回答過" in visitor.get(f"/saml/sso/?{query}").content.decode()
    assert Authentication.objects.count() == 1


def test_what_is_refused_says_why(venue: Provider, visitor: Browser) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"issued": later(seconds=-301)}, "IssueInstant"),
        ({"issued": later(seconds=302)}, "IssueInstant"),
        ({"IssueInstant": "yesterday"}, "AuthnRequest"),
        ({"Destination": "https://other.example/saml/sso/"}, "Destination"),
        ({"Destination": ""}, "Destination"),
        ({"AssertionConsumerServiceURL": "https://evil.example/acs"}, "https://evil.example/acs"),
        ({"AssertionConsumerServiceURL": "", "AssertionConsumerServiceIndex": "9"}, "AssertionConsumerServiceIndex 9"),
        ({"issuer": "https://unknown.example/"}, "沒有這個應用系統"),
        ({"issuer": ""}, "AuthnRequest"),
        ({"Version": "1.1"}, "2.0"),
        ({"number": ""}, "AuthnRequest"),
        ({"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"}, "HTTP-POST"),
    ]
    for differs, words in cases:
        refused(venue.ask(visitor, venue.request(**differs)), words)


def test_xml_that_attacks_is_not_read(venue: Provider, visitor: Browser) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    for query, words in (
        ("", "SAMLRequest is missing"),
        ("SAMLRequest=%%%", "base64"),
        ("SAMLRequest=QUJD", "deflated"),
        (in_address("no xml", key=None), "no XML"),
        (in_address("<x/>", key=None), "no complete AuthnRequest"),
        (in_address(bomb, key=None), "DTD"),
        (in_address('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', key=None), "DTD"),
        (in_address(" " * 10_000_000, key=None), "too long"),
    ):
        refused(visitor.get(f"/saml/sso/?{query}"), words)
    refused(by_form(visitor, bomb.encode()), "DTD")
    refused(by_form(visitor, b" " * 70_000), "too long")


def test_a_suspended_system_is_not_entered(venue: Provider, visitor: Browser, reviewer: User) -> None:
    waits = venue.ask(visitor, venue.request())["Location"]
    register.perform(reviewer, venue.system, "suspend", "查核中")
    refused(venue.ask(visitor, venue.request("_r2")), "目前停用")
    refused(visitor.get(waits), "目前停用")


def test_other_doors_stay_shut_to_it(venue: Provider, visitor: Browser) -> None:
    """A system of SAML has no flow of OpenID, and an OpenID request is nothing for the page of SAML."""
    response = visitor.get(
        "/openid/authorize/", {"client_id": venue.client.pk, "redirect_uri": ACS, "response_type": "code"}
    )
    assert "error=unauthorized_client" in response["Location"]
    refused(visitor.get("/saml/answer/x/"), "已經過期")


@pytest.mark.django_db(transaction=True)
def test_of_thirty_answers_at_once_one_is_given(venue: Provider, citizen: User) -> None:
    asked = {"id": "_race", "redirect_uri": ACS}
    keys = [held(hold(venue.client, asked)).pk for _each in range(30)]
    proof = Proof("00000000-0000-0000-0000-000000000001", 1_700_000_000, 1, ["password"], "")
    what = wish_of(venue.client, asked)
    start, given = threading.Barrier(30), []

    def answer(key: str) -> None:
        start.wait()
        given.append(vouch_once(venue.client, citizen.pk, proof, what, key, PERSISTENT))
        connections.close_all()

    threads = [threading.Thread(target=answer, args=[key]) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 30 and sum(each is not None for each in given) == 1
    assert Authentication.objects.count() == 1
