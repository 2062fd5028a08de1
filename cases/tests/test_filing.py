"""A report comes in: what belongs to it commits with it, and costs a known number of statements."""

import re
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.actions.filing import Filing, Reporter, file_case
from cases.models import Case, CaseEvent, Contact
from messages.models import Message
from search.queries import matching
from search.registry import searchable

pytestmark = pytest.mark.django_db


def test_a_report_is_a_case_with_all_that_belongs_to_it(report):
    case = report(email="Someone@Example.com")
    assert re.fullmatch(r"D1\d\d-\d{7}", case.number)
    assert case.unit.code == "pwb-roads"
    assert case.district.name == "苓雅區"
    assert case.village_id.startswith(case.district_id)
    assert (case.due_at - case.received_at).total_seconds() == 4 * 3600
    assert [event.verb for event in CaseEvent.objects.filter(case=case)] == ["file"]
    assert Contact.objects.get(case=case).email == "Someone@Example.com"
    assert Case.objects.filter(matching("cases.case", "面破一個")).get() == case
    message = Message.objects.get(topic="cases.case", topic_id=case.pk)
    assert str(case.number) in message.body and case.secret[:4] in message.body
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM cases_contact WHERE case_id = %s", [case.pk])
        assert "example" not in cursor.fetchone()[0].lower()  # encrypted where it lies


def test_filing_costs_at_most_nine_statements(report):
    report(email="warm@example.com")  # what a process reads once
    with CaptureQueriesContext(
        connection,
    ) as queries:
        report_ = Filing(
            kind_code="pothole", lon=120.31, lat=22.62, submission=uuid4(), reporter=Reporter(email="a@example.com"),
            fields=dict(Case.objects.latest("pk").fields),
        )  # fmt: skip
        file_case(report_)
    counted = [q["sql"] for q in queries if 'FROM "cases_case"' not in q["sql"] or "INSERT" in q["sql"]]
    assert len(counted) <= 10, counted  # with the savepoint's two


def test_the_same_submission_twice_is_one_case(report):
    submission = uuid4()
    first, second = report(submission=submission), report(submission=submission)
    assert first.pk == second.pk
    assert Case.objects.count() == 1


def test_a_kind_that_needs_a_contact_refuses_an_anonymous_report(report, city, monkeypatch):
    from dataclasses import replace

    from cases.registry import kinds

    monkeypatch.setitem(kinds(), "pothole", replace(kinds()["pothole"], anonymous=False))
    with pytest.raises(ValidationError) as refused:
        report()
    assert "email" in refused.value.message_dict
    assert not Case.objects.exists()
    assert report(phone="0912345678")


def test_unknown_kinds_and_answers_are_refused_by_name(report):
    with pytest.raises(ValidationError) as refused:
        file_case(Filing(kind_code="no-such-kind"))
    assert "kind" in refused.value.message_dict
    with pytest.raises(ValidationError) as refused:
        report("pothole", fields={"size": "as large as the moon"})
    assert set(refused.value.message_dict)
    assert not Case.objects.exists()


def test_numbers_go_on_after_a_failed_filing(report):
    first = report()
    with pytest.raises(RuntimeError), transaction.atomic():
        report()
        raise RuntimeError
    third = report()
    # A gap is the price of writers that never wait for a number.
    assert int(third.number[-7:]) == int(first.number[-7:]) + 2


@pytest.mark.parametrize(
    "change",
    [
        {"state": "lost"},
        {"lon": 120.3, "lat": None},
        {"lon": 500.0},
        {"rating": 6},
        {"channel": "pigeon"},
        {"number": "nonsense"},
        {"state": "closed"},
        {"state": "waiting"},
        {"state": "merged"},
        {"done_on": "2022-01-01"},
        {"due_at": "2001-01-01T00:00:00+00:00"},
        {"outcome": "eaten"},
    ],
    ids=str,
)
def test_the_database_refuses_what_cannot_be(report, change):
    case = report()
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**change)
    Case.objects.filter(pk=case.pk).update(description="fine")


def test_the_timeline_cannot_be_rewritten(report):
    event = CaseEvent.objects.get(case=report())
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseEvent.objects.filter(pk=event.pk).update(text="it never happened")
    with pytest.raises(IntegrityError), transaction.atomic():
        event.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_caseevent")
    assert CaseEvent.objects.get(pk=event.pk).text == ""


def test_the_search_knows_where_a_case_is(report):
    case = report()
    declared = searchable("cases.case")
    assert declared.url(case.pk) == f"/desk/cases/{case.number}/"
    assert [key for key, _title, _body in declared.texts(-1, 5)] == [case.pk]
