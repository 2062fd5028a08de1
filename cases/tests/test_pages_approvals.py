"""Drafts, signatures, contributions, templates and letters in the browser: forms, refusals, lists, paper."""

import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from cases.actions.approving import approve, draft, hand_in
from cases.actions.files import attach
from cases.actions.performing import perform
from cases.models import AnswerTemplate, Contribution, Endorsement, Proposal
from cases.tests.test_retention import picture
from foundation.clock import now, today
from organisation import directory

pytestmark = pytest.mark.django_db

DESK, OTHER = "rdec-service", "rdec-evaluation"


def written(content: bytes) -> str:
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def statements(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_from_the_draft_to_the_letter(report, staff, sign_in):
    case = report("petition", email="a@example.com")
    officer, head = sign_in(staff("case_officer", DESK)), sign_in(staff("unit_head", DESK, name="科長"))
    page = officer.get(f"/desk/cases/{case.number}/")
    assert "擬答復稿" in page.text and f"/desk/cases/{case.number}/answer/" not in page.text
    address = f"/desk/cases/{case.number}/draft/"
    empty = officer.post(address, {"seen": 0, "text": "", "outcome": "answered", "keep": 1})
    assert empty.status_code == 422 and set(empty.context["form"].errors) == {"text"}
    assert officer.post(address, {"seen": 0, "text": "已請增班。", "outcome": "answered", "keep": 1}).status_code == 302
    late = officer.post(address, {"seen": 0, "text": "另一個視窗寫的", "outcome": "answered", "keep": 1})
    assert late.status_code == 409 and "另一個視窗寫的" in late.text and "第 1 版" in late.text
    sent = {"seen": 1, "text": "已請增班，三月起。", "outcome": "answered", "hand_in": 1}
    assert officer.post(address, sent).status_code == 302
    assert "等待核章" in officer.get(f"/desk/cases/{case.number}/").text
    assert officer.get(f"/desk/cases/{case.number}/letter.pdf").status_code == 404
    listed = head.get("/desk/approvals/")
    assert case.number in listed.text
    sign = f"/desk/approvals/{Endorsement.objects.awaited().get().pk}/"
    refused = head.post(sign, {"seen": 2, "text": "已請增班，三月起。", "words": "", "send_back": 1})
    assert refused.status_code == 422 and "請寫明要修正什麼" in refused.text
    assert "<ins>" in head.get(sign).text
    assert head.post(sign, {"seen": 2, "text": "已請增班，三月一日起。", "words": "", "approve": 1}).status_code == 302
    again = head.post(sign, {"seen": 3, "text": "再一次", "words": "", "approve": 1})
    assert again.status_code == 409 and "科長" in again.text
    letter = officer.get(f"/desk/cases/{case.number}/letter.pdf")
    assert letter["Content-Type"] == "application/pdf"
    assert "已請增班，三月一日起。" in written(letter.content) and case.number in written(letter.content)
    followed = sign_in().get(f"/track/{case.number}/{case.secret}/")
    assert "letter.pdf" in followed.text and "已請增班，三月一日起。" in followed.text
    own = sign_in().get(f"/track/{case.number}/{case.secret}/letter.pdf")
    assert own.status_code == 200 and "已請增班" in written(own.content)
    assert sign_in().get(f"/track/{case.number}/AAAAAAAA/letter.pdf").status_code == 404


def test_a_letter_with_a_character_that_the_fonts_lack_is_refused_by_name(report, staff, sign_in):
    case, officer = report("noise"), staff("case_officer", "epb-inspection")
    perform(officer, case.pk, "answer", text="已請\U0002a6d6先生改善", outcome="answered")
    answer = sign_in(officer).get(f"/desk/cases/{case.number}/letter.pdf")
    assert answer.status_code == 503 and "U+2A6D6" in answer.text


def test_others_neither_draft_nor_sign(report, staff, sign_in):
    case = report("petition", email="a@example.com")
    draft(staff("case_officer", DESK), case.pk, {"text": "稿", "outcome": "answered"})
    hand_in(staff("unit_head", DESK), case.pk)
    sign = Endorsement.objects.awaited().get().pk
    other = sign_in(staff("unit_head", OTHER))
    assert other.get(f"/desk/cases/{case.number}/draft/").status_code == 404
    assert other.get(f"/desk/approvals/{sign}/").status_code == 404
    assert case.number not in other.get("/desk/approvals/").text
    assert sign_in(staff("case_officer", DESK)).get("/desk/approvals/").status_code == 403
    noise = report("noise")
    assert sign_in(staff("case_officer", "epb-inspection")).get(f"/desk/cases/{noise.number}/draft/").status_code == 404


def test_who_drafted_is_told_that_another_must_sign_and_loses_nothing_typed(report, staff, sign_in):
    case, head = report("petition", email="a@example.com"), staff("unit_head", DESK)
    draft(head, case.pk, {"text": "主管自己擬的", "outcome": "answered"})
    hand_in(head, case.pk)
    client, sign = sign_in(head), f"/desk/approvals/{Endorsement.objects.awaited().get().pk}/"
    assert case.number not in client.get("/desk/approvals/").text
    shown = client.get(sign).text
    assert "請由另一位主管" in shown and 'name="approve"' not in shown and 'name="send_back"' in shown
    refused = client.post(sign, {"seen": 1, "text": "改成這樣", "words": "同意", "approve": 1})
    assert refused.status_code == 422 and "請由另一位主管" in refused.text and "改成這樣" in refused.text
    assert Endorsement.objects.awaited().count() == 1
    assert client.get(sign, headers={"Accept-Language": "en"}).text.count("another head") == 1
    assert 'name="approve"' in sign_in(staff("unit_head", DESK)).get(sign).text


def test_a_template_begins_a_draft_and_is_never_sent_by_itself(report, staff, sign_in):
    editor = sign_in(staff("editor"))
    fields = {"title": "增班", "kind_code": "petition", "outcome": "answered", "body": "有關 {案號}，{沒有這個}"}
    refused = editor.post("/desk/templates/new/", fields)
    assert refused.status_code == 422 and "{沒有這個}" in refused.text and "有關 {案號}" in refused.text
    fields["body"] = "有關您在{受理日期}反映的事（{案號}），說明如下。"
    assert editor.post("/desk/templates/new/", fields).status_code == 302
    assert editor.post("/desk/templates/new/", fields).status_code == 422  # the same title twice
    template = AnswerTemplate.objects.get()
    case = report("petition", email="a@example.com")
    officer = sign_in(staff("case_officer", DESK))
    page = officer.get(f"/desk/cases/{case.number}/draft/?template={template.pk}")
    assert f"（{case.number}），說明如下。" in page.text and "{受理日期}" not in page.text
    assert not Proposal.objects.exists()
    assert officer.get("/desk/templates/").status_code == 403
    assert editor.post(f"/desk/templates/{template.pk}/", {"remove": 1}).status_code == 302
    assert not AnswerTemplate.objects.exists()


def test_a_contribution_is_asked_for_given_and_seen(report, staff, sign_in):
    case = report("petition", email="a@example.com", description="公車與路燈")
    lead, other = sign_in(staff("case_officer", DESK)), sign_in(staff("case_officer", OTHER, name="會辦人"))
    address = f"/desk/cases/{case.number}/consult/"
    late = {"version": 1, "unit": OTHER, "text": "請說明", "due": (today() + timedelta(days=90)).isoformat()}
    refused = lead.post(address, late)
    assert refused.status_code == 422 and set(refused.context["form"].errors) == {"due"}
    for unit in (DESK, "pwb-road-crew-1"):
        wrong = lead.post(address, late | {"unit": unit, "due": (today() + timedelta(days=2)).isoformat()})
        assert wrong.status_code == 422 and set(wrong.context["form"].errors) == {"unit"}
    assert lead.post(address, late | {"due": (today() + timedelta(days=2)).isoformat()}).status_code == 302
    asked = Contribution.objects.get()
    assert now() < asked.due_at < case.due_at
    assert case.number in other.get("/desk/contributions/").text
    assert "會辦單位還沒有回復" in lead.get(f"/desk/cases/{case.number}/draft/").text
    words = {"seen": 0, "text": "已請公車處說明。", "outcome": "answered", "hand_in": 1}
    refused = lead.post(f"/desk/cases/{case.number}/draft/", words)
    assert refused.status_code == 422 and set(refused.context["form"].errors) == {"despite"}
    assert "已請公車處說明。" in refused.text and not Proposal.objects.exists()
    stranger = sign_in(staff("case_officer", "epb-inspection"))
    assert stranger.get(f"/desk/contributions/{asked.pk}/").status_code == 404
    photo = attach(case, None, picture(), phase="report", by_citizen=True)
    shown = f"/desk/contributions/{asked.pk}/photos/{photo.token}/shown/"
    assert shown in other.get(f"/desk/contributions/{asked.pk}/").text and other.get(shown).status_code == 200
    assert stranger.get(shown).status_code == other.get(shown.replace("shown", "original")).status_code == 404
    page = other.get(f"/desk/contributions/{asked.pk}/").text
    assert "公車與路燈" in page and "a@example.com" not in page
    assert other.get(f"/desk/cases/{case.number}/").status_code == 404  # the case itself stays with its unit
    assert other.post(f"/desk/contributions/{asked.pk}/", {"text": " ", "give": 1}).status_code == 422
    assert other.post(f"/desk/contributions/{asked.pk}/", {"text": "路燈已修。", "give": 1}).status_code == 302
    late_again = other.post(f"/desk/contributions/{asked.pk}/", {"text": "又一次", "give": 1})
    assert late_again.status_code == 409 and "又一次" in late_again.text
    assert "會辦單位還沒有回復" not in lead.get(f"/desk/cases/{case.number}/draft/").text
    seen = lead.get(f"/desk/cases/{case.number}/").text
    assert "路燈已修。" in seen and "會辦人" in seen
    assert "路燈已修" not in sign_in().get(f"/track/{case.number}/{case.secret}/").text


def test_lists_cost_the_same_at_one_row_and_at_many(report, staff, sign_in):
    officer, head = staff("case_officer", DESK), staff("unit_head", DESK)
    client = sign_in(head)

    def more(count: int) -> None:
        for _i in range(count):
            case = report("petition", email="a@example.com")
            draft(officer, case.pk, {"text": "稿", "outcome": "answered"})
            hand_in(officer, case.pk)
            other = report("petition", email="b@example.com")
            perform(officer, other.pk, "transfer", unit=directory.unit(OTHER), text="轉")
            Contribution.objects.create(
                case=other, unit=directory.unit(DESK), question="請說明", due_at=other.due_at, asked_by=officer,
                asked_at=now(),
            )  # fmt: skip

    more(1)
    before = [statements(client, address) for address in ("/desk/approvals/", "/desk/contributions/")]
    more(6)
    assert [statements(client, address) for address in ("/desk/approvals/", "/desk/contributions/")] == before


def test_a_crew_reports_to_the_officer_where_the_answer_needs_signatures(report, staff):
    case, officer = report("petition", email="a@example.com"), staff("unit_head", DESK)
    crew = staff("crew", "pwb-road-crew-1")
    perform(officer, case.pk, "dispatch", crew=directory.unit("pwb-road-crew-1"))
    for verb in ("accept", "arrive"):
        perform(crew, case.pk, verb)
    after = perform(crew, case.pk, "finish", text="現場已清", outcome="fixed")
    assert (after.state, after.done_at) == ("assigned", None)
    assert not case.events.filter(verb="finish", is_public=True).exists()
    draft(staff("case_officer", DESK), case.pk, {"text": "已清理。", "outcome": "fixed"})
    hand_in(officer, case.pk)
    approve(officer, Endorsement.objects.awaited().get().pk, seen=1)
    case.refresh_from_db()
    assert case.outcome == "fixed"
