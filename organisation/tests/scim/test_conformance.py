"""Clients written by others, against a live server: the conformance tester of scim2-tester, and a client library."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import PatchOp, PatchOperation, SearchRequest
from scim2_tester import Status, check_server

from organisation.api.resources import PROVIDER, Group, Staff
from organisation.models import StaffRecord
from organisation.tests.scim.conftest import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# What the tester finds and the city hall means: an account always has a language and is open or not, so what is removed
# becomes the default (RFC 7643, 2.5); and of one address the primary one is that one.
MEANT = (
    "Attribute 'preferredLanguage' was not removed",
    "Attribute 'active' was not removed",
    "Attribute 'emails' was not",
    "Attribute 'emails.primary' was not",
)


@pytest.fixture
def client(live_server: Any, program: str) -> Any:
    cache.clear()
    headers = {"Authorization": f"Bearer {program}"}
    with Client(base_url=f"{live_server.url}/scim/v2", headers=headers, timeout=60) as http:
        yield SyncSCIMClient(http)


def test_the_conformance_tester_finds_no_error_with_people_and_the_service_itself(client: Any) -> None:
    results = check_server(client, resource_types=["User"])
    bad = [result for result in results if result.status in (Status.ERROR, Status.CRITICAL)]
    bad = [result for result in bad if not (result.reason or "").startswith(MEANT)]
    assert not bad, "\n".join(f"{result.title}: {result.reason}" for result in bad)
    strange = [result for result in results if result.status == Status.DEVIATION]
    assert not strange, "\n".join(f"{result.title}: {result.reason}" for result in strange)
    assert len([result for result in results if result.status == Status.SUCCESS]) > 30


def test_a_client_library_manages_people_and_groups(client: Any) -> None:
    client.provider = PROVIDER
    made = client.create(Staff.model_validate(person("B7", title="工程員")))
    asked = SearchRequest(filter='userName eq "UB7"', attributes=["title"])
    (found,) = client.query(Staff, query_parameters=asked).resources
    assert found.id == made.id and found.title == "工程員" and found.name is None
    made.title = "科員"
    assert client.replace(made).title == "科員"
    group = client.query(Group, "pwb-roads.case_officer")
    assert not group.members
    joining = PatchOperation(op="add", path="members", value=[{"value": made.id}])
    client.modify(Group, group.id, PatchOp[Group](operations=[joining]))
    assert [member.value for member in client.query(Group, group.id).members] == [made.id]
    assert [each.value for each in client.query(Staff, made.id).groups] == [group.id]
    leaving = PatchOperation(op="remove", path=f'members[value eq "{made.id}"]')
    client.modify(Group, group.id, PatchOp[Group](operations=[leaving]))
    assert not client.query(Group, group.id).members
    client.delete(Staff, made.id)
    staff = StaffRecord.objects.get(employee_number="B7")
    assert staff.removed_at and not staff.user.is_active
