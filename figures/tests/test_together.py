"""Many questions at once have the answers that each has alone, for fewer statements."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from figures import actions, queries
from figures.registry import Period, registry
from figures.tests.slips import Slip
from figures.together import Question, answers
from foundation.clock import TAIPEI

YEAR, MONTHS = Period.year(2022), tuple(Period.year(2022).months)


@pytest.fixture
def counted(slips):
    """Forty slips of 2022, and it is the spring after."""
    with time_machine.travel(datetime(2023, 3, 15, 12, tzinfo=TAIPEI), tick=False):
        yield _counted()


def _counted() -> None:
    for n in range(40):
        at = datetime(2022, 1 + n % 12, 1 + n % 27, 9, tzinfo=TAIPEI)
        done = at + timedelta(days=n) if n % 3 else None
        Slip.objects.create(
            kind=("pothole", "light")[n % 2], district=("E", "W", None)[n % 3], received_at=at, received_on=at.date(),
            due_at=at + timedelta(days=10), done_at=done, done_on=done and done.date(),
        )  # fmt: skip
    actions.rebuild()


QUESTIONS = [
    Question(("slips.received", "slips.on_time_share"), MONTHS),
    Question(("slips.received", "slips.open"), (YEAR,), ("district",)),
    Question(("slips.received",), (YEAR,), ("kind",), {"district": "E"}),
    Question(("slips.open",), MONTHS, (), {"kind": "light"}),
    Question(("slips.hours",), (YEAR, *MONTHS), ("kind",)),
    Question(("slips.open",), (Period.year(2023), Period.month(2023, 3)), ("kind",)),
]


@pytest.mark.django_db
@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_together_is_as_alone(counted, question):
    (place,) = [n for n, each in enumerate(QUESTIONS) if each is question]
    answer = answers(QUESTIONS)[place]
    for code in question.codes:
        for period in question.periods:
            alone = queries.value(code, period, **question.dims)
            assert answer.reading(code, period) == alone
            assert answer.exact(code, period) == alone.exact
            for by in question.by:
                rows = queries.table([code], period, by, **question.dims).rows
                assert {member for member, _label in answer.members(by)} >= {row.member for row in rows}
                for row in rows:
                    assert answer.reading(code, period, by, row.member) == row.reading, (code, period, row.member)


@pytest.mark.django_db
def test_what_is_stored_costs_one_statement(counted):
    with CaptureQueriesContext(connection) as said:
        answers(QUESTIONS[:3])
    alone = len(said)
    with CaptureQueriesContext(connection) as said:
        answers(QUESTIONS)
    # The open ones of months without any are counted in one more, and those of the time that runs in another.
    assert alone == 1 and len(said) <= 4


def test_what_a_figure_does_not_have_is_refused(slips):
    with pytest.raises(LookupError, match="colour"):
        answers([Question(("slips.received",), (YEAR,), ("colour",))])
    assert registry.figure("slips.received")
