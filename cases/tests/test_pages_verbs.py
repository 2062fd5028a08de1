"""The page of a verb: what it asks, what it refuses by name, and that nothing typed is ever lost."""

import re
from datetime import timedelta

import pytest

from cases.actions.performing import perform
from cases.models import Case, CaseEvent, Contribution
from cases.registry import kinds
from foundation.clock import today
from identity.models import User
from organisation import directory

pytestmark = pytest.mark.django_db

ROADS, NOISE, CREW = "pwb-roads", "epb-inspection", "pwb-road-crew-1"


def address(case, verb: str) -> str:
    return f"/desk/cases/{case.number}/{verb}/"


def say(client, case, verb: str, **inputs):
    """Fill in the page's form and send it."""
    page = client.get(address(case, verb))
    assert page.status_code == 200, page
    version = re.search(r'name="version" value="(\d+)"', page.content.decode())[1]
    return client.post(address(case, verb), {"version": version, **inputs})


def verbs_of(case) -> list[str]:
    return [event.verb for event in CaseEvent.objects.filter(case=case).told()]


def test_a_verb_leads_back_to_the_case_and_says_what_was_done(report, staff, sign_in):
    case, officer = report("noise"), staff("case_officer", NOISE)
    answer = sign_in(officer).post(address(case, "take"), {"version": case.version}, follow=True)
    assert answer.redirect_chain == [(f"/desk/cases/{case.number}/", 302)]
    assert f"{case.number}：承辦人接手" in answer.content.decode()
    case.refresh_from_db()
    assert case.officer == officer


def test_an_answer_says_beforehand_whose_reply_it_does_not_wait_for(report, staff, sign_in):
    case, officer = report("noise"), staff("case_officer", NOISE)
    client, said = sign_in(officer), "會辦單位還沒有回復；現在「答復」的話，會辦就此結束："
    assert said not in client.get(address(case, "answer")).content.decode()
    due = (today() + timedelta(days=3)).isoformat()
    say(client, case, "consult", unit="rdec-evaluation", text="請說明", due=due)
    assert said in client.get(address(case, "answer")).content.decode()
    assert "會辦就此結束" not in client.get(address(case, "comment")).content.decode()  # which ends nothing
    say(client, case, "answer", text="已改善", outcome="fixed")
    assert Contribution.objects.get(case=case).state == "dropped"


def test_whoever_passes_a_case_on_is_led_to_the_list_and_the_timeline_says_who_it_was(report, staff, sign_in):
    case = report("noise")
    client = sign_in(staff("case_officer", NOISE))
    answer = say(client, case, "transfer", unit=ROADS, text="路面的聲響")
    assert answer.url == "/desk/"
    assert f"{case.number}：改由其他單位辦理" in client.get(answer.url).content.decode()
    assert client.get(f"/desk/cases/{case.number}/").status_code == 404
    moved = CaseEvent.objects.filter(case=case, verb="transfer").get()
    assert moved.actor_label == directory.unit(NOISE).name  # not the unit that it went to
    assert say(sign_in(staff("controller")), case, "transfer", unit=NOISE, text="還是噪音").status_code == 302
    assert CaseEvent.objects.filter(case=case, verb="transfer").last().actor_label == "研考人員"


def test_a_crew_is_dispatched_from_a_list_with_the_agencys_own_on_top(report, staff, sign_in):
    case, officer = report(), staff("case_officer", ROADS)
    client = sign_in(officer)
    choices = client.get(address(case, "dispatch")).context["form"].fields["crew"].choices
    offered = [code for _agency, group in list(choices)[1:] for code, _label in group]
    assert offered[0] == CREW and "transport-signal-crew-1" in offered
    assert all(directory.unit(code).is_crew for code in offered)
    say(client, case, "dispatch", crew=CREW, text="請帶冷料")
    case.refresh_from_db()
    assert case.state == "dispatched" and case.officer == officer
    assert (case.jobs.get().crew.code, case.jobs.get().note) == (CREW, "請帶冷料")


