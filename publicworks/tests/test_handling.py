"""What every desk does, done to a report on a work: refused, ruled upon, shared, given more time; what a match may."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions.approving import approve
from cases.actions.contributing import contribute
from cases.actions.performing import Conflict, perform
from cases.models import Case, Contribution, Endorsement, Proposal
from cases.permissions import verbs_for
from foundation.clock import today
from messages.models import Message
from organisation import directory

pytestmark = pytest.mark.django_db

OWN, OTHER = "water-maintenance", "pwb-construction"


def test_a_report_refused_twice_is_ruled_upon_and_a_later_match_leaves_the_ruling(work, about, staff):
    case, controller = about(None), staff("controller")
    perform(staff("case_officer", OTHER), case.pk, "refuse", text="不是本單位的工程")
    perform(controller, case.pk, "transfer", unit=directory.unit(OTHER), text="請再查")
    assert perform(staff("case_officer", OTHER), case.pk, "refuse", text="查無此工程").state == "disputed"
    assert "match" not in {verb.verb for verb in verbs_for(controller, Case.objects.get(pk=case.pk))}
    ruled = perform(controller, case.pk, "rule", unit=directory.unit(OTHER), text="施工範圍內")
    assert (ruled.state, ruled.unit.code) == ("received", OTHER)
    with pytest.raises(PermissionDenied):
        perform(staff("case_officer", OTHER), case.pk, "refuse", text="還是不是")
    matched = perform(staff("case_officer", OTHER), case.pk, "match", work=work().tender_number)
    assert matched.citizen_report.work.tender_number == "111-0001" and matched.unit.code == OTHER


def test_more_time_and_a_part_of_the_answer_are_asked_for_and_given(about, staff):
    case, officer = about(None, email="a@example.com"), staff("case_officer", OTHER)
    perform(officer, case.pk, "ask_extension", amount=Decimal(1), text="須開挖確認")
    perform(
        officer, case.pk, "consult", unit=directory.unit(OWN), text="是貴單位的管線嗎", due=today() + timedelta(days=1)
    )
    contribute(staff("case_officer", OWN), Contribution.objects.get().pk, "是，已派人。")
    approve(staff("unit_head", OTHER), Endorsement.objects.awaited().get().pk, seen=1)
    assert Case.objects.get(pk=case.pk).due_at > case.due_at
    assert Message.objects.filter(topic_id=case.pk, notice="publicworks.extended").count() == 1


def test_a_match_that_gives_the_case_to_another_unit_lays_down_what_was_asked_for(work, about, staff):
    case, officer = about(None), staff("case_officer", OTHER)
    perform(officer, case.pk, "ask_extension", amount=Decimal(1), text="須開挖確認")
    sign = Endorsement.objects.awaited().get()
    perform(officer, case.pk, "match", work=work().tender_number)
    assert Case.objects.get(pk=case.pk).unit.code == OWN
    assert not Proposal.objects.open().exists()
    with pytest.raises(Conflict):
        approve(staff("unit_head", OTHER), sign.pk, seen=1)


def test_the_desk_shows_what_was_asked_for(about, staff, client):
    case, officer = about(None), staff("case_officer", OTHER)
    perform(officer, case.pk, "ask_extension", amount=Decimal(1), text="須開挖確認")
    client.force_login(officer)
    shown = client.get(f"/desk/cases/{case.number}/").text
    assert "須開挖確認" in shown and "等待核章" in shown and f"/desk/cases/{case.number}/consult/" in shown
