"""A personnel system: a key with the scope, whose owner answers for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from identity.actions import issue_key
from identity.permissions import PROVISION

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture
def program(staff: Callable[..., Any], settings: Any) -> str:
    """The text of a key."""
    settings.CITYHALL_RATE_LIMIT_FACTOR = 1_000_000
    owner = staff("personnel_officer", name="人事處")
    return issue_key(owner, owner, name="人事系統", scopes=[PROVISION], per_minute=100_000, per_day=1_000_000)[1]


class Scim:
    """A client that speaks SCIM and nothing else."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.client = Client(headers={"Authorization": f"Bearer {key}"})

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        kind = "application/scim+json"
        data = {"data": body, "content_type": kind} if body is not None else {}
        send = getattr(self.client, method.lower())
        if method == "GET":
            return send(f"/scim/v2{path}", headers=headers)
        return send(f"/scim/v2{path}", **data, headers=headers)

    def hire(self, number: str = "A001", **more: Any) -> dict[str, Any]:
        """A new person; the answer."""
        answer = self("POST", "/Users", person(number, **more))
        assert answer.status_code == 201, answer.text
        return answer.json()

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> Any:
        """A PATCH with these operations."""
        return self("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)

    def find(self, text: str, kind: str = "Users", **more: Any) -> list[dict[str, Any]]:
        """What a filter finds."""
        answer = self.client.get(f"/scim/v2/{kind}", {"filter": text, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()["Resources"] if answer.json()["totalResults"] else []


def person(number: str = "A001", **more: Any) -> dict[str, Any]:
    """The body that makes somebody."""
    known = {name: more.pop(name) for name in ("organization", "department", "manager") if name in more}
    return {
        "schemas": [USER, ENTERPRISE],
        "userName": f"u{number.lower()}",
        "name": {"formatted": "王小明"},
        ENTERPRISE: {"employeeNumber": number, **known},
    } | more


@pytest.fixture
def scim(program: str) -> Scim:
    """The personnel system."""
    return Scim(program)
