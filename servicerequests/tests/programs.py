"""Keys, and programs that use them, for the tests of the API."""

from __future__ import annotations

import json
from typing import Any

import xmltodict
from django.test import Client

from identity.actions import issue_key
from identity.factories import person
from identity.models import ApiKey
from identity.permissions import KEY_SCOPES

V2 = "/open311/v2"
HERE = {"lat": "22.6205", "long": "120.3121"}
# What a report needs: a kind with one required question, and a place in the city.
POTHOLE = {"service_code": "pothole", "attribute[size]": "wheel", **HERE}
HOSTILE = '<b>&amp;"]]>\x0b\ufffe 高雄 \U00030000 </description><status>closed</status>'


def new_key(**differs: Any) -> tuple[ApiKey, str]:
    """A key that may do everything that keys may, and its text."""
    terms = {"name": "里長 App", "scopes": [*KEY_SCOPES], "per_minute": 10_000, "per_day": 1_000_000} | differs
    return issue_key(person(name="王管理"), person(name="林開發"), **terms)


class Program(Client):
    """A client with a key that reads JSON and, beside it, checks that XML says the same."""

    def __init__(self, text: str = "", **defaults: Any) -> None:
        super().__init__(**defaults)
        self.text = text

    def send(self, status: int = 200, headers: dict[str, str] | None = None, **form: Any) -> list[dict[str, Any]]:
        """File a report; the answer, which must have that status."""
        answer = self.post(f"{V2}/requests.json", {"api_key": self.text, **form}, headers=headers)
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content)

    def read(self, path: str, expected: int = 200, /, **query: str) -> Any:
        """Get something in JSON."""
        answer = self.get(f"{V2}/{path}.json", query)
        assert answer.status_code == expected, answer.content.decode()
        assert answer["Content-Type"] == "application/json; charset=utf-8"
        return json.loads(answer.content)

    def read_xml(self, path: str, expected: int = 200, /, **query: str) -> Any:
        """The same in XML, as a parser of somebody else's understands it."""
        answer = self.get(f"{V2}/{path}.xml", query)
        assert answer.status_code == expected, answer.content.decode()
        assert answer["Content-Type"] == "text/xml; charset=utf-8"
        return xmltodict.parse(answer.content)
