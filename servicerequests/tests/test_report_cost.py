"""What filing costs: at most twelve SQL statements, whoever files."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Contact
from cases.registry import kind
from identity.factories import person
from servicerequests.tests.walking import IN_LINGYA, Walker, picture

LIMIT = 12


def ready(walker: Walker, code: str = "pothole", **contact: str) -> dict[str, str]:
    """A report that only wants sending: what its last page sends."""
    walker.what(kind(code)).where(point=f"{IN_LINGYA[1]}, {IN_LINGYA[0]}").send().send(**contact)
    return walker.form("draft").values


@pytest.fixture
def open_mail(settings) -> None:
    """With a mail server a letter is a job as well."""
    settings.MAIL_URL = "smtp://localhost:2525"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("open_mail")
def test_filing_takes_at_most_twelve_statements(walker: Walker) -> None:
    warm = ready(walker, "noise", email="first@example.com")
    assert walker.client.post("/report/send/", warm).status_code == 302
    values = ready(walker, email="a@example.com", name="王小明")
    with CaptureQueriesContext(connection) as said:
        response = walker.client.post("/report/send/", values)
    assert response.status_code == 302
    assert Case.objects.count() == Contact.objects.count() == 2
    statements = [query["sql"] for query in said.captured_queries]
    assert statements.count("BEGIN") == statements.count("COMMIT") == 1
    assert len(statements) <= LIMIT, statements
    for written in (
        "cases_case",
        "cases_contact",
        "cases_caseevent",
        "search_entry",
        "citymessages_message",
        "procrastinate_jobs",
    ):
        assert any(re.search(rf'INSERT INTO "?{written}\b', s) for s in statements), (written, statements)
    assert not any("django_session" in s or "identity_user" in s for s in statements), statements


@pytest.mark.django_db(transaction=True)
def test_photos_are_one_statement_however_many(walker: Walker) -> None:
    def cost(photos: int) -> int:
        colours = ("red", "blue", "green", "yellow")[:photos]
        walker.what(kind("street_light")).where()
        walker.send(files={"photos": [picture(colour) for colour in colours]}).send()
        values = walker.form("draft").values
        with CaptureQueriesContext(connection) as said:
            walker.client.post("/report/send/", values)
        return len(said)

    cost(0)
    assert cost(1) == cost(4) <= LIMIT


@pytest.mark.django_db(transaction=True)
def test_pages_before_the_last_write_nothing_but_the_rate_limit(walker: Walker) -> None:
    walker.what(kind("pothole"))
    with CaptureQueriesContext(connection) as said:
        walker.where()
    writing = [
        query["sql"] for query in said.captured_queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
    ]
    assert [sql for sql in writing if "foundation_ratecount" not in sql] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("open_mail")
def test_whoever_is_signed_in_costs_the_session_and_the_account_more(walker: Walker) -> None:
    walker.client.force_login(person(email="me@example.com"))
    values = ready(walker)
    with CaptureQueriesContext(connection) as said:
        assert walker.client.post("/report/send/", values).status_code == 302
    assert len(said) <= LIMIT + 2
