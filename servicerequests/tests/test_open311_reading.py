"""A program reads: lists by the book, what is public and nothing else, in both formats and the same in both."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from cases.actions.filing import Reporter
from cases.models import Case
from cases.registry import kinds
from foundation.clock import TAIPEI, now, today
from servicerequests.api.answers import written
from servicerequests.api.window import MOST, SPAN, page_of, read_moment, span
from servicerequests.tests.office import WORDS, act, done
from servicerequests.tests.programs import HOSTILE, POTHOLE, V2, Program, new_key

ROOT = Path(__file__).resolve().parents[2]
# Published by open311/schema-validation without a licence, so they lie beside the repository and not in it.
SCHEMAS = next((folder for up in ROOT.parents if (folder := up / "shared/data/open311-schemas").is_dir()), None)


@pytest.fixture
def program(city: None) -> Program:
    return Program()


def valid(name: str, answer: Any) -> None:
    """Check an answer against the published schema of that name."""
    if SCHEMAS is None:
        pytest.skip("the published schemas are not beside the repository")
    from jsonschema import Draft4Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4

    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    registry = Registry().with_resources(
        (known, Resource.from_contents(schema, default_specification=DRAFT4)) for known, schema in schemas.items()
    )
    checker = Draft4Validator.FORMAT_CHECKER
    errors = list(Draft4Validator(schemas[name], registry=registry, format_checker=checker).iter_errors(answer))
    assert answer and not errors, errors


@pytest.mark.django_db
def test_every_answer_fits_the_published_schema(program: Program, filed: Any) -> None:
    valid("services.json", program.read("services"))
    for code, kind in kinds().items():
        if kind.active(today()):
            valid("service-definition.json", program.read(f"services/{code}"))
    done(filed())
    number = filed("noise").number
    filed("pothole", lon=None, lat=None, address="", district_code="")
    valid("requests.json", program.read("requests"))
    valid("requests.json", program.read("requests", extensions="true"))
    valid("request.json", program.read(f"requests/{number}")[0])


def test_the_check_by_schema_finds_what_is_wrong() -> None:
    with pytest.raises(AssertionError, match="resolved"):
        valid("requests.json", [{"service_request_id": "D115-0000001", "status": "resolved", "service_code": "x",
                                 "requested_datetime": "2026-03-05T12:00:00+08:00"}])  # fmt: skip


@pytest.mark.django_db
def test_xml_and_json_say_the_same(program: Program, filed: Any) -> None:
    def same(told: Any, parsed: Any, item: str) -> None:
        """Compare with what a parser makes of XML, in which all is text."""
        if isinstance(told, dict):
            for key, value in told.items():
                same(value, parsed[key], {"attributes": "attribute", "values": "value", "notes": "note"}.get(key, ""))
        elif isinstance(told, list):
            inner = (parsed or {}).get(item, [])
            inner = inner if isinstance(inner, list) else [inner]
            assert len(told) == len(inner)
            for one, other in zip(told, inner, strict=True):
                same(one, other, "")
        else:
            text = str(told).lower() if isinstance(told, bool) else str(told) if told not in (None, "") else None
            assert text == parsed

    done(filed(description=HOSTILE))
    filed("noise")
    same(program.read("services"), program.read_xml("services")["services"], "service")
    same(program.read("services/pothole"), program.read_xml("services/pothole")["service_definition"], "")
    for query in ({}, {"extensions": "true"}):
        same(program.read("requests", **query), program.read_xml("requests", **query)["service_requests"], "request")
    same(program.read("requests", 400, status="x"), program.read_xml("requests", 400, status="x")["errors"], "error")
    assert program.read("requests", service_code="street_light") == []
    assert program.read_xml("requests", service_code="street_light") == {"service_requests": None}


@pytest.mark.django_db
def test_discovery_and_services_tell_where_and_what(program: Program) -> None:
    for path in ("/open311/discovery.json", f"{V2}/discovery.json"):
        told = program.get(path).json()
        assert set(told) == {"changeset", "contact", "key_service", "endpoints"}
        (end,) = told["endpoints"]
        assert end["url"] == "http://testserver/open311/v2" and end["formats"] == ["text/xml", "application/json"]
        assert end["specification"] == "http://wiki.open311.org/GeoReport_v2"
        assert read_moment(told["changeset"], TAIPEI).tzinfo
    services = {service["service_code"]: service for service in program.read("services")}
    assert set(services) == {code for code, kind in kinds().items() if kind.active(today())}
    assert services["pothole"]["service_name"] == "路面坑洞" and services["pothole"]["type"] == "realtime"
    english = program.get(f"{V2}/services.json", headers={"Accept-Language": "en"}).json()
    assert "Pothole" in {service["service_name"] for service in english}
    attributes = program.read("services/pothole")["attributes"]
    assert [(a["code"], a["datatype"], a["required"], a["order"]) for a in attributes] == [
        ("size", "singlevaluelist", True, 1), ("lane", "singlevaluelist", False, 2),
        ("hurt", "singlevaluelist", False, 3),
    ]  # fmt: skip
    assert {"key": "wheel", "name": "車輪大小"} in attributes[0]["values"]
    program.read("services/teapot", 404)
    for path in ("nowhere", "services/a/b", "media"):
        assert program.get(f"{V2}/{path}.json").status_code == 404
        assert program.get(f"{V2}/{path}.json")["Content-Type"].startswith("text/xml")


@pytest.mark.django_db
def test_without_an_ending_the_header_says_the_format(program: Program) -> None:
    assert program.get(f"{V2}/services")["Content-Type"].startswith("text/xml"), "XML is the standard's own"
    answer = program.get(f"{V2}/services", headers={"Accept": "application/json"})
    assert answer["Content-Type"].startswith("application/json") and "Accept" in answer["Vary"]
    assert program.head(f"{V2}/services.json").status_code == 200
    refused = program.delete(f"{V2}/services.json")
    assert (refused.status_code, refused["Allow"]) == (405, "OPTIONS, HEAD, GET")
    asked = program.options(f"{V2}/requests.json")
    assert asked.status_code == 204 and "POST" in asked["Access-Control-Allow-Methods"]


@pytest.mark.django_db
def test_what_is_public_of_a_case_and_nothing_else(program: Program, filed: Any) -> None:
    secret = Reporter(name="王小美", email="mei@example.com", phone="0987654321")
    open_case = filed(reporter=secret, place_note="陳太太家門口")
    noise = filed("noise", reporter=secret)
    act(open_case, "ask", text="請問陳太太在家嗎？")
    for key in ("", new_key()[1]):
        told = program.read("requests", extensions="true", api_key=key)
        whole = json.dumps(told, ensure_ascii=False) + str(program.read_xml("servicerequestupdates", api_key=key))
        for private in (WORDS, "陳太太", "王小美", "mei@", "0987654321", open_case.secret, "好聲音"):
            assert private not in whole
    by_number = {request["service_request_id"]: request for request in told}
    shown, hidden = by_number[open_case.number], by_number[noise.number]
    assert shown["address"] == "苓雅區 三多三路 215 號" and (shown["lat"], shown["long"]) == (22.6208, 120.312)
    assert shown["agency_responsible"] == "工務局 養護工程處道路養護科"
    assert [answer["code"] for answer in shown["extended_attributes"]["attributes"]] == ["size"], "hurt is not public"
    assert (hidden["address"], hidden["lat"], hidden["long"]) == ("苓雅區", None, None), "a sensitive kind"
    assert hidden["extended_attributes"]["attributes"] == []


@pytest.mark.django_db
def test_lists_follow_the_parameters_of_the_standard(program: Program, filed: Any) -> None:
    at = now()
    old = filed(received_at=at - timedelta(days=100))
    week, closed, light = (
        filed(received_at=at - timedelta(days=7)),
        filed(),
        filed("street_light", fields={"fault": "out"}),
    )
    done(closed)

    def numbers(**query: str) -> list[str]:
        return [request["service_request_id"] for request in program.read("requests", **query)]

    assert numbers() == [light.number, closed.number, week.number], "90 days, the newest first"
    assert numbers(service_request_id=f"{old.number}, {week.number},D111-9999999", status="closed") == [
        week.number, old.number,
    ], "numbers override all else"  # fmt: skip
    assert numbers(status="open") == [light.number, week.number] and numbers(status="closed") == [closed.number]
    assert numbers(status="open,closed") == numbers()
    assert numbers(service_code="street_light") == [light.number]
    assert numbers(service_code="street_light,pothole", status="open") == [light.number, week.number]
    before = (at - timedelta(days=6)).astimezone(TAIPEI)
    assert numbers(end_date=before.isoformat()) == [week.number]
    assert numbers(end_date=before.isoformat().replace("+", " ")) == [week.number]
    assert numbers(start_date=before.isoformat()) == [light.number, closed.number]
    assert numbers(start_date=f"{at - timedelta(days=101):%Y-%m-%dT%H:%M:%SZ}") == [old.number], "90 days from it"
    day = (at - timedelta(days=7)).astimezone(TAIPEI).date().isoformat()
    assert numbers(start_date=day, end_date=day) == [week.number], "a day alone is the whole day"
    for wrong in ({"status": "resolved"}, {"start_date": "yesterday"}, {"end_date": "2022-13-01"}, {"page": "0"},
                  {"page_size": "1001"}, {"page": "x"}, {"page": "99999", "page_size": "1000"},
                  {"start_date": "2022-01-01", "end_date": "2022-06-01"}, {"start_date": "9999-12-31"},
                  {"start_date": "2022-03-02", "end_date": "2022-03-01"}, {"status": "a\0"}):  # fmt: skip
        (error,) = program.read("requests", 400, **wrong)
        assert error["code"] == 400 and error["description"]
    assert [e["code"] for e in program.read("requests", 404, service_code="teapot,kettle")] == [404, 404]
    program.read("requests/D111-9999999", 404)
    program.read("requests/x", 404)
    assert program.read(f"requests/{old.number.lower()}")[0]["service_request_id"] == old.number


@pytest.mark.django_db
def test_pages_fit_together(program: Program, filed: Any) -> None:
    all_of_them = [filed().number for _ in range(7)][::-1]
    got, path = [], f"{V2}/requests.json?page=1&page_size=3&status=open"
    links = []
    while path:
        answer = program.get(path)
        got += [request["service_request_id"] for request in answer.json()]
        links.append(answer.get("Link", ""))
        following = [link for link in links[-1].split(", ") if 'rel="next"' in link]
        path = following[0].split(">")[0].removeprefix("<http://testserver") if following else ""
    assert got == all_of_them
    assert ['rel="prev"' in link for link in links] == [False, True, True]
    assert "api_key" not in program.get(f"{V2}/requests.json?page_size=3&api_key={new_key()[1]}")["Link"]
    assert "Link" not in program.get(f"{V2}/requests.json")


@pytest.mark.django_db
def test_a_list_takes_as_many_statements_for_one_request_as_for_twenty(program: Program, filed: Any) -> None:
    text = new_key()[1]
    sender = Program(text)

    def statements(**query: str) -> int:
        program.read("requests", **query)
        with CaptureQueriesContext(connection) as captured:
            program.read("requests", **query)
        return len(captured)

    variants: list[dict[str, str]] = [
        {},
        {"extensions": "true"},
        {"api_key": text},
        {"api_key": text, "extensions": "true"},
    ]
    sender.send(**POTHOLE)
    few = [statements(**query) for query in variants]
    for _ in range(19):
        sender.send(**POTHOLE)
    assert [statements(**query) for query in variants] == few
    assert max(few) <= 8


@pytest.mark.django_db
@time_machine.travel(datetime(2022, 6, 1, 12, 0, 0, tzinfo=TAIPEI), tick=False)  # one minute, however busy the machine
def test_reading_without_a_key_is_limited_by_client_and_wrong_keys_sooner(city: None) -> None:
    program = Program()
    for _ in range(30):
        program.read("services", 403, api_key="och_0_0")
    assert int(program.get(f"{V2}/services.json", {"api_key": "och_0_0"}).headers["Retry-After"]) > 0
    for _ in range(300):
        assert program.get(f"{V2}/requests.xml").status_code == 200
    (error,) = program.read("requests", 429)
    assert error["code"] == 429
    assert Program().read("requests", api_key=new_key()[1]) == [], "a key has a quota of its own"


# --- Pure parts ------------------------------------------------------------------------------------------------------

MOMENTS = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, TAIPEI))


@given(start=st.none() | MOMENTS, end=st.none() | MOMENTS, at=MOMENTS)
def test_a_span_is_never_longer_than_the_standard_allows(start: Any, end: Any, at: datetime) -> None:
    try:
        first, last = span(start, end, at)
    except ValueError:
        assert start and end and (end < start or end - start > timedelta(days=SPAN))
        return
    assert timedelta(0) <= last - first < timedelta(days=SPAN + 1)
    assert start in (None, first) and end in (None, last)


@given(page=st.text(max_size=9), size=st.text(max_size=9))
def test_a_page_is_within_bounds_or_refused(page: str, size: str) -> None:
    try:
        wanted = page_of(page, size)
    except ValueError:
        return
    assert 0 <= wanted.first < wanted.last and 1 <= wanted.size <= MOST


@given(text=st.text())
def test_any_text_comes_through_xml_but_for_what_xml_cannot_hold(text: str) -> None:
    from xml.etree import ElementTree

    read = ElementTree.fromstring(written("xml", "description", text)).text or ""
    possible = [
        c for c in text if c in "\t\n\r" or 0x20 <= ord(c) <= 0xD7FF or 0xE000 <= ord(c) <= 0xFFFD or ord(c) > 0xFFFF
    ]
    assert read == "".join(possible)


@time_machine.travel("2026-03-05 12:00:00+08:00", tick=False)
@pytest.mark.django_db
def test_times_carry_the_citys_offset(program: Program, filed: Any) -> None:
    case = filed()
    (told,) = program.read("requests")
    assert told["requested_datetime"] == told["updated_datetime"] == "2026-03-05T12:00:00+08:00"
    assert told["expected_datetime"] == "2026-03-05T16:00:00+08:00"
    with time_machine.travel("2026-03-05 14:00:00+08:00", tick=False):
        done(case)
        assert Case.objects.get().state == "done"
        (told,) = program.read("requests")
    assert (told["status"], told["status_notes"]) == ("closed", "已完成：已修復或排除")
    assert told["updated_datetime"] == "2026-03-05T14:00:00+08:00"
    assert Client().get(f"/track/{case.number}/").status_code == 200
