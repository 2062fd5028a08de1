"""Filters in the database mean what the library says that they mean of one resource (RFC 7644, 3.4.2.2)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scim2_models import ScimFilter

from organisation import directory
from organisation.actions import personnel
from organisation.actions.personnel import Program
from organisation.api.filtering import USERS, Question
from organisation.api.resources import Staff
from organisation.api.staffbook import _users
from organisation.models import StaffRecord
from organisation.tests.scim.conftest import Scim

pytestmark = pytest.mark.django_db

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TEXTS = ["userName", "name.formatted", "displayName", "title", "externalId", "emails", "emails.value", "emails.type",
         "groups", "groups.value", "groups.display", "preferredLanguage", "id", f"{ENTERPRISE}:employeeNumber",
         f"{ENTERPRISE}:department", f"{ENTERPRISE}:organization", f"{ENTERPRISE}:manager.value"]  # fmt: skip
WORDS = ["", "u", "ua1", "UA1", "A1", "a2", "王", "工程員", "x@b.example", "@", "work", "pwb-roads.case_officer", "en",
         "zh-TW", "道路科", "%", "_", "\\", '"', "'", "工務局"]  # fmt: skip


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


_word = st.sampled_from(WORDS).map(_quoted)
_texts = st.builds(
    "{} {} {}".format, st.sampled_from(TEXTS), st.sampled_from("eq ne co sw ew gt ge lt le".split()), _word
)
_nulls = st.builds("{} {} null".format, st.sampled_from(TEXTS), st.sampled_from(["eq", "ne"]))
_present = st.builds(
    "{} pr".format,
    st.sampled_from([*TEXTS, "name", "active", "meta", "meta.created", f"{ENTERPRISE}:manager"]),
)
_active = st.builds("active {} {}".format, st.sampled_from(["eq", "ne"]), st.sampled_from(["true", "false"]))
_times = st.builds(
    'meta.{} {} "{}"'.format,
    st.sampled_from(["created", "lastModified"]),
    st.sampled_from("eq ne gt ge lt le".split()),
    st.sampled_from(["2011-05-13T04:42:34Z", "2099-01-01T00:00:00Z"]),
)
_inner = st.recursive(
    st.builds("{} {} {}".format, st.sampled_from(["value", "type"]), st.sampled_from(["eq", "ne", "co", "sw"]), _word),
    lambda inner: st.builds("not ({})".format, inner) | st.builds("({} and {})".format, inner, inner),
    max_leaves=3,
)
_within = st.builds("emails[{}]".format, _inner) | st.builds(
    "groups[{}]".format,
    st.builds("{} {} {}".format, st.sampled_from(["value", "display"]), st.sampled_from(["eq", "ne", "co"]), _word),
)
FILTERS = st.recursive(
    _texts | _nulls | _present | _active | _times | _within,
    lambda inner: (
        st.builds("not ({})".format, inner)
        | st.builds("({} and {})".format, inner, inner)
        | st.builds("{} or {}".format, inner, inner)
    ),
    max_leaves=5,
)


@pytest.fixture
def people(city: Any) -> list[Any]:
    """Some of staff, with much and with little."""
    by = Program(None, "import staff")
    base = {"language": "zh-hant", "name": "王小明"}
    works = {"email": "x@b.example", "title": "工程員", "department": "道路科", "organization": "工務局"}
    first = personnel.hire(by, base | works | {"username": "ua1", "employee_number": "A1"})
    second = personnel.hire(by, base | {"username": "ua2", "employee_number": "a2", "manager": first, "language": "en"})
    third = personnel.hire(by, base | {"username": "u_x", "employee_number": "A3", "external_id": "A1", "name": "%_\\"})
    personnel.close(by, third)
    personnel.join(by, first, directory.unit("pwb-roads"), "case_officer")
    personnel.join(by, second, directory.unit("pwb-roads"), "unit_head")
    personnel.join(by, second, directory.unit("pwb-roads"), "case_officer")
    return [first, second, third]


def test_a_filter_finds_in_the_database_whom_it_matches(people: list[Any]) -> None:
    shown = _users(StaffRecord.objects.select_related("user", "manager").order_by("pk"))

    @settings(max_examples=400, suppress_health_check=list(HealthCheck))
    @given(FILTERS)
    def check(text: str) -> None:
        asked = ScimFilter[Staff](text)
        found = StaffRecord.objects.filter(Question(USERS).visit(asked.ast))
        assert {str(each.uid) for each in found} == {each.id for each in shown if asked.match(each)}, text

    check()


# RFC 7644, figure 2: the examples of filters, in the order of the standard. What is not kept here cannot be asked for.
RFC = {
    'userName eq "bjensen"': ["bjensen"],
    'name.formatted co "O\'Malley"': ["malley"],
    'userName sw "J"': ["jsmith"],
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"': ["jsmith"],
    "title pr": ["bjensen"],
    'meta.lastModified gt "2011-05-13T04:42:34Z"': ["bjensen", "jsmith", "malley"],
    'meta.lastModified ge "2011-05-13T04:42:34Z"': ["bjensen", "jsmith", "malley"],
    'meta.lastModified lt "2011-05-13T04:42:34Z"': [],
    'meta.lastModified le "2011-05-13T04:42:34Z"': [],
    'title pr and preferredLanguage eq "en"': ["bjensen"],
    'title pr or preferredLanguage eq "zh-TW"': ["bjensen", "jsmith", "malley"],
    'preferredLanguage eq "en" and (emails co "example.com" or emails.value co "example.org")': ["bjensen"],
    'preferredLanguage ne "en" and not (emails co "example.com" or emails.value co "example.org")': ["malley"],
    'preferredLanguage eq "en" and (emails.type eq "work")': ["bjensen"],
    'emails[type eq "work" and value co "@example.com"]': ["bjensen", "jsmith"],
    'emails[type eq "work" and value co "@example.com"] or title pr': ["bjensen", "jsmith"],
}


def test_the_examples_of_the_standard(scim: Scim) -> None:
    scim.hire("1", userName="bjensen", title="Tour Guide", preferredLanguage="en", emails=[{"value": "b@example.com"}])
    scim.hire("2", userName="jsmith", emails=[{"value": "j@example.com", "type": "work"}])
    scim.hire("3", userName="malley", name={"formatted": "O'Malley"})
    for text, expected in RFC.items():
        assert sorted(each["userName"] for each in scim.find(text)) == expected, text


@pytest.mark.parametrize(
    "wrong",
    ["userName", "userName eq", "userName xx 1", "(userName pr", "nothing eq 1", 'active gt true', "meta.version pr",
     'userName eq "a" and', "emails[", 'emails[nothing eq "a"]', "schemas pr", "name.familyName pr",
     "groups.nothing pr"],
)  # fmt: skip
def test_a_wrong_filter_is_said_to_be_one(scim: Scim, wrong: str) -> None:
    answer = scim.client.get("/scim/v2/Users", {"filter": wrong})
    assert answer.status_code == 400 and answer.json()["scimType"] == "invalidFilter", answer.text


def test_sorted_and_paged(scim: Scim) -> None:
    for number, title in (("1", "b"), ("2", ""), ("3", "A"), ("4", "c")):
        scim.hire(number, title=title)

    def numbers(**asked: Any) -> tuple[list[str], int]:
        said = scim.client.get("/scim/v2/Users", asked).json()
        return [each["userName"] for each in said.get("Resources", [])], said["totalResults"]

    assert numbers(sortBy="title") == (["u3", "u1", "u4", "u2"], 4)
    assert numbers(sortBy="title", sortOrder="descending") == (["u2", "u4", "u1", "u3"], 4)
    assert numbers(sortBy="userName", startIndex=2, count=2) == (["u2", "u3"], 4)
    assert numbers(count=0) == ([], 4) and numbers(startIndex=9) == ([], 4)
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "title pr", "count": 1,
            "attributes": ["userName"], "sortBy": "userName"}  # fmt: skip
    said = scim("POST", "/Users/.search", body).json()
    assert (said["totalResults"], said["itemsPerPage"]) == (3, 1)
    assert said["Resources"][0].keys() == {"schemas", "id", "userName"}
