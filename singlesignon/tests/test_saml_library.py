"""python3-saml, a service provider written by others, completes the flow against the running server."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pyotp
import pytest
import requests
from django.conf import settings as house
from lxml import html

from identity.models import Totp, User
from singlesignon.models import Authentication, SignOn
from singlesignon.saml.rules import CLASS_OF
from singlesignon.tests.conftest import browser_of
from singlesignon.tests.saml import Provider

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning"),  # the library reads the clock so
]


@pytest.fixture
def city_hall(live_server: Any, settings: Any) -> str:
    """The server's address, which is the issuer."""
    settings.PUBLIC_URL = live_server.url
    return live_server.url


class Phone(requests.Session):
    """The person's browser, signed in: follows what leads to the city hall, and gives back what leads to the system."""

    def __init__(self, city_hall: str, user: User) -> None:
        super().__init__()
        self.city_hall = city_hall
        self.cookies.set(house.SESSION_COOKIE_NAME, browser_of(user).cookies[house.SESSION_COOKIE_NAME].value)

    def open(self, address: str) -> requests.Response:
        return self.get(address, timeout=10)

    def press(self, page: requests.Response, **given: str) -> requests.Response:
        form = next(
            form for form in html.fromstring(page.text, base_url=page.url).forms if "sign-out" not in str(form.action)
        )
        return self.post(page.url, dict(form.fields) | given, headers={"Referer": page.url}, timeout=10)

    def delivered(self, page: requests.Response) -> dict[str, str]:
        """What the page posts to the system."""
        (form,) = [form for form in html.fromstring(page.text).forms if "data-deliver" in form.attrib]
        assert form.action == "https://venue.example/saml/acs"
        return dict(form.fields)


def test_python3_saml_signs_in_raises_the_level_and_signs_out(city_hall: str, speaking: Any, citizen: User) -> None:
    venue: Provider = speaking(scopes=["openid", "profile", "email"])
    metadata = requests.get(f"{city_hall}/saml/metadata/", timeout=10).content
    phone = Phone(city_hall, citizen)

    asks = venue.library(metadata)
    page = phone.open(asks.login(return_to="https://venue.example/booking"))
    assert "/openid/consent/" in page.url and "電子郵件" in page.text
    page = phone.press(page, agree="1")
    onward = html.fromstring(page.text).xpath("//main//a/@href")[0]
    page = phone.open(city_hall + onward)
    assert "form-action 'self' https://venue.example" in page.headers["Content-Security-Policy"]
    posted = phone.delivered(page)
    assert posted["RelayState"] == "https://venue.example/booking"
    gets = venue.library(metadata, post_data=posted)
    gets.process_response(request_id=asks.get_last_request_id())
    assert gets.get_errors() == [], gets.get_last_error_reason()
    assert gets.is_authenticated() and len(gets.get_nameid()) == 32
    told = gets.get_attributes()
    assert (told["name"], told["email"], told["level"]) == ([citizen.name], [citizen.email], ["1"])
    assert gets.get_last_authn_contexts() == [CLASS_OF[1]]

    # For a grave act it asks for level 2: the person types a code of their app, and is vouched for anew.
    secret = pyotp.random_base32()
    Totp.objects.create(user=citizen, secret=secret, last_step=0)
    raises = venue.library(metadata, security={"requestedAuthnContext": [CLASS_OF[2]]})
    page = phone.open(raises.login())
    assert "/sign-in/again/" in page.url and parse_qs(urlsplit(page.url).query)["level"] == ["2"]
    page = phone.open(city_hall + html.fromstring(page.text).xpath("//main//a[contains(@href, '/totp/')]/@href")[0])
    page = phone.press(page, code=pyotp.TOTP(secret).now())
    page = phone.open(city_hall + html.fromstring(page.text).xpath("//main//a/@href")[0])
    gets = venue.library(metadata, post_data=phone.delivered(page))
    gets.process_response(request_id=raises.get_last_request_id())
    assert gets.get_errors() == [], gets.get_last_error_reason()
    assert (gets.get_last_authn_contexts(), gets.get_attributes()["level"]) == ([CLASS_OF[2]], ["2"])

    sign_on = SignOn.objects.get()
    assert (gets.get_session_index(), sign_on.ended_at) == (str(sign_on.pk), None)
    leaves = venue.library(metadata, get_data={})
    address = leaves.logout(
        name_id=gets.get_nameid(), session_index=gets.get_session_index(), name_id_format=gets.get_nameid_format(),
        nq=gets.get_nameid_nq(), spnq=gets.get_nameid_spnq(), return_to="https://venue.example/bye",
    )  # fmt: skip
    back = phone.get(address, timeout=10, allow_redirects=False).headers["Location"]
    assert back.startswith("https://venue.example/saml/sls?")
    query = urlsplit(back).query
    taken = venue.library(metadata, get_data=dict(parse_qsl(query)))
    taken._request_data["query_string"] = query
    taken.process_slo(keep_local_session=True, request_id=leaves.get_last_request_id())
    assert dict(parse_qsl(query))["RelayState"] == "https://venue.example/bye"
    assert taken.get_errors() == [], taken.get_last_error_reason()
    sign_on.refresh_from_db()
    assert sign_on.ended_at is not None
    assert "/sign-in/" in phone.get(f"{city_hall}/account/", timeout=10).url
    log = [(entry.error, entry.level, entry.methods) for entry in Authentication.objects.order_by("at")]
    assert log == [("", 1, ["password"]), ("", 2, ["password", "totp"])]
