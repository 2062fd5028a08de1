"""The register of systems that speak SAML 2.0: metadata in, what the system needs out, and the certificates' change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils.html import escape
from lxml import etree
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from foundation import clock
from identity.models import User
from messages.models import Message
from organisation.models import Agency
from singlesignon import keys
from singlesignon.actions import housekeeping, register
from singlesignon.models import (
    AnsweredRequest,
    ClientSecret,
    RelyingSystem,
    ServiceProvider,
    SigningKey,
    SystemEvent,
    Use,
)
from singlesignon.saml import certificates
from singlesignon.tests.conftest import browser_of
from singlesignon.tests.saml import ACS, DER, ENTITY, SLS, Provider, metadata
from singlesignon.tests.test_register import FORM

pytestmark = pytest.mark.django_db
OLD = FORM | {"kind": "saml", "redirect_uris": ""}


@pytest.fixture
def agency(manager: User) -> Browser:
    return browser_of(manager)


@pytest.fixture
def accepted(agency: Browser, manager: User, reviewer: User) -> RelyingSystem:
    """A system that may be tried, of which no metadata are known."""
    answer = agency.post("/relying-systems/new/", OLD | {"agency": Agency.objects.first().pk})
    assert answer.status_code == 302, answer.content.decode()
    return register.perform(reviewer, RelyingSystem.objects.get(), "accept")


def put(agency: Browser, system: RelyingSystem, document: bytes | str, environment: str = "sandbox") -> Any:
    text = document if isinstance(document, str) else document.decode()
    return agency.post(f"/relying-systems/{system.pk}/{environment}/", {"text": text})


def test_an_agency_puts_in_metadata_and_reads_what_its_system_needs(agency: Browser, accepted: RelyingSystem) -> None:
    page = agency.get(f"/relying-systems/{accepted.pk}/").content.decode()
    assert "還沒有上傳" in page and "產生密鑰" not in page and "client_id" not in page
    assert "http://localhost:8000/saml/metadata/" in page
    assert certificates.fingerprint(certificates.signing()[1]) in page
    file = SimpleUploadedFile("sp.xml", metadata(), "text/xml")
    assert agency.post(f"/relying-systems/{accepted.pk}/sandbox/", {"file": file}).status_code == 302
    client = accepted.clients.get()
    known = client.provider
    assert (known.entity_id, client.redirect_uris, known.logout_uri) == (ENTITY, [ACS], SLS)
    assert (known.certificates, known.signs, known.indexes) == ([DER], True, [1])
    page = agency.get(f"/relying-systems/{accepted.pk}/").content.decode()
    assert ENTITY in page and ACS in page and "更新 metadata" in page
    event = SystemEvent.objects.first()
    assert event and event.verb == "metadata" and ENTITY in event.text and ACS in event.text
    assert accepted.grants == [] and agency.post(f"/relying-systems/{accepted.pk}/sandbox/secret/").status_code == 404


def changed(before: str, after: str) -> str:
    text = metadata().decode()
    assert before in text
    return text.replace(before, after)


def test_metadata_that_cannot_be_used_are_refused_by_the_name_of_their_element(
    agency: Browser, accepted: RelyingSystem
) -> None:
    described = etree.fromstring(metadata())
    (system,) = described
    space = {"md": "urn:oasis:names:tc:SAML:2.0:metadata"}
    for key in system.findall("md:KeyDescriptor", space):
        system.remove(key)
    bare = etree.tostring(described).decode()
    described = etree.fromstring(metadata())
    described.set("validUntil", "2020-01-01T00:00:00Z")
    ended = etree.tostring(described).decode()
    for document, words in (
        ("", "請選擇「metadata 檔」"),
        ("PHNhbWw=", "不是完整的 XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + bare, "DTD"),
        ("<html/>", "EntityDescriptor（html）"),
        ('<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>', "好幾個系統的清單"),
        ('<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>', "entityID：沒有填"),
        ('<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="a"/>', "SPSSODescriptor：沒有填"),
        (changed(ACS, "http://venue.example/acs"), "AssertionConsumerService（http://venue.example/acs）：要用 https"),
        (changed(SLS, "javascript:alert(1)"), "SingleLogoutService（javascript:alert(1)）"),
        (changed("bindings:HTTP-POST", "bindings:HTTP-Artifact"), "沒有 HTTP-POST"),
        (changed(DER, DER[:200]), "X509Certificate"),
        (bare, "KeyDescriptor：沒有簽章憑證"),
        (ended, "validUntil（2020-01-01T00:00:00Z）：這份 metadata 已經過期"),
        (" " * 300_000, "請選擇"),
        (metadata().decode() + " " * 300_000 + "<!-- -->", "太長"),
    ):  # fmt: skip
        answer = put(agency, accepted, document)
        page = answer.content.decode()
        assert answer.status_code == 422 and words in page, (words, page[page.find("錯誤") :][:1500])
        assert escape(document.strip()[:20]) in page
    assert not ServiceProvider.objects.exists()


def test_a_name_belongs_to_one_environment_and_comes_back_at_the_end(
    agency: Browser, accepted: RelyingSystem, speaking: Callable[..., Provider], reviewer: User, manager: User
) -> None:
    live = speaking()
    answer = put(agency, accepted, metadata())
    assert answer.status_code == 422 and "已經由另一個系統或環境登記" in answer.content.decode()
    register.perform(manager, live.system, "end", "停用")
    assert put(agency, accepted, metadata()).status_code == 302
    assert ServiceProvider.objects.get().client.system == accepted


def test_what_saml_cannot_do_is_not_applied_for(agency: Browser) -> None:
    answer = agency.post(
        "/relying-systems/new/", OLD | {"agency": Agency.objects.first().pk, "scopes": ["profile", "offline_access"]}
    )
    assert answer.status_code == 422 and "「要取得的資料」：SAML 2.0 沒有辦法做到" in answer.content.decode()
    assert not RelyingSystem.objects.exists()


def test_a_system_keeps_to_its_protocol(agency: Browser, accepted: RelyingSystem) -> None:
    put(agency, accepted, metadata())
    answer = agency.post(f"/relying-systems/{accepted.pk}/change/", OLD | {"kind": "web"})
    assert answer.status_code == 422 and "請另外申請一個系統" in answer.content.decode()
    assert agency.post(f"/relying-systems/{accepted.pk}/change/", OLD | {"contact": "李工程師"}).status_code == 302
    accepted.refresh_from_db()
    assert (accepted.kind, accepted.contact) == ("saml", "李工程師")


def test_only_who_applies_for_an_agency_changes_its_metadata(
    accepted: RelyingSystem, staff: Callable[..., User]
) -> None:
    elsewhere = browser_of(staff("system_manager", agency=Agency.objects.last().code))
    assert put(elsewhere, accepted, metadata()).status_code == 404
    assert put(browser_of(staff("citizen")), accepted, metadata()).status_code == 403
    assert not ServiceProvider.objects.exists()


def published() -> list[str]:
    """The certificates that python3-saml finds in our metadata."""
    page = Browser().get("/saml/metadata/")
    assert page["Content-Type"] == "application/samlmetadata+xml"
    known = OneLogin_Saml2_IdPMetadataParser.parse(page.content)["idp"]
    many = known.get("x509certMulti", {}).get("signing") or [known["x509cert"]]
    return ["".join(each.split()) for each in many]


def test_a_certificate_changes_after_three_years_and_is_foretold_for_ninety_days(db: Any) -> None:
    first = published()
    assert len(first) == 1 and published() == first
    terms, begin = keys.TERMS[Use.SAML], clock.now()
    assert not keys.rotate(Use.SAML)
    with time_machine.travel(begin + terms.life + timedelta(hours=1), tick=False):
        assert keys.rotate()
        both = published()
        assert both[0] == first[0] and len(both) == 2
        assert certificates.in_metadata(certificates.signing()[1]) == first[0]
    with time_machine.travel(begin + terms.life + terms.lead + timedelta(hours=2), tick=False):
        keys.rotate()
        assert published() == [both[1], both[0]]
        assert certificates.in_metadata(certificates.signing()[1]) == both[1]
    with time_machine.travel(begin + terms.life + terms.lead + terms.tail + timedelta(hours=3), tick=False):
        keys.rotate()
        assert published() == [both[1]]
    assert set(SigningKey.objects.values_list("use", flat=True)) == {"jwt", "saml"}


def test_who_answers_for_an_old_system_is_told_of_the_next_certificate(
    speaking: Callable[..., Provider], relying: Callable[..., Any], manager: User
) -> None:
    speaking(contract_until=date(2099, 1, 1))
    relying(contract_until=date(2099, 1, 1))  # one of OpenID, which reads keys by itself
    published()
    terms, begin = keys.TERMS[Use.SAML], clock.now()
    assert housekeeping.remind() == 0
    with time_machine.travel(begin + terms.life + timedelta(hours=1), tick=False):
        ClientSecret.objects.all().delete()
        keys.rotate()
        change = clock.today() + terms.lead
        assert housekeeping.remind(change - timedelta(days=61)) == 0
        assert housekeeping.remind(change - timedelta(days=59)) == 2, "the contact and who applied"
        assert housekeeping.remind(change - timedelta(days=58)) == 0
        assert housekeeping.remind(change - timedelta(days=13)) == 2
        assert housekeeping.remind(change - timedelta(days=1)) == 0
    letter = Message.objects.filter(notice="singlesignon.certificate").first()
    assert letter and "請匯入新的簽章憑證" in letter.subject


def test_each_process_makes_the_same_certificate(db: Any) -> None:
    first = published()
    certificates._certificate.cache_clear()
    keys.forget()
    assert published() == first


def test_keys_of_one_use_sign_nothing_of_the_other(speaking: Callable[..., Provider], visitor: Browser) -> None:
    venue = speaking(scopes=["openid"])
    assert venue.enter(visitor, venue.request()).status_code == 200
    used = {key.use: key.kid for key in SigningKey.objects.all()}
    assert [key["kid"] for key in keys.published()] == [used["jwt"]]


def test_the_night_forgets_answered_requests(speaking: Callable[..., Provider], visitor: Browser) -> None:
    venue = speaking(scopes=["openid"])
    venue.enter(visitor, venue.request())
    housekeeping.tidy()
    assert AnsweredRequest.objects.count() == 1
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=False):
        housekeeping.tidy()
    assert not AnsweredRequest.objects.exists()
