"""SCIM 2.0 as programs meet it (RFC 7644); names of the tests say which part."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.clock import today
from identity.models import User
from organisation.models import StaffRecord
from organisation.tests.scim.conftest import ENTERPRISE, USER, Scim, person

pytestmark = pytest.mark.django_db


def test_create_and_read(scim: Scim) -> None:
    made = scim.hire(emails=[{"value": "ming@cityhall.example", "type": "work"}], title="工程員", department="道路科")
    assert made["userName"] == "ua001" and made["active"] is True and made["displayName"] == "王小明"
    assert made[ENTERPRISE] == {"employeeNumber": "A001", "department": "道路科"}
    answer = scim("GET", f"/Users/{made['id']}")
    assert answer["Content-Type"].startswith("application/scim+json") and answer["ETag"] == made["meta"]["version"]
    assert answer.json() == made


def test_what_cannot_be_made(scim: Scim) -> None:
    """RFC 7644, 3.3 and 3.12: the error names the attribute and its kind."""
    made = scim.hire()
    cases = [
        (person(userName="other"), 409, "uniqueness", "employeeNumber"),
        (person("A002", userName="UA001"), 409, "uniqueness", "userName"),
        (person("A002", userName="王"), 400, "invalidValue", "userName"),
        (person("A002", emails=[{"value": "no address"}]), 400, "invalidValue", "emails.value"),
        (person("A002", preferredLanguage="ja"), 400, "invalidValue", "preferredLanguage"),
        (person("A002", manager={"value": "nobody"}), 400, "invalidValue", "manager"),
        (person("A002", title="長" * 81), 400, "invalidValue", "title"),
        (person("A002") | {"name": {"formatted": "王" * 101}}, 400, "invalidValue", "name.formatted"),
        (person("A002") | {"active": "perhaps"}, 400, "invalidValue", "active"),
        ({"schemas": [ENTERPRISE], "userName": "x"}, 400, None, ""),
        ([], 400, "invalidSyntax", ""),
    ]
    for body, status, kind, named in cases:
        answer = scim("POST", "/Users", body)
        said = answer.json()
        assert (answer.status_code, said["status"]) == (status, str(status)), answer.text
        assert named in said["detail"] and (kind is None or said["scimType"] == kind), said
    assert scim("POST", "/Users", {"schemas": [USER], "userName": "x", "name": {"formatted": "x"}}).status_code == 400
    assert scim.client.post("/scim/v2/Users", "{", content_type="application/scim+json").status_code == 400
    assert scim.client.post("/scim/v2/Users", "a\0", content_type="application/scim+json").status_code == 400
    assert scim.client.post("/scim/v2/Users", {"a": "b"}).status_code == 415
    too_long = '"' + "x" * 1_000_001 + '"'
    assert scim.client.post("/scim/v2/Users", too_long, content_type="application/scim+json").status_code == 413
    assert [each["id"] for each in scim.find("userName pr")] == [made["id"]]
    assert User.objects.filter(username__in=["other", "x", "王"]).count() == 0


def test_replace(scim: Scim) -> None:
    """RFC 7644, 3.5.1: what is left out is taken away, what is not to be written is passed over."""
    boss = scim.hire("A000")
    made = scim.hire(title="工程員", emails=[{"value": "ming@cityhall.example"}], manager={"value": boss["id"]})
    assert made[ENTERPRISE]["manager"]["$ref"].endswith(f"/scim/v2/Users/{boss['id']}")
    answer = scim("PUT", f"/Users/{made['id']}", person(title="科員", displayName="不是我", id="not-mine"))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["title"], said["displayName"], said["id"]) == ("科員", "王小明", made["id"])
    assert "emails" not in said and "manager" not in said[ENTERPRISE]
    assert said["meta"]["version"] != made["meta"]["version"]


PATCHES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("3.5.2.1 add with a path", {"op": "add", "path": "title", "value": "技正"}, {"title": "技正"}),
    ("3.5.2.1 add without a path", {"op": "add", "value": {"title": "技正", "active": False}},
     {"title": "技正", "active": False}),
    ("3.5.2.1 add to several values", {"op": "add", "path": "emails", "value": [{"value": "b@b.example"}]}, {}),
    ("3.5.2.2 remove", {"op": "remove", "path": "title"}, {"title": None}),
    ("3.5.2.2 remove by a value path", {"op": "remove", "path": 'emails[type eq "work"]'}, {"emails": None}),
    ("3.5.2.3 replace", {"op": "replace", "path": "name.formatted", "value": "王大明"}, {"displayName": "王大明"}),
    ("3.5.2.3 replace by a value path",
     {"op": "replace", "path": 'emails[type eq "work"].value', "value": "c@c.example"},
     {"emails": [{"value": "c@c.example", "type": "work", "primary": True}]}),
    ("3.5.2.3 replace without a path", {"op": "replace", "value": {f"{ENTERPRISE}:department": "橋梁科"}},
     {ENTERPRISE: {"employeeNumber": "A001", "department": "橋梁科"}}),
    ("an extension's attribute by its URN", {"op": "replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "A9"},
     {ENTERPRISE: {"employeeNumber": "A9", "department": "道路科"}}),
    ("capitals of other clients", {"op": "Replace", "path": "active", "value": "False"}, {"active": False}),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "expected"), [case[1:] for case in PATCHES], ids=[case[0] for case in PATCHES])
def test_patch(scim: Scim, operation: dict[str, Any], expected: dict[str, Any]) -> None:
    made = scim.hire(title="工程員", department="道路科", emails=[{"value": "a@a.example", "type": "work"}])
    assert scim.patch(f"/Users/{made['id']}", operation).status_code in (200, 204)
    said = scim("GET", f"/Users/{made['id']}").json()
    assert {name: said.get(name) for name in expected} == expected
    untouched = made.keys() - expected.keys() - {"meta", "name", "emails"}
    assert {name: said.get(name) for name in untouched} == {name: made[name] for name in untouched}


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "groups", "value": []}, "mutability"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "path": 'emails[value co "@b.example"].value', "value": "b@b.example"}, "noTarget"),
        ({"op": "replace", "path": "title[", "value": "x"}, "invalidPath"),
        ({"op": "jump", "path": "title", "value": "x"}, None),
    ],
)
def test_a_patch_that_is_refused_changes_nothing(scim: Scim, operation: dict[str, Any], kind: str | None) -> None:
    made = scim.hire(emails=[{"value": "a@a.example", "type": "work"}])
    answer = scim.patch(f"/Users/{made['id']}", {"op": "add", "path": "title", "value": "技正"}, operation)
    assert answer.status_code == 400 and (kind is None or answer.json()["scimType"] == kind), answer.text
    assert scim("GET", f"/Users/{made['id']}").json() == made


def test_versions(scim: Scim) -> None:
    """RFC 7644, 3.14: If-Match and If-None-Match."""
    made = scim.hire()
    path, version = f"/Users/{made['id']}", made["meta"]["version"]
    assert scim("GET", path, **{"If-None-Match": version}).status_code == 304
    title = {"op": "add", "path": "title", "value": "技正"}
    assert scim.patch(path, title, **{"If-Match": version}).status_code in (200, 204)
    again = scim.patch(path, title | {"value": "技士"}, **{"If-Match": version})
    assert again.status_code == 412 and again.json()["status"] == "412"
    assert scim("DELETE", path, **{"If-Match": version}).status_code == 412
    assert scim("GET", path).json()["title"] == "技正"


def test_delete_closes_the_account_and_the_row_stays(scim: Scim) -> None:
    """RFC 7644, 3.6: the resource is gone for its clients."""
    made = scim.hire()
    group = scim.patch(
        "/Groups/pwb-roads.case_officer", {"op": "add", "path": "members", "value": [{"value": made["id"]}]}
    )
    assert group.status_code == 204
    assert scim("DELETE", f"/Users/{made['id']}").status_code == 204
    for method in ("GET", "DELETE"):
        assert scim(method, f"/Users/{made['id']}").status_code == 404
    assert scim.find("userName pr") == []
    staff = StaffRecord.objects.get()
    assert not staff.user.is_active and staff.removed_at and staff.until == today()
    back = scim.hire(title="回任")
    assert back["id"] != made["id"] and back["active"] is True and "groups" not in back
    assert StaffRecord.objects.get().user == staff.user


def test_the_service_says_what_it_is(scim: Scim) -> None:
    """RFC 7644, 4; RFC 7643, 5 to 7."""
    stranger = Client()
    config = stranger.get("/scim/v2/ServiceProviderConfig").json()
    on = {name for name in ("patch", "bulk", "filter", "changePassword", "sort", "etag") if config[name]["supported"]}
    assert on == {"patch", "filter", "sort", "etag"} and config["filter"]["maxResults"] == 200
    assert stranger.get("/scim/v2/Schemas").status_code == 401
    schemas = {each["id"]: each for each in scim("GET", "/Schemas").json()["Resources"]}
    assert USER in schemas and "password" not in {each["name"] for each in schemas[USER]["attributes"]}
    assert {each["id"] for each in scim("GET", "/ResourceTypes").json()["Resources"]} == {"User", "Group"}
    for method, path, status in (
        ("POST", "/Bulk", 501), ("GET", "/Me", 501), ("GET", "/Nothing", 404), ("GET", "/Users/nobody", 404),
        ("GET", "/", 501), ("PATCH", "/Users", 405), ("GET", "/Schemas?filter=id", 403),
    ):  # fmt: skip
        answer = scim(method, path, {} if method != "GET" else None)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_attributes_are_chosen(scim: Scim) -> None:
    """RFC 7644, 3.9."""
    made = scim.hire(title="工程員", department="道路科")
    only = scim("GET", f"/Users/{made['id']}?attributes=title,{ENTERPRISE}:department").json()
    assert only.keys() == {"schemas", "id", "title", ENTERPRISE} and only[ENTERPRISE] == {"department": "道路科"}
    assert "title" not in scim("GET", f"/Users/{made['id']}?excludedAttributes=title").json()


def test_a_list_takes_as_many_statements_for_one_as_for_twenty(scim: Scim) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as said:
            assert scim("GET", path).status_code == 200
        return len(said)

    for path in ("/Users", "/Groups", "/Groups?filter=members pr"):
        asked(path)  # the directory is remembered
    first = scim.hire()
    one = [asked("/Users"), asked("/Groups")]
    everyone = [scim.hire(f"B{number:03}", manager={"value": first["id"]})["id"] for number in range(20)]
    adding = [{"op": "add", "path": "members", "value": [{"value": each} for each in everyone]}]
    for group in ("pwb-roads.case_officer", "pwb-roads.unit_head"):
        assert scim.patch(f"/Groups/{group}", *adding).status_code == 204
    assert [asked("/Users"), asked("/Groups")] == one
