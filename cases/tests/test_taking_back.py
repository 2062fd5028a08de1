"""A split in error: the part comes back to who split it, as long as nobody has begun with it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cases.actions.performing import perform
from cases.models import Case, CaseEvent
from messages.models import Message

ROADS, NOISE = "pwb-roads", "epb-inspection"


@pytest.fixture
def halves(report, staff):
    """The officer, the case and the part that went to another unit."""
    officer, case = staff("case_officer", ROADS), report(email="a@example.com")
    perform(officer, case.pk, "split", kind_code="noise", description="工地很吵")
    return officer, case, Case.objects.get(split_from=case)


def test_a_part_is_taken_back_from_another_unit_and_that_unit_can_undo_it(halves, staff, sign_in):
    officer, case, part = halves
    client = sign_in(officer)
    assert client.get(f"/desk/cases/{part.number}/").status_code == 404
    assert "take_back" in client.get(f"/desk/cases/{case.number}/").text
    address = f"/desk/cases/{case.number}/take_back/"
    assert str(part.number) in client.get(address).text
    version = Case.objects.get(pk=case.pk).version
    wrong = client.post(address, {"version": version, "part": "D111-9999999", "text": "拆錯了"})
    assert wrong.status_code == 422 and "拆錯了" in wrong.text
    assert client.post(address, {"version": version, "part": part.number, "text": "拆錯了"}).status_code == 302
    part.refresh_from_db()
    assert (part.state, part.merged_into_id) == ("merged", case.pk)
    assert Message.objects.filter(topic_id=part.pk, notice="servicerequests.joined").count() == 1
    assert CaseEvent.objects.get(case=case, verb="take_back").data == {"part": str(part.number)}
    assert "take_back" not in client.get(f"/desk/cases/{case.number}/").text
    perform(staff("case_officer", NOISE), part.pk, "unmerge", text="這是噪音，由我們辦")
    part.refresh_from_db()
    assert (part.state, part.unit.code) == ("received", NOISE)


def test_what_others_have_begun_with_stays_with_them(halves, staff):
    officer, case, part = halves
    other = staff("case_officer", NOISE)
    stranger = Case.objects.get(pk=part.pk)
    perform(other, part.pk, "take")
    with pytest.raises(PermissionDenied):
        perform(officer, case.pk, "take_back", part=stranger, text="拆錯了")
    perform(officer, case.pk, "split", kind_code="petition", description="公車太少")
    with pytest.raises(ValidationError, match="已經開始辦理"):
        perform(officer, case.pk, "take_back", part=stranger, text="拆錯了")
    with pytest.raises(PermissionDenied):
        perform(other, case.pk, "take_back", part=stranger, text="不是我的")
    part.refresh_from_db()
    assert (part.state, part.officer_id) == ("assigned", other.pk)