@pytest.mark.parametrize(
    ("verb", "typed", "wrong"),
    [
        ("transfer", {"unit": "", "text": "不是我們的"}, "unit"),
        ("transfer", {"unit": "no-such-unit", "text": "不是我們的"}, "unit"),
        ("transfer", {"unit": NOISE, "text": "又是自己"}, "unit"),
        ("transfer", {"unit": CREW, "text": "外勤隊"}, "unit"),
        ("transfer", {"unit": "police-traffic", "text": ""}, "text"),
        ("dispatch", {"crew": NOISE, "text": ""}, "crew"),
        ("answer", {"text": "", "outcome": "answered"}, "text"),
        ("answer", {"text": "好了", "outcome": "merged"}, "outcome"),
        ("answer", {"text": "好了", "outcome": "eaten"}, "outcome"),
        ("merge", {"into": "D199-0000001", "text": ""}, "into"),
        ("merge", {"into": "what?", "text": ""}, "into"),
        ("split", {"kind_code": "ufo", "description": "天上有東西"}, "kind_code"),
        ("assign", {"officer": "999999", "text": ""}, "officer"),
        ("assign", {"officer": "x", "text": ""}, "officer"),
        ("extend", {"amount": "8", "text": "須會勘"}, "amount"),
        ("extend", {"amount": "-1", "text": "須會勘"}, "amount"),
        ("extend", {"amount": "一天", "text": "須會勘"}, "amount"),
        ("ask", {"text": " "}, "text"),
        ("comment", {"text": "長" * 4001}, "text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused_by_its_field_and_kept_as_typed(report, staff, sign_in, verb, typed, wrong):
    case = report("noise")
    answer = say(sign_in(staff("unit_head", NOISE)), case, verb, **typed)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {wrong}
    text = answer.content.decode()
    assert f'href="#id_{wrong}' in text  # the summary on top leads to the field
    for value in typed.values():
        assert value.strip() in text
    case.refresh_from_db()
    assert (case.state, case.version) == ("received", 1) and verbs_of(case) == ["file"]


def test_a_conflict_says_who_was_quicker_and_keeps_what_was_typed(report, staff, sign_in):
    case, quick = report("noise"), staff("case_officer", NOISE, name="先到的人")
    slow = sign_in(staff("case_officer", NOISE))
    version = case.version
    perform(quick, case.pk, "take")
    answer = slow.post(address(case, "answer"), {"version": version, "text": "我寫了很久的答復", "outcome": "answered"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "先到的人" in text and "我寫了很久的答復" in text and "承辦中" in text
    assert "answer" not in verbs_of(case)
    # Having read it, the officer sends it once more.
    again = re.search(r'name="version" value="(\d+)"', text)[1]
    assert int(again) == version + 1
    done = slow.post(address(case, "answer"), {"version": again, "text": "我寫了很久的答復", "outcome": "answered"})
    assert done.status_code == 302 and verbs_of(case)[-1] == "answer"


def test_a_verb_that_is_over_is_a_conflict_not_an_error(report, staff, sign_in):
    case, officer = report("noise"), staff("case_officer", NOISE)
    client = sign_in(officer)
    perform(officer, case.pk, "answer", text="好了", outcome="answered")
    perform(officer, case.pk, "close")
    answer = client.post(address(case, "take"), {"version": 1})
    assert answer.status_code == 409 and "已結案" in answer.content.decode()


def test_two_clicks_do_it_once(report, staff, sign_in):
    case = report("noise")
    client = sign_in(staff("case_officer", NOISE))
    first, second = (client.post(address(case, "take"), {"version": case.version}) for _i in range(2))
    assert (first.status_code, second.status_code) == (302, 409)
    assert verbs_of(case) == ["file", "take"]


def test_a_form_without_its_version_is_refused(report, staff, sign_in):
    case = report("noise")
    client = sign_in(staff("case_officer", NOISE))
    for odd in ({}, {"version": "x"}):
        assert client.post(address(case, "take"), odd).status_code == 422
    assert verbs_of(case) == ["file"]


@pytest.mark.parametrize(
    ("role", "where", "verb", "status"),
    [
        ("case_officer", {"unit": NOISE}, "extend", 403),  # needs the head
        ("unit_head", {"unit": NOISE}, "extend", 200),
        ("agency_head", {"agency": "epb"}, "answer", 403),
        ("agency_head", {"agency": "epb"}, "transfer", 200),
        ("call_agent", {}, "comment", 200),
        ("call_agent", {}, "transfer", 403),
        ("controller", {}, "transfer", 200),
        ("controller", {}, "close", 200),  # not now for anybody: the page says so when it is sent
        ("auditor", {}, "comment", 403),
        ("case_officer", {"unit": NOISE}, "accept", 200),  # likewise
        ("case_officer", {"unit": NOISE}, "eat", 404),
        ("case_officer", {"unit": ROADS}, "comment", 404),
    ],
)
def test_a_verb_opens_to_whom_the_roles_say(report, staff, sign_in, role, where, verb, status):
    case = report("noise")
    client = sign_in(staff(role, **where))
    assert client.get(address(case, verb)).status_code == status
    if status in {403, 404}:
        assert client.post(address(case, verb), {"version": 1, "text": "x"}).status_code == status
    assert verbs_of(case) == ["file"]


def test_the_right_to_act_is_asked_again_when_the_form_comes(report, staff, sign_in):
    case, officer = report("noise"), staff("case_officer", NOISE)
    client = sign_in(officer)
    assert client.get(address(case, "answer")).status_code == 200
    officer.memberships.update(until="2020-01-02")
    assert client.post(address(case, "answer"), {"version": 1, "text": "x", "outcome": "answered"}).status_code == 403
    assert verbs_of(case) == ["file"]


def test_only_officers_of_the_unit_are_offered_for_assignment(report, staff, sign_in):
    here, there = staff("case_officer", NOISE, name="這裡的人"), staff("case_officer", ROADS, name="那裡的人")
    head = staff("unit_head", NOISE, name="主管")
    case, client = report("noise"), sign_in(head)
    choices = {str(key) for key, _name in client.get(address(case, "assign")).context["form"].fields["officer"].choices}
    assert choices == {"", str(here.pk), str(head.pk)}
    assert say(client, case, "assign", officer=there.pk).status_code == 422
    assert say(client, case, "assign", officer=here.pk).status_code == 302
    case.refresh_from_db()
    assert case.officer == here and case.state == "assigned"
    assert not CaseEvent.objects.get(case=case, verb="assign").is_public


def test_merging_takes_a_number_however_it_is_typed_but_only_of_a_case_in_reach(report, staff, sign_in):
    client = sign_in(staff("case_officer", NOISE))
    target, case, elsewhere = report("noise"), report("noise"), report("pothole")
    refused = say(client, case, "merge", into=elsewhere.number)
    assert refused.status_code == 422 and "找不到這個案件編號" in refused.content.decode()
    assert say(client, case, "merge", into=f" {target.number.lower()} ").status_code == 302
    case.refresh_from_db()
    assert case.merged_into == target


def test_splitting_files_the_part_and_says_its_number(report, staff, sign_in):
    case = report("noise", email="a@example.com")
    client = sign_in(staff("case_officer", NOISE))
    assert say(client, case, "split", kind_code="petition", description="公車太少", text="一信兩事").status_code == 302
    part = Case.objects.get(split_from=case)
    assert part.kind_code == "petition"
    # The part is not in this unit any more; the timeline still says which it is.
    assert CaseEvent.objects.get(case=case, verb="split").data["part"] == str(part.number)
    assert str(part.number) in client.get(f"/desk/cases/{case.number}/").content.decode()


def test_each_verbs_page_asks_what_the_lifecycle_declares(report, staff, sign_in):
    """A new input type without a widget, or a verb without a page, is found here."""
    client = sign_in(staff("unit_head", NOISE))
    officer = User.objects.latest("pk")
    cases = {"received": report("noise"), "done": report("noise"), "waiting": report("noise")}
    perform(officer, cases["done"].pk, "answer", text="好了", outcome="answered")
    perform(officer, cases["waiting"].pk, "ask", text="在哪裡？")
    asked = set()
    for state, case in cases.items():
        for transition in kinds()["noise"].lifecycle.verbs_in[state]:
            page = client.get(address(case, transition.verb))
            if page.status_code == 403:
                continue
            asked.add(transition.verb)
            fields = page.context["form"].fields
            assert list(fields) == ["version", *(wanted.name for wanted in transition.inputs)], transition.verb
            for wanted in transition.inputs:
                assert fields[wanted.name].required == wanted.required
                assert str(wanted.label) in page.content.decode()
    assert asked >= {"take", "assign", "transfer", "ask", "extend", "comment", "merge", "split", "answer", "close",
                     "withdraw", "reopen", "go_on", "dispatch"}  # fmt: skip
