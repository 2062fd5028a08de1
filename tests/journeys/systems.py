"""Systems that people sign in to through the city hall, for every page about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from foundation import clock
from foundation.clock import today
from identity.models.session import new_sid
from organisation.models import Agency
from singlesignon.actions import authorizing, register
from singlesignon.actions.authorizing import URN, Proof
from singlesignon.models import Anomaly
from singlesignon.rules import CODE, challenge_of, wish
from singlesignon.saml.certificates import in_metadata, signing
from singlesignon.saml.metadata import Described

TERMS = {
    "name": "場地線上租借", "name_en": "Venue hire", "purpose": "需要姓名寄送通知。" * 12, "kind": "web",
    "homepage": "https://venue.example/", "scopes": ["openid", "profile", "email", "agency"], "grants": [CODE],
    "level": 1, "contact": "王工程師", "contact_email": "wang@venue.example", "contract": "高市研資字第1號",
}  # fmt: skip
BACK = "https://venue.example/" + "callback/" * 20


def fill_systems(world: Any) -> None:
    """One system that is live with a secret, a consent and sign-ons, and one that waits for its review."""
    manager, keeper, citizen = (world.people[role] for role in ("system_manager", "system_administrator", "citizen"))
    terms = TERMS | {"contract_until": today() + timedelta(days=400)}
    agency = Agency.objects.get(code=manager.memberships.get().agency.code)
    live = register.apply(manager, agency, terms, [BACK])
    for who, verb in ((keeper, "accept"), (manager, "ask"), (keeper, "release")):
        live = register.perform(who, live, verb, "測試通過")
    waiting = register.apply(manager, agency, terms | {"name": "研習報名"}, [BACK])
    client = live.clients.get(environment="live")
    register.change_client(manager, client, {"redirect_uris": [BACK]})
    register.issue_secret(manager, client)
    register.issue_secret(manager, client)
    asked = {
        "client_id": client.pk, "response_type": "code", "redirect_uri": BACK, "scope": "openid profile email agency",
        "code_challenge": challenge_of("v" * 43), "code_challenge_method": "S256",
    }  # fmt: skip
    uri = authorizing.hold(client, asked)
    request = authorizing.held(uri)
    assert request
    what = wish(asked, authorizing.facts(client))
    authorizing.agree(citizen, request, what)
    authorizing.vouch(
        client, citizen.pk, Proof(new_sid(), 1_700_000_000, 2, ["password", "totp"], "203.0.113.0/24"), what
    )
    odd = Anomaly.objects.create(
        kind="travel", key="travel", at=clock.now(), system=live,
        facts={"from": "TW", "country": "JP", "km": 2380, "minutes": 30},
    )  # fmt: skip
    old = register.apply(manager, agency, terms | {"name": "公文系統", "kind": "saml", "grants": []}, [])
    old = register.perform(keeper, old, "accept")
    described = Described(
        entity_id=BACK, redirect_uris=[BACK], indexes=[0], logout_uri=BACK, backchannel_logout_uri=BACK,
        certificates=[in_metadata(signing()[1])], signs=True,
    )  # fmt: skip
    register.describe(manager, old.clients.get(), described)
    at = [live.pk, waiting.pk, old.pk]
    verbs = ((waiting.pk, "accept"), (live.pk, "suspend"))
    world.pages |= {
        "openid-consent": [reverse("openid-consent", args=[authorizing.hold(client, asked).removeprefix(URN)])],
        "openid-logout": [reverse("openid-logout")],
        "openid-device-page": [reverse("openid-device-page")],
        "my-systems": [reverse("my-systems")],
        "relying-systems": [reverse("relying-systems"), reverse("relying-systems") + "?state=ended"],
        "relying-system-new": [reverse("relying-system-new")],
        "relying-system": [reverse("relying-system", args=[pk]) for pk in at],
        "relying-system-change": [reverse("relying-system-change", args=[live.pk])],
        "relying-system-client": [
            reverse("relying-system-client", args=[live.pk, "live"]),
            reverse("relying-system-client", args=[old.pk, "sandbox"]),
        ],
        "relying-system-verb": [reverse("relying-system-verb", args=[pk, verb]) for pk, verb in verbs],
        "anomalies": [reverse("anomalies"), reverse("anomalies") + "?all=1"],
        "anomaly": [reverse("anomaly", args=[odd.pk])],
        "authentications": [reverse("authentications"), reverse("authentications") + "?day=x"],
        "sign-in-again": [reverse("sign-in-again"), reverse("sign-in-again") + "?level=2"],
    }
    world.data |= {name: reverse(name) for name in (
        "openid-configuration", "openid-metadata", "openid-keys", "saml-metadata",
    )}  # fmt: skip
