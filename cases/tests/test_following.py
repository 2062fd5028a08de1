"""Followers: confirmed, told once, moved by a merge and back; two at the same moment are one."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from cases.actions import following
from cases.actions.performing import Conflict, perform
from cases.duplicates import twins
from cases.models import Case, Contact, Follower
from foundation.clock import now
from foundation.encryption import digest
from foundation.jobs import perform_waiting
from messages.models import Message
from organisation import directory
from organisation.models import Membership

WHEN = pytest.mark.django_db


@pytest.fixture
def officer(staff):
    return staff("case_officer", unit="pwb-roads")


def followed(case, email="f@example.com", language="zh-hant", sure=True):
    follower = following.follow(case, email, language)
    if sure:
        following.confirm(follower)
    return follower


def letters(notice):
    return [m.recipient for m in Message.objects.filter(notice=notice).order_by("pk")]


def answer(officer, case, text="已填補。"):
    perform(officer, case.pk, "answer", text=text, outcome="fixed")
    perform_waiting()


@WHEN
def test_a_follower_is_asked_first_and_told_once(report, officer):
    case = report()
    sure, unsure = followed(case), followed(case, "unsure@example.com", sure=False)
    assert letters("cases.follow") == ["f@example.com", "unsure@example.com"]
    answer(officer, case)
    following.tell_followers(case.pk, "answer")  # the job again
    assert letters("cases.followed") == ["f@example.com"]
    perform(officer, case.pk, "close")
    perform_waiting()
    assert letters("cases.followed") == ["f@example.com"], "told when it was done; putting it away is no news"
    perform(officer, case.pk, "reopen", text="又破了")
    answer(officer, case)
    assert letters("cases.followed") == ["f@example.com"] * 2, "done again is news"
    assert Follower.objects.get(pk=unsure.pk).told == 0 < Follower.objects.get(pk=sure.pk).told


@WHEN
def test_letters_are_in_the_followers_language_and_can_be_ended(report, officer):
    case = report()
    follower = followed(case, language="en")
    answer(officer, case)
    told = Message.objects.get(notice="cases.followed")
    assert told.subject.startswith("Work done") and "已填補。" in told.body
    assert told.unsubscribe.endswith(f"/following/{following.seal(follower)}/stop/")
    assert told.unsubscribe.removesuffix("stop/") in told.body


@WHEN
def test_a_letter_names_the_district_once(report, officer):
    case = report(address="苓雅區四維三路 2 號前")
    followed(case)
    answer(officer, case)
    assert "地點：苓雅區 四維三路 2 號前\n" in Message.objects.get(notice="cases.followed").body


@WHEN
def test_what_is_kept_is_encrypted_and_found_by_digest(report):
    follower = followed(report())
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM cases_follower WHERE id = %s", [follower.pk])
        assert "example" not in cursor.fetchone()[0]
    assert Follower.objects.of_address(" F@Example.com").get() == follower
    with pytest.raises(IntegrityError), transaction.atomic():
        Follower.objects.create(case=follower.case, email="f@example.com", email_digest=digest("f@example.com"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Follower.objects.create(case=follower.case, email="", email_digest="")


@WHEN
def test_twice_is_once_and_a_case_that_is_done_is_not_followed(report, officer):
    case = report()
    assert followed(case) == followed(case)
    answer(officer, case)
    with pytest.raises(ValidationError, match="已處理完成"):
        following.follow(case, "late@example.com", "zh-hant")
    assert Follower.objects.count() == 1


@WHEN
def test_an_account_is_sure_of_its_own_address_only(report, staff):
    case, me = report(), staff("citizen")
    assert following.follow(case, me.email, "zh-hant", me).confirmed_at
    assert following.follow(case, "other@example.com", "zh-hant", me).confirmed_at is None
    assert Follower.objects.by_user(me).count() == 1


@WHEN
def test_a_forged_link_is_nobodys(report):
    follower = followed(report())
    assert following.of_seal(following.seal(follower)) == follower
    assert following.of_seal(f"{follower.pk}:forged") is following.of_seal("") is None
    following.stop(follower)
    assert following.of_seal(following.seal(follower)) is None


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_follower(report):
    case, faults = report(), []

    def press():
        try:
            following.follow(Case.objects.get(pk=case.pk), "f@example.com", "zh-hant")
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == [] and Follower.objects.count() == 1


# -- Merging -----------


@WHEN
def test_a_merge_moves_followers_and_its_undoing_moves_them_back(report, officer):
    first, second = report(), report()
    both = followed(first, "both@example.com")
    left, moved = followed(second, "both@example.com"), followed(second, "moved@example.com")
    perform(officer, second.pk, "merge", into=first)
    cases = dict(Follower.objects.values_list("pk", "case"))
    assert cases == {both.pk: first.pk, left.pk: second.pk, moved.pk: first.pk}
    later = followed(first, "later@example.com")
    perform(officer, second.pk, "unmerge", text="是另一個洞")
    cases = dict(Follower.objects.values_list("pk", "case"))
    assert cases == {both.pk: first.pk, left.pk: second.pk, moved.pk: second.pk, later.pk: first.pk}
    assert not Follower.objects.filter(joined_as__isnull=False).exists()
    second = Case.objects.get(pk=second.pk)
    assert (second.state, second.merged_into, second.closed_at, second.outcome) == ("received", None, None, "")
    assert second.due_at and second.escalate_at == second.due_at, "the promise runs on"
    assert first.events.filter(verb="unmerged", data__number=str(second.number)).exists()


@WHEN
def test_what_a_case_had_brought_along_goes_with_it(report, officer):
    target, middle, last = report(), report(), report()
    followed(last, "last@example.com")
    perform(officer, last.pk, "merge", into=middle)
    perform(officer, middle.pk, "merge", into=target)
    assert Follower.objects.get().case == target and Follower.objects.get().joined_as == last
    assert Case.objects.get(pk=last.pk).merged_into == target
    perform(officer, middle.pk, "unmerge", text="不是同一件")
    assert Case.objects.get(pk=last.pk).merged_into == middle
    assert Follower.objects.get().case == middle
    perform(officer, last.pk, "unmerge", text="不是同一件")
    assert Follower.objects.get().case == last and Follower.objects.get().joined_as is None


@WHEN
def test_what_was_before_the_controller_is_there_again(report, officer, staff):
    first, second = report(), report()
    controller = staff("controller")
    for _time in range(2):
        perform(officer, second.pk, "refuse", text="不是本單位")
        if Case.objects.get(pk=second.pk).state != "disputed":
            perform(controller, second.pk, "transfer", unit=second.unit, text="請再看")
    lead = staff("unit_head", Case.objects.get(pk=second.pk).unit.code)
    Membership.objects.create(user=lead, role="unit_head", unit=first.unit, since="2020-01-01")
    lead = type(lead).objects.get(pk=lead.pk)
    perform(lead, second.pk, "merge", into=first)
    assert perform(lead, second.pk, "unmerge", text="是另一件").state == "disputed"


@WHEN
def test_followers_hear_that_a_case_was_left_unhandled_but_not_about_whom(report, staff):
    case = report("noise")
    followed(case)
    perform(staff("unit_head", case.unit.code), case.pk, "set_aside", text="來信者是隔壁的王先生")
    perform_waiting()
    assert letters("cases.followed") == ["f@example.com"]
    body = Message.objects.get(notice="cases.followed").body
    assert "已經結案" in body and "王先生" not in body and "173" not in body


@WHEN
def test_followers_hear_nothing_of_what_only_the_officer_was_told(report, staff):
    case, head = report("petition", email="a@example.com"), staff("unit_head", "rdec-service")
    followed(case)
    crew = staff("crew", "pwb-road-crew-1")
    perform(head, case.pk, "dispatch", crew=directory.unit("pwb-road-crew-1"))
    for verb in ("accept", "arrive"):
        perform(crew, case.pk, verb)
    perform(crew, case.pk, "finish", text="現場已清", outcome="fixed")
    perform_waiting()
    assert letters("cases.followed") == []


@WHEN
def test_only_a_merged_case_of_ones_unit_is_put_back(report, officer, staff):
    first, second = report(), report()
    with pytest.raises(Conflict):
        perform(officer, second.pk, "unmerge", text="？")
    perform(officer, second.pk, "merge", into=first)
    with pytest.raises(PermissionDenied):
        perform(staff("case_officer", unit="epb-inspection"), second.pk, "unmerge", text="？")
    assert Case.objects.get(pk=second.pk).state == "merged"


@WHEN
def test_who_reported_the_merged_case_is_told_through_the_other(report, officer):
    first, second, silent = report(), report(email="b@example.com"), report(email="c@example.com")
    Contact.objects.filter(case=silent).update(wants_mail=False)
    for case in (second, silent):
        perform(officer, case.pk, "merge", into=first)
    joined = Message.objects.get(notice="servicerequests.joined")
    assert joined.recipient == "b@example.com" and str(first.number) in joined.body
    answer(officer, first)
    following.tell_followers(first.pk, "answer")
    done = Message.objects.get(notice="servicerequests.joined_done")
    assert done.recipient == "b@example.com" and "已填補。" in done.body
    assert second.events.filter(verb="joined_done", is_public=True).count() == 1
    assert silent.events.filter(verb="joined_done").count() == 1


# -- What is forgotten -----------


@WHEN
def test_addresses_go_when_they_are_not_needed(report, officer):
    case, closed = report(), report()
    fresh, kept = followed(case, "a@example.com", sure=False), followed(case, "b@example.com")
    stale, old = followed(case, "c@example.com", sure=False), followed(closed, "d@example.com")
    Follower.objects.filter(pk__in=[stale.pk, kept.pk]).update(created_at=now() - timedelta(days=8))
    answer(officer, closed)
    perform(officer, closed.pk, "close")
    assert following.forget_followers() == 1
    assert set(Follower.objects.all()) == {fresh, kept, old}
    Case.objects.filter(pk=closed.pk).update(
        received_at=now() - timedelta(days=40), closed_at=now() - timedelta(days=31)
    )
    following.forget_followers()
    assert set(Follower.objects.all()) == {fresh, kept}


@WHEN
def test_who_stayed_behind_at_a_merge_is_forgotten_with_the_other_case(report, officer):
    first, second = report(), report()
    followed(first), followed(second)
    perform(officer, second.pk, "merge", into=first)
    answer(officer, first)
    perform(officer, first.pk, "close")
    Case.objects.update(received_at=now() - timedelta(days=40), closed_at=now() - timedelta(days=29))
    assert following.forget_followers() == 0
    Case.objects.update(closed_at=now() - timedelta(days=31))
    assert following.forget_followers() == 2


# -- What may be the same -----------


@WHEN
def test_the_likeliest_comes_first_and_far_old_and_other_kinds_do_not(report, django_assert_num_queries):
    same = report(description="路口有一個大坑洞")
    report(lon=120.3127, description="人孔蓋鬆動")
    report(lon=120.3141)  # 200 m away
    report("street_light")
    report(received_at=now() - timedelta(days=61))
    here = (120.3121, 22.6205)
    with django_assert_num_queries(1):
        found = twins(Case.objects.public(), "pothole", *here, "路口有大坑洞", now())
    assert [twin.case.pk for twin in found] == [same.pk, found[1].case.pk] and len(found) == 2
    assert found[0].score > found[1].score and found[0].metres == 10 and 50 <= found[1].metres <= 70
    followed(same)
    followed(same, "unsure@example.com", sure=False)
    (first, *_rest) = twins(Case.objects.public(), "pothole", *here, "", now())
    assert first.followers == 1
    assert twins(Case.objects.public(), "pothole", *here, "", now(), besides=same.pk)[0].case.pk != same.pk


@WHEN
def test_one_statement_however_many_lie_there(report, django_assert_num_queries):
    for _n in range(20):
        report()
    with django_assert_num_queries(1):
        assert len(twins(Case.objects.public(), "pothole", 120.3121, 22.6205, "", now())) == 5
