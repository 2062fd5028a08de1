"""The one-stop app as pages: they work without a script, know nobody, and lead into the flow with all its checks."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Attachment, Case
from servicerequests.pages.report.draft import Draft, seal_of_app
from servicerequests.tests.walking import IN_LINGYA, Walker, picture

pytestmark = pytest.mark.django_db

POINT = f"{IN_LINGYA[1]}, {IN_LINGYA[0]}"


def draft_of(page) -> Draft:
    return Draft.open(page.context["sealed"])


def test_the_manifest_is_what_a_phone_wants(city, client):
    for address, start, scope in (("/app/", "/app/", "/"), ("/crew/", "/crew/", "/crew/")):
        answer = client.get(f"{address}manifest.webmanifest")
        assert answer["Content-Type"] == "application/manifest+json"
        said = json.loads(answer.content)
        assert (said["start_url"], said["scope"], said["display"]) == (start, scope, "standalone")
        assert said["name"] and said["short_name"] and len(said["short_name"]) <= 12
        assert {(icon["sizes"], icon.get("purpose")) for icon in said["icons"]} >= {
            ("192x192", "any"),
            ("512x512", "maskable"),
        }


def test_what_a_phone_keeps_knows_nobody(city, staff):
    client = Client()
    client.force_login(staff("citizen", name="王大明"))
    for page in ("/app/", "/app/draft/", "/app/notices/"):
        assert "王大明" not in client.get(page).content.decode()


@pytest.mark.parametrize("app", ["", "app", "1", "app:x:y"])
def test_only_a_seal_makes_a_report_the_apps(city, client, app):
    page = client.post("/report/pothole/?app=" + seal_of_app(), {"text": "洞", "app": app})
    assert draft_of(page).channel == ""
    page = client.post("/report/pothole/", {"text": "洞", "app": seal_of_app()})
    assert draft_of(page).channel == "app"


def test_the_seal_goes_along_from_the_start_page(city, client):
    seal = seal_of_app()
    for typed in ({}, {"text": "路上有洞"}):
        page = client.post("/report/", {"app": seal, **typed}).content.decode()
        assert page.count(f'name="app" value="{seal}"') >= 2
        assert '<a class="kind"' not in page  # every picture is a button that carries it
    assert 'name="app"' not in client.post("/report/", {"app": "forged", "text": "路上有洞"}).content.decode()


def test_a_draft_goes_on_where_something_is_missing(city, client):
    said = {"kind": "pothole", "description": "好大的洞", "address": "三多三路 215 號", "point": POINT,
            "app": seal_of_app(), "submission": str(uuid4())}  # fmt: skip
    page = client.post("/app/draft/", said | {"photos": [picture()]})
    assert page.status_code == 200
    draft = draft_of(page)
    assert draft.channel == "app" and draft.submission == said["submission"] and len(draft.photos) == 1
    assert "where" in draft.passed and draft.answers["what"]["description"] == "好大的洞"
    assert page.context["step_name"] == "what"  # a pothole's own questions
    assert Attachment.objects.get().case_id is None and not Case.objects.exists()


def test_a_draft_that_cannot_be_read_keeps_what_was_typed(city, client):
    page = client.post("/app/draft/", {"kind": "nonsense", "description": "好大的洞"})
    assert page.status_code == 422 and "好大的洞" in page.content.decode()
    bad = picture()
    bad.name = "x.jpg"
    page = client.post(
        "/app/draft/", {"kind": "pothole", "photos": [bad.__class__("x.jpg", b"no picture", "image/jpeg")]}
    )
    assert page.status_code == 422
    for submission in ("x", "00000000-0000-1000-8000-000000000000"):
        page = client.post("/app/draft/", {"kind": "petition", "description": "x", "submission": submission})
        assert page.status_code == 422 or draft_of(page).submission != submission


def test_the_same_draft_sent_twice_is_one_case_of_the_app(city, walker: Walker):
    said = {"kind": "pothole", "description": "洞", "address": "三多三路 215 號", "point": POINT,
            "app": seal_of_app(), "submission": str(uuid4())}  # fmt: skip
    told = {
        "contact": {"email": "a@example.com", "language": "zh-hant"},
        "what": {"f_size": "wheel", "description": "洞"},
    }
    numbers = set()
    for _i in range(2):
        page = walker.client.post("/app/draft/", said)
        while page.context.get("step_name") != "check":
            assert page.status_code == 200 and page.context.get("step_name"), page.content.decode()
            name = page.context["step_name"]
            answers = {"draft": page.context["sealed"], "step": name, "go": "next", **told.get(name, {})}
            page = walker.client.post(page.context["address"], answers)
        sent = walker.client.post("/report/send/", {"draft": page.context["sealed"]}, follow=True)
        numbers.add(re.search(r'data-number="([^"]+)"', sent.content.decode()).group(1))
        assert f'data-sent="{said["submission"]}"' in sent.content.decode()
    assert len(numbers) == 1 and Case.objects.get().channel == "app"


def test_nearby_shows_public_facts_of_open_cases_the_nearest_first(filed, client):
    lon, lat = IN_LINGYA
    near, far = filed(lat=lat + 0.001), filed(lat=lat + 0.003)
    filed("noise", address="不可說路 1 號")
    filed(lat=lat + 0.05)
    page = client.get(f"/app/nearby/?lon={lon}&lat={lat}")
    text = page.content.decode()
    assert [row[0].pk for row in page.context["rows"]] == [near.pk, far.pk]
    assert "不可說路" not in text and near.secret not in text and "門牌 215 號的陳太太" not in text
    assert {row[0].pk for row in client.get(f"/app/nearby/?district={near.district_id}").context["rows"]} >= {
        near.pk,
        far.pk,
    }
    for odd in ("?lon=x&lat=1", "?lon=nan&lat=nan", "?lon=1e9&lat=0", "?district=nowhere"):
        assert client.get("/app/nearby/" + odd).status_code == 422, odd
    assert client.get("/app/nearby/?lon=0&lat=90").status_code == 200


def test_nearby_costs_the_same_for_one_and_for_twenty(filed, client):
    lon, lat = IN_LINGYA

    def cost() -> int:
        with CaptureQueriesContext(connection) as said:
            assert client.get(f"/app/nearby/?lon={lon}&lat={lat}").status_code == 200
        return len(said)

    filed()
    cost()
    before = cost()
    for _i in range(19):
        filed()
    assert cost() == before <= 3


def test_notices_name_the_closures_of_the_coming_week(city, client):
    from foundation.clock import now, today
    from organisation.models import CalendarOverride

    CalendarOverride.objects.create(date=today(), kind="closed", reason="颱風", source="測試", declared_at=now())
    assert "颱風" in client.get("/app/notices/").content.decode()
    assert "1 則停班" in client.get("/app/").content.decode()
