"""A typhoon day is declared, changed and withdrawn; nothing of it is lost."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from foundation.clock import now
from identity.factories import person
from identity.models import User
from identity.permissions import ROLES
from organisation.actions import declare_closure, revoke_closure
from organisation.calendar import working_calendar
from organisation.models import CalendarOverride, Membership
from organisation.pack import Pack

LINGYA, NAMAXIA = "64000080", "64000380"
FRIDAY = date(2022, 3, 4)


@pytest.fixture
def controller(city: Pack) -> User:
    user = person()
    role = next(code for code, role in ROLES.items() if "city:calendar:declare" in role.permissions)
    Membership.objects.create(user=user, role=role, since=date(2020, 1, 1))
    connection.cursor().execute("DELETE FROM procrastinate_jobs")  # those of the loading itself
    return user


def jobs() -> list[dict[str, Any]]:
    """The arguments of the jobs that wait, and how many seconds until they may run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args::text, scheduled_at FROM procrastinate_jobs"
            " WHERE task_name = 'cases.recompute_deadlines' ORDER BY id"
        )
        return [{**json.loads(args), "wait": (at - now()).total_seconds()} for args, at in cursor.fetchall()]


def test_a_declared_day_is_closed_at_once_in_its_districts(controller: User) -> None:
    working_calendar(NAMAXIA)
    new = declare_closure(controller, FRIDAY, [NAMAXIA, NAMAXIA], "closed", "颱風", "市府公告")
    assert [(o.date, o.district_id, o.kind, o.declared_by) for o in new] == [(FRIDAY, NAMAXIA, "closed", controller)]
    assert not working_calendar(NAMAXIA).is_working_day(FRIDAY)
    assert working_calendar(LINGYA).is_working_day(FRIDAY)


def test_deadlines_are_computed_again_when_every_process_knows(controller: User) -> None:
    declare_closure(controller, FRIDAY, [NAMAXIA], "closed", "颱風停止上班", "市府公告")
    declare_closure(controller, FRIDAY + timedelta(days=3), None, "afternoon_closed", "颱風停止上班", "市府公告")
    first, second = jobs()
    assert first["districts"] == [NAMAXIA]
    assert first["reason"] == "111 年 3 月 4 日 颱風停止上班"
    assert second["districts"] is None
    assert 10 < first["wait"] < 30


def test_the_same_declaration_again_changes_nothing(controller: User) -> None:
    for expected in (1, 0):
        assert len(declare_closure(controller, FRIDAY, None, "closed", "颱風", "市府公告")) == expected
    assert CalendarOverride.objects.filter(date=FRIDAY).count() == 1
    assert len(jobs()) == 1


def test_another_declaration_takes_its_place_and_the_first_one_stays_on_record(controller: User) -> None:
    declare_closure(controller, FRIDAY, None, "afternoon_closed", "颱風", "第一次公告")
    declare_closure(controller, FRIDAY, None, "closed", "颱風", "第二次公告")
    first, second = CalendarOverride.objects.filter(date=FRIDAY).order_by("id")
    assert first.revoked_by == controller
    assert first.revoked_at is not None
    assert second.revoked_at is None
    assert not working_calendar().is_working_day(FRIDAY)


def test_a_declaration_may_be_withdrawn_once(controller: User) -> None:
    (override,) = declare_closure(controller, FRIDAY, [NAMAXIA], "closed", "颱風", "市府公告")
    revoke_closure(controller, override, "颱風轉向")
    withdrawn = CalendarOverride.objects.get(pk=override.pk)
    assert working_calendar(NAMAXIA).is_working_day(FRIDAY)
    assert [job["reason"] for job in jobs()][1] == "111 年 3 月 4 日 的停班宣告撤回：颱風轉向"
    revoke_closure(controller, override, "再一次")
    assert CalendarOverride.objects.get(pk=override.pk).revoked_at == withdrawn.revoked_at
    assert len(jobs()) == 2


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", {"kind": "shut"}),
        ("districts", {"districts": ["63000010"]}),
        ("districts", {"districts": []}),
        ("reason", {"reason": " "}),
        ("source", {"source": ""}),
    ],
)
def test_what_makes_no_sense_is_refused(controller: User, field: str, values: dict[str, Any]) -> None:
    good: dict[str, Any] = {"districts": None, "kind": "closed", "reason": "颱風", "source": "市府公告"}
    with pytest.raises(ValidationError) as refused:
        declare_closure(controller, FRIDAY, **{**good, **values})
    assert list(refused.value.message_dict) == [field]
    assert not CalendarOverride.objects.filter(date=FRIDAY).exists()
    assert len(declare_closure(controller, FRIDAY, **good)) == 1


def test_who_may_not_is_refused_and_the_operator_may(controller: User) -> None:
    with pytest.raises(PermissionDenied):
        declare_closure(person(), FRIDAY, None, "closed", "颱風", "市府公告")
    (override,) = declare_closure(None, FRIDAY, None, "closed", "颱風", "市府公告")
    with pytest.raises(PermissionDenied):
        revoke_closure(person(), override, "不是我")
    with pytest.raises(ValidationError):
        revoke_closure(controller, override, "")
    assert CalendarOverride.objects.get(pk=override.pk).revoked_at is None
