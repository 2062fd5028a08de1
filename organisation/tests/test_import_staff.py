"""The list of the personnel system: once however often, moves by ending and beginning, reasons for refused lines."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from foundation.imports import Report, get, run
from identity.models import AccountEvent, User
from identity.tests import letters
from organisation import directory
from organisation.imports.staff import STAFF
from organisation.models import Membership, StaffRecord
from organisation.tasks import close_accounts_of_leavers

pytestmark = pytest.mark.django_db

type Load = Callable[..., tuple[Report, list[dict[str, str]]]]


@pytest.fixture
def load(city: Any, tmp_path: Path, settings: Any) -> Load:
    """``load(line("A1", unit="pwb-roads"), …)``: import lines; the report, and what was rejected."""
    settings.LETTERS = "identity.tests.letters.keep"
    letters.SENT.clear()

    def load(*lines: dict[str, str], dry_run: bool = False) -> tuple[Report, list[dict[str, str]]]:
        file, rejects = tmp_path / "staff.csv", tmp_path / "rejects.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, [column.name for column in STAFF.columns])
            writer.writeheader()
            writer.writerows(lines)
        rejects.unlink(missing_ok=True)
        report = run(get("staff"), file, rejects=rejects, dry_run=dry_run)
        assert report.read == report.imported + report.unchanged + report.rejected
        if not rejects.exists():
            return report, []
        with rejects.open(encoding="utf-8-sig") as read:
            return report, list(csv.DictReader(read))

    return load


def line(number: str = "A1", **cells: str) -> dict[str, str]:
    return {"employee_number": number, "name": "王小明"} | cells


def counts(report: Report) -> tuple[int, int, int]:
    return report.imported, report.unchanged, report.rejected


def test_a_person_with_everything_and_the_same_list_again(load: Load) -> None:
    lines = [
        line("A1", email="ming@cityhall.example", organization="工務局", unit="道路養護工程科", title="工程員",
             manager="A2", since="111/03/01"),
        line("A2", name="黃科長", username="Huang", unit="pwb-roads", role="單位主管"),
        line("A3", name="張無單位"),
    ]  # fmt: skip
    lines[0]["unit"] = directory.unit("pwb-roads").name
    lines[0]["organization"] = directory.unit("pwb-roads").agency.name
    report, rejected = load(*lines, dry_run=True)
    assert counts(report) == (3, 0, 0) and not StaffRecord.objects.exists()
    report, rejected = load(*lines)
    assert counts(report) == (3, 0, 0), rejected
    staff = StaffRecord.objects.get(employee_number="A1")
    assert (staff.user.username, staff.user.email, staff.title) == ("a1", "ming@cityhall.example", "工程員")
    assert staff.manager and staff.manager.user.username == "huang" and not staff.user.has_usable_password()
    held = Membership.objects.get(user=staff.user)
    assert (held.unit.code, held.role, held.since) == ("pwb-roads", "case_officer", date(2022, 3, 1))
    assert not Membership.objects.filter(user__username="a3").exists()
    (letter,) = letters.SENT
    assert (letter.notice, letter.to) == ("identity.opened", "ming@cityhall.example")
    events = AccountEvent.objects.filter(user=staff.user)
    assert {(event.actor, event.source) for event in events} == {(None, "import staff")}
    before = AccountEvent.objects.count()
    report, rejected = load(*lines)
    assert counts(report) == (0, 3, 0) and AccountEvent.objects.count() == before and len(letters.SENT) == 1


def test_a_move_ends_one_membership_and_begins_another_and_what_people_gave_stays(load: Load) -> None:
    load(line(unit="pwb-roads", since="2022-01-03"))
    user = User.objects.get(username="a1")
    by_hand = Membership.objects.create(user=user, role="controller", since=date(2022, 1, 1))
    with time_machine.travel("2027-03-01 04:00:00+00:00", tick=False):
        report, _rejected = load(line(unit="water-maintenance", role="unit_head"))
        assert report.imported == 1
        old, new = Membership.objects.filter(user=user).exclude(pk=by_hand.pk).order_by("since")
        assert (old.unit.code, old.since, old.until) == ("pwb-roads", date(2022, 1, 3), date(2027, 2, 28))
        assert (new.unit.code, new.role, new.since) == ("water-maintenance", "unit_head", date(2027, 3, 1))
        assert new.until is None and load(line())[0].unchanged == 1, "what a file leaves empty stays"
    by_hand.refresh_from_db()
    assert by_hand.until is None


def test_who_leaves_has_no_account_and_no_memberships_and_may_come_back(load: Load) -> None:
    load(line(unit="pwb-roads", since="2022-01-03"))
    user = User.objects.get(username="a1")
    with time_machine.travel("2027-03-01 04:00:00+00:00", tick=False):
        leaving = line(unit="pwb-roads", until="2027-03-31")
        assert counts(load(leaving)[0]) == (1, 0, 0) and counts(load(leaving)[0]) == (0, 1, 0)
        assert Membership.objects.get(user=user).until == date(2027, 3, 31)
        close_accounts_of_leavers(0)
        user.refresh_from_db()
        assert user.is_active, "until the last day is over"
    with time_machine.travel("2027-03-31 16:11:00+00:00", tick=False):
        close_accounts_of_leavers(0)
        user.refresh_from_db()
        assert not user.is_active and StaffRecord.objects.get().removed_at
        assert counts(load(leaving)[0]) == (0, 1, 0)
    with time_machine.travel("2027-06-01 04:00:00+00:00", tick=False):
        report, rejected = load(line(unit="pwb-roads", since="2027-06-01"))
        assert counts(report) == (1, 0, 0), rejected
        user.refresh_from_db()
        assert user.is_active and Membership.objects.in_force(date(2027, 6, 1)).get(user=user).since == date(2027, 6, 1)
        Membership.objects.create(user=user, role="editor", since=date(2027, 7, 1))
        assert counts(load(line(until="2027-05-31"))[0]) == (1, 0, 0)
        user.refresh_from_db()
        assert not user.is_active and not Membership.objects.in_force(date(2027, 6, 2)).filter(user=user).exists()
        assert not Membership.objects.in_force(date(2027, 7, 2)).filter(user=user).exists(), "what was to begin as well"


def test_lines_are_rejected_with_column_and_reason_and_the_others_come_in(load: Load) -> None:
    User.objects.create_user("taken", name="市民")
    report, rejected = load(
        line("B1", username="taken"),
        line("B2", email="no address"),
        line("B3", unit="沒有這個單位"),
        line("B4", unit="pwb-roads", role="auditor"),
        line("B5", unit="pwb-roads", role="crew"),
        line("B6", role="crew"),
        line("B7", since="2022-02-01", until="2022-01-01"),
        line("B8", manager="nobody"),
        line("王"),
        line("B9", name=""),
        line("C1"),
        line("C1", name="重複"),
    )
    told = {each["employee_number"]: (each["reject_line"], each["reject_column"]) for each in rejected}
    assert told == {
        "B1": ("2", "username"), "B2": ("3", "email"), "B3": ("4", "unit"), "B4": ("5", "role"), "B5": ("6", "role"),
        "B6": ("7", "unit"), "B7": ("8", "until"), "B8": ("9", "manager"), "王": ("10", ""), "B9": ("11", "name"),
        "C1": ("13", ""),
    }  # fmt: skip
    assert all(each["reject_reason"] for each in rejected)
    assert sorted(StaffRecord.objects.values_list("employee_number", flat=True)) == ["B8", "C1"]
    assert not hasattr(User.objects.get(username="taken"), "staff_record")
    assert report.imported == 1


def test_the_way_into_a_protected_account_stays_and_the_line_is_listed(load: Load) -> None:
    load(line(email="a@cityhall.example"))
    user = User.objects.get(username="a1")
    Membership.objects.create(user=user, role="auditor", since=date(2022, 1, 1))
    report, rejected = load(line(email="thief@cityhall.example", title="主任"))
    assert report.rejected == 1 and rejected[0]["reject_column"] == "email"
    user.refresh_from_db()
    assert user.email == "a@cityhall.example" and user.staff_record.title == "主任"


def test_what_is_exported_comes_in_again_unchanged(load: Load, tmp_path: Path) -> None:
    load(line(unit="pwb-roads", email="a@cityhall.example", since="2022-01-03"), line("A2", manager="A1"))
    out = tmp_path / "out.csv"
    call_command("cityexport", "staff", "--output", str(out))
    report = run(get("staff"), out, rejects=tmp_path / "none.csv")
    assert counts(report) == (0, 2, 0)
