"""Answers that need signatures: drafts with versions, the chain, and that nothing goes out without it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from cases.actions.approving import approve, chain_of, draft, hand_in, send_back
from cases.actions.contributing import contribute
from cases.actions.performing import Conflict, perform
from cases.models import Case, CaseEvent, Contribution, Endorsement, Proposal, Version
from cases.permissions import verbs_for
from cases.rules import chain, changes
from foundation.clock import today
from messages.models import Message
from organisation import directory
from organisation.models import Membership
from organisation.pack import pack

DESK, OTHER = "rdec-service", "rdec-evaluation"
WORDS = {"text": "已請交通局增班。", "outcome": "answered"}


@pytest.fixture
def office(db, report, staff):
    """A petition, its officer, its head."""
    case = report("petition", email="a@example.com")
    return case, staff("case_officer", DESK, name="承辦"), staff("unit_head", DESK, name="主管")


def awaited() -> Endorsement:
    return Endorsement.objects.awaited().get()


def test_only_an_approved_answer_goes_out(office, staff):
    case, officer, head = office
    for someone in (officer, head):
        assert "answer" not in {verb.verb for verb in verbs_for(someone, case)}
        with pytest.raises(PermissionDenied):
            perform(someone, case.pk, "answer", **WORDS)
    draft(officer, case.pk, WORDS)
    hand_in(officer, case.pk)
    with pytest.raises(PermissionDenied):
        approve(officer, awaited().pk, seen=1)
    with pytest.raises(PermissionDenied):
        approve(staff("unit_head", OTHER), awaited().pk, seen=1)
    assert Case.objects.get(pk=case.pk).done_at is None
    approve(head, awaited().pk, seen=1, words="同意")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("done", "answered")
    event = CaseEvent.objects.get(case=case, verb="answer")
    assert event.is_public and event.text == WORDS["text"] and event.actor == officer
    assert Message.objects.filter(topic_id=case.pk, notice="servicerequests.done").count() == 1
    assert Proposal.objects.get().state == "approved"


def test_a_kind_without_a_chain_is_answered_as_before(report, staff):
    case, officer = report("noise"), staff("case_officer", "epb-inspection")
    assert perform(officer, case.pk, "answer", **WORDS).state == "done"


def test_versions_are_kept_and_a_stale_one_is_refused(office, staff):
    case, officer, _head = office
    colleague = staff("case_officer", DESK, name="同事")
    draft(officer, case.pk, WORDS)
    draft(officer, case.pk, WORDS, seen=1)  # nothing changed: no new version
    draft(colleague, case.pk, WORDS | {"text": "改寫"}, seen=1)
    with pytest.raises(Conflict, match="同事"):
        draft(officer, case.pk, WORDS | {"text": "晚了"}, seen=1)
    assert [v.text for v in Version.objects.order_by("number")] == [WORDS["text"], "改寫"]
    with pytest.raises(PermissionDenied):
        draft(staff("case_officer", OTHER), case.pk, WORDS, seen=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.update(inputs={})


def test_sent_back_with_words_changed_and_approved_with_an_edit(office):
    case, officer, head = office
    draft(officer, case.pk, WORDS)
    hand_in(officer, case.pk)
    with pytest.raises(ValidationError):
        send_back(head, awaited().pk, seen=1, words=" ")
    send_back(head, awaited().pk, seen=1, words="請寫明日期")
    draft(officer, case.pk, WORDS | {"text": "已請交通局自三月起增班。"}, seen=1)
    hand_in(officer, case.pk)
    with pytest.raises(Conflict):
        draft(officer, case.pk, WORDS, seen=2)  # handed in: no more changes
    edited = WORDS | {"text": "已請交通局自 3 月 1 日起增班。"}
    approve(head, awaited().pk, seen=2, inputs=edited)
    assert CaseEvent.objects.get(case=case, verb="answer").text == edited["text"]
    assert [(v.number, v.by) for v in Version.objects.order_by("number")] == [(1, officer), (2, officer), (3, head)]
    assert CaseEvent.objects.get(case=case, verb="approve").data["edited"]


def test_nobody_signs_what_they_drafted(office, staff):
    """Four eyes: neither who began the draft nor who changed it signs it, whoever hands it in; another head does."""
    case, officer, head = office
    draft(head, case.pk, WORDS)
    draft(officer, case.pk, WORDS | {"text": "承辦改寫"}, seen=1)
    hand_in(officer, case.pk)
    sign = awaited()
    with pytest.raises(ValidationError, match="另一位主管"):
        approve(head, sign.pk, seen=2)
    with pytest.raises(ValidationError, match="另一位主管"):  # nor by writing it anew while signing
        approve(head, sign.pk, seen=2, inputs=WORDS)
    assert not Endorsement.objects.awaiting(head).exists() and Version.objects.count() == 2
    assert Case.objects.get(pk=case.pk).done_at is None
    director = staff("agency_head", agency="rdec")
    assert list(Endorsement.objects.awaiting(director)) == [sign]
    approve(director, sign.pk, seen=2)
    assert Case.objects.get(pk=case.pk).state == "done"


def test_who_edited_while_signing_may_sign_again_after_a_later_one_sent_it_back(report, staff):
    case = report("petition", email="a@example.com")
    case.contact.confidential = True
    case.contact.save()
    officer, head = staff("case_officer", DESK), staff("unit_head", DESK)
    draft(officer, case.pk, WORDS)
    hand_in(officer, case.pk)
    approve(head, awaited().pk, seen=1, inputs=WORDS | {"text": "主管改字"})
    send_back(staff("agency_head", agency="rdec"), awaited().pk, seen=2, words="請補日期")
    draft(officer, case.pk, WORDS | {"text": "主管改字，三月一日起。"}, seen=2)
    hand_in(officer, case.pk)
    approve(head, awaited().pk, seen=3)
    assert awaited().level == "agency"


def test_an_extension_is_not_approved_by_who_asked_for_it(office):
    case, _officer, head = office
    Membership.objects.create(user=head, role="case_officer", unit=directory.unit(DESK), since="2020-01-01")
    head = type(head).objects.get(pk=head.pk)
    perform(head, case.pk, "ask_extension", amount=Decimal(5), text="須會勘")
    with pytest.raises(ValidationError, match="另一位主管"):
        approve(head, awaited().pk, seen=1)
    assert Case.objects.get(pk=case.pk).due_at == case.due_at


def test_a_unit_that_has_no_second_person_by_the_rules_signs_its_own_draft(office, monkeypatch):
    case, _officer, head = office
    draft(head, case.pk, WORDS)
    hand_in(head, case.pk)
    rule = pack().rules["single_handed_units"]
    assert rule.on(today()).value == []  # as shipped: always another person

    def say(units: list[str]) -> None:
        entry = rule.on(today())._replace(value=units)
        monkeypatch.setitem(pack().rules, rule.name, replace(rule, entries=(entry,)))

    say([OTHER])
    with pytest.raises(ValidationError):
        approve(head, awaited().pk, seen=1)
    say([OTHER, DESK])
    assert Endorsement.objects.awaiting(head).exists()
    approve(head, awaited().pk, seen=1)
    assert Case.objects.get(pk=case.pk).state == "done"


def test_confidence_asks_for_the_head_of_the_agency_after_the_unit(report, staff):
    case = report("petition", email="a@example.com")
    case.contact.confidential = True
    case.contact.save()
    officer, head = staff("case_officer", DESK), staff("unit_head", DESK)
    director = staff("agency_head", agency="rdec")
    draft(officer, case.pk, WORDS)
    hand_in(officer, case.pk)
    approve(head, awaited().pk, seen=1)
    assert awaited().level == "agency" and Case.objects.get(pk=case.pk).done_at is None
    with pytest.raises(PermissionDenied):
        approve(head, awaited().pk, seen=1)
    approve(director, awaited().pk, seen=1)
    assert Case.objects.get(pk=case.pk).state == "done"


def test_who_contributed_countersigns_first(office, staff):
    case, officer, head = office
    perform(
        officer, case.pk, "consult", unit=directory.unit(OTHER), text="請說明考核規定", due=today() + timedelta(days=3)
    )
    other = staff("unit_head", OTHER)
    contribute(other, Contribution.objects.get().pk, "依要點第五點。")
    draft(officer, case.pk, WORDS)
    hand_in(officer, case.pk)
    assert awaited().countersign
    with pytest.raises(PermissionDenied):
        approve(head, awaited().pk, seen=1)
    approve(other, awaited().pk, seen=1)
    approve(head, awaited().pk, seen=1)
    assert Case.objects.get(pk=case.pk).state == "done"


def test_a_case_that_moves_takes_its_drafts_and_questions_off_the_desks(office, staff):
    case, officer, head = office
    perform(officer, case.pk, "consult", unit=directory.unit(OTHER), text="請說明", due=today() + timedelta(days=3))
    draft(officer, case.pk, WORDS)
    with pytest.raises(ValidationError, match="還沒有回復會辦"):
        hand_in(officer, case.pk, despite=" ")
    assert Proposal.objects.get().state == "draft" and not Endorsement.objects.exists()
    hand_in(officer, case.pk, despite="期限將至，已電話徵得同意。")
    assert case.events.get(verb="hand_in").text == "期限將至，已電話徵得同意。"
    sign = awaited()
    perform(head, case.pk, "transfer", unit=directory.unit(OTHER), text="屬考核")
    assert Proposal.objects.get().state == "dropped" and not Endorsement.objects.awaited().exists()
    assert Contribution.objects.get().state == "dropped"
    with pytest.raises(Conflict):
        approve(head, sign.pk, seen=1)
    with pytest.raises(Conflict):
        contribute(staff("unit_head", OTHER), Contribution.objects.get().pk, "晚了")


def test_the_database_knows_one_open_proposal_and_one_turn(office):
    case, officer, _head = office
    proposal = draft(officer, case.pk, WORDS)
    hand_in(officer, case.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(case=case, verb="answer", by=officer, begun_at=proposal.begun_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Endorsement.objects.create(
            proposal=proposal, round=1, order=9, unit=case.unit, level="unit", asked_at=proposal.begun_at
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Endorsement.objects.update(decision="approved")


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_once_one_is_told(report, staff):
    case, officer = report("petition", email="a@example.com"), staff("case_officer", DESK)
    heads = [staff("unit_head", DESK, name=f"head {i}") for i in range(3)]
    draft(officer, case.pk, WORDS)
    hand_in(officer, case.pk)
    sign, barrier = awaited(), Barrier(len(heads))

    def act(head) -> str:
        barrier.wait()
        try:
            approve(head, sign.pk, seen=1)
            return "done"
        except Conflict as conflict:
            return str(conflict)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(heads)) as pool:
        outcomes = list(pool.map(act, heads))
    assert outcomes.count("done") == 1 and all("head" in o for o in outcomes if o != "done")
    assert CaseEvent.objects.filter(case=case, verb="answer").count() == 1
    assert Message.objects.filter(topic_id=case.pk, notice="servicerequests.done").count() == 1


def test_an_extension_asked_for_moves_the_deadline_only_when_approved(office):
    case, officer, head = office
    with pytest.raises(PermissionDenied):
        perform(officer, case.pk, "extend", amount=Decimal(5), text="我自己展延")
    with pytest.raises(ValidationError):
        perform(officer, case.pk, "ask_extension", amount=Decimal(99), text="太長")
    perform(officer, case.pk, "ask_extension", amount=Decimal(5), text="須會勘")
    with pytest.raises(ValidationError):
        perform(officer, case.pk, "ask_extension", amount=Decimal(5), text="再一份")
    assert Case.objects.get(pk=case.pk).due_at == case.due_at
    assert not Message.objects.filter(notice="servicerequests.extended").exists()
    assert not CaseEvent.objects.get(case=case, verb="ask_extension").is_public
    approve(head, awaited().pk, seen=1)
    after = Case.objects.get(pk=case.pk)
    assert after.due_at >= case.due_at + timedelta(days=5) and after.extensions[0]["reason"] == "須會勘"
    assert Message.objects.filter(topic_id=case.pk, notice="servicerequests.extended").count() == 1


def test_an_extension_refused_leaves_everything_and_may_be_asked_anew(office):
    case, officer, head = office
    perform(officer, case.pk, "ask_extension", amount=Decimal(5), text="須會勘")
    send_back(head, awaited().pk, seen=1, words="不同意，請加派人手")
    assert Case.objects.get(pk=case.pk).due_at == case.due_at
    assert not Message.objects.filter(notice="servicerequests.extended").exists()
    perform(officer, case.pk, "ask_extension", amount=Decimal(3), text="廠商缺料")
    assert awaited().proposal.newest.inputs["amount"] == "3"


def test_the_chain_asks_every_contributor_once_and_never_the_unit_in_charge():
    assert [link.unit for link in chain(["unit", "agency"], 1, [2, 1, 3, 2])] == [2, 3, 1, 1]


@given(st.text("甲乙丙丁", max_size=12), st.text("甲乙丙丁", max_size=12))
def test_changes_tell_both_texts_in_full(before, after):
    runs = changes(before, after)
    assert "".join(text for step, text in runs if step != "new") == before
    assert "".join(text for step, text in runs if step != "gone") == after


def test_what_a_chain_is_by_the_rule_of_the_kind(office):
    case, *_people = office
    assert [link.level for link in chain_of(case, "answer")] == ["unit"]
    assert [link.level for link in chain_of(case, "extend")] == ["unit"]
