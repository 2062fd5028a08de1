import csv
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.test import Client

from identity import registry
from identity.actions import disclose
from identity.models import Disclosure, User
from identity.tests.conftest import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(holder: Any) -> User:
    return holder("case_officer", username="officer", name="王承辦")


def read_csv(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(text.splitlines()))


def test_a_disclosure_is_kept_as_it_was_and_cannot_be_changed(officer: User) -> None:
    entry = disclose(officer, "case", "D111-0099781", ["name", "phone"], "回電確認地點", client="192.0.2.1")
    assert (entry.capacity, entry.fields) == ("承辦人員", ["name", "phone"])
    for change in (
        lambda: Disclosure.objects.update(purpose="別的"),
        lambda: Disclosure.objects.all().delete(),
        lambda: entry.delete(),
        lambda: setattr(entry, "purpose", "別的") or entry.save(),
    ):
        with pytest.raises(IntegrityError, match="identity_disclosure is append-only"), transaction.atomic():
            change()
    assert Disclosure.objects.get().purpose == "回電確認地點"


def test_it_names_fields_and_a_purpose_or_is_refused(officer: User) -> None:
    for fields, purpose, constraint in (
        ([], "理由", "disclosure_names_fields"),
        (["name"], "", "disclosure_has_purpose"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            disclose(officer, "case", 7, fields, purpose)
    assert disclose(officer, "case", 7, ["name"], "理由").pk


def test_it_is_one_statement_beside_the_grants(officer: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        disclose(officer, "case", 7, ["name"], "理由")


def test_auditors_see_all_and_others_their_own(officer: User, holder: Any) -> None:
    other, auditor = holder("call_agent"), holder("auditor")
    mine, theirs = disclose(officer, "case", 1, ["name"], "一"), disclose(other, "user", officer.pk, ["name"], "二")
    third = disclose(other, "case", 2, ["name"], "三")
    assert set(Disclosure.objects.visible_to(auditor)) == {mine, theirs, third}
    assert set(Disclosure.objects.visible_to(officer)) == {mine, theirs}
    assert set(Disclosure.objects.visible_to(other)) == {theirs, third}


def test_auditors_find_entries_and_take_the_same_ones_as_csv(
    as_: Callable[..., Client], officer: User, holder: Any
) -> None:
    other = holder("call_agent", username="agent", name="=HYPERLINK(1)")
    # 2022-03-07 23:30 in Taipei is still the 7th; in UTC, too. 2022-03-08 00:30 in Taipei is the 7th in UTC.
    with time_machine.travel("2022-03-07T23:30:00+08:00"):
        disclose(officer, "case", "D111-0000001", ["name"], "第一筆")
    with time_machine.travel("2022-03-08T00:30:00+08:00"):
        disclose(other, "user", "5", ["email"], "@第二筆", client="192.0.2.1")
    client = as_("auditor")
    finds = {
        "": {"第一筆", "第二筆"},
        "actor=OFFICER": {"第一筆"},
        "subject=user": {"第二筆"},
        "subject_id=D111-0000001": {"第一筆"},
        "first=2022-03-08": {"第二筆"},
        "last=2022-03-07": {"第一筆"},
        "first=2022-03-07&last=2022-03-08": {"第一筆", "第二筆"},
        "actor=nobody": set(),
    }
    for query, expected in finds.items():
        page = client.get(f"/disclosures/?{query}").content.decode()
        assert {word for word in ("第一筆", "第二筆") if word in page} == expected, query
        rows = read_csv(client.get(f"/disclosures.csv?{query}"))[1:]
        assert {row[7].lstrip("'@") for row in rows} == expected, query
    assert "沒有符合的紀錄" in client.get("/disclosures/?actor=nobody").content.decode()

    rows = read_csv(client.get("/disclosures.csv"))
    assert rows[0][0] == "時間" and rows[1][0] == "2022-03-08T00:30:00+08:00"
    assert rows[1][2] == "'=HYPERLINK(1)" and rows[1][7] == "'@第二筆"  # no formula for the spreadsheet
    assert rows[1][4:7] == ["帳號", "5", "電子郵件"] and rows[2][5] == "D111-0000001"


def test_a_wrong_filter_finds_nothing_and_says_so(as_: Callable[..., Client], officer: User) -> None:
    disclose(officer, "case", 1, ["name"], "第一筆")
    client = as_("auditor")
    for query, complaint in {
        "first=2022-03-08&last=2022-03-07": "結束日期不能早於開始日期。",
        "first=yesterday": "",
        "subject=secrets": "",
    }.items():
        for address in ("/disclosures/", "/disclosures.csv"):
            answer = client.get(f"{address}?{query}")
            assert answer.status_code == 422 and complaint in answer.content.decode()
            assert "第一筆" not in answer.content.decode()


def test_the_list_takes_the_same_queries_at_one_entry_and_at_twenty(as_: Callable[..., Client], officer: User) -> None:
    client = as_("auditor")
    disclose(officer, "case", 1, ["name"], "理由")
    at_one = queries(client, "/disclosures/")
    for _ in range(19):
        disclose(officer, "case", 1, ["name"], "理由")
    assert queries(client, "/disclosures/") == at_one
    assert client.get("/disclosures/").content.decode().count("理由") == 20


def test_only_auditors_read_the_log(as_: Callable[..., Client], officer: User) -> None:
    for address in ("/disclosures/", "/disclosures.csv"):
        assert as_("auditor").get(address).status_code == 200
        for role in ("controller", "system_administrator", "case_officer"):
            assert as_(role).get(address).status_code == 403


def test_words_are_declared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for code in tuple(registry._subjects):
        monkeypatch.delitem(registry._subjects, code)
    registry.declare("case", "案件", {"phone": "電話"})
    with pytest.raises(ImproperlyConfigured, match="declared twice"):
        registry.declare("case", "別的", {})
    assert registry.subject_label("case") == "案件" and registry.subject_label("unknown") == "unknown"
    assert registry.field_labels("case", ["phone", "shoe_size"]) == ["電話", "shoe_size"]
    assert registry.field_labels("unknown", ["phone"]) == ["phone"]
