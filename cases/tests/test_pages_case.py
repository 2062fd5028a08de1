"""The case page: everything about a case on one screen, and what of it only some may see."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from cases.actions.approving import draft, hand_in
from cases.actions.files import attach
from cases.actions.performing import perform
from cases.models import Attachment, Contribution
from foundation.clock import now
from identity.models import Disclosure
from organisation import directory

pytestmark = pytest.mark.django_db

ROADS, NOISE = "pwb-roads", "epb-inspection"


def picture() -> SimpleUploadedFile:
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), "gray").save(kept, "JPEG")
    return SimpleUploadedFile("hole.jpg", kept.getvalue(), content_type="image/jpeg")


def page_of(client, case) -> str:
    answer = client.get(f"/desk/cases/{case.number}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_facts_timeline_promise_and_verbs_stand_on_one_page(report, staff, sign_in):
    officer = staff("case_officer", ROADS, name="林佳蓉")
    case = report(description="路面破一個洞", fields={"size": "wheel", "hurt": True})
    perform(officer, case.pk, "comment", text="已電話請里長圍起來")
    text = page_of(sign_in(officer), case)
    for said in (
        case.number, "路面破一個洞", "四維三路2號", "車輪大小", str(case.village), "網路", "期限 4 小時", "還有 3 時",
        "已電話請里長圍起來", "內部", "林佳蓉", "尚未指定",
    ):  # fmt: skip
        assert said in text, said
    for verb in ("take", "dispatch", "answer", "transfer", "merge", "split", "ask"):
        assert f"/desk/cases/{case.number}/{verb}/" in text, verb
    for verb in ("extend", "close", "reopen", "rate", "supply", "accept", "finish", "go_on"):
        assert f"/desk/cases/{case.number}/{verb}/" not in text, verb  # not hers, or not now


def test_who_only_reads_is_offered_no_verb(report, staff, sign_in):
    case = report()
    text = page_of(sign_in(staff("auditor")), case)
    for verb in case.kind.lifecycle.transitions:
        assert f"/desk/cases/{case.number}/{verb}/" not in text, verb


def test_the_pane_is_the_same_case_without_the_page_around_it(report, staff, sign_in):
    case = report()
    client = sign_in(staff("case_officer", ROADS))
    pane = client.get(f"/desk/cases/{case.number}/", headers={"HX-Request": "true"}).content.decode()
    assert pane.lstrip().startswith("<article") and case.number in pane and "<html" not in pane
    assert "<h1" not in pane  # the list beside it has the page's heading


def test_its_price_does_not_grow_with_its_history(report, staff, sign_in):
    officer, case = staff("case_officer", NOISE), report("noise", email="a@example.com")
    client = sign_in(officer)
    page_of(client, case)

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as page:
            page_of(client, case)
        with CaptureQueriesContext(connection) as related:
            client.get(f"/desk/cases/{case.number}/related/", headers={"HX-Request": "true"})
        return len(page), len(related)

    cost()  # what is remembered is known now
    before = cost()
    for i in range(12):
        perform(officer, case.pk, "comment", text=f"note {i}")
        report("noise", email="a@example.com", lon=case.lon + i / 100_000)
    assert cost() == before <= (10, 8)


@pytest.mark.parametrize("role", ["case_officer", "unit_head"])
@pytest.mark.parametrize("kind", ["petition", "pothole", "works_safety"])
def test_its_price_keeps_its_bound_with_all_that_can_hang_on_it(report, staff, sign_in, kind, role):
    """A draft before the head, more time asked for, a question to another unit, a part split off, a twin close by."""
    more = {"fields": {"issue": "fence"}} if kind == "works_safety" else {}
    case, _twin = (report(kind, email="a@example.com", **more) for _i in range(2))
    officer = staff("case_officer", case.unit.code)
    if kind == "petition":
        draft(officer, case.pk, {"text": "已請增班。", "outcome": "answered"})
        hand_in(officer, case.pk)
    perform(officer, case.pk, "ask_extension", amount=Decimal(1), text="須會勘")
    Contribution.objects.create(
        case=case, unit=directory.unit("rdec-evaluation"), question="請說明", due_at=now() + timedelta(days=1),
        asked_by=officer, asked_at=now(),
    )  # fmt: skip
    perform(officer, case.pk, "split", kind_code="noise", description="另一件事")
    client = sign_in(officer if role == "case_officer" else staff(role, case.unit.code))
    page_of(client, case)
    with CaptureQueriesContext(connection) as said:
        assert "須會勘" in page_of(client, case)
    assert len(said) <= 15, [each["sql"][:200] for each in said]


# -- Who reported ------------------------------------------------------------------------------------------------------


def test_the_contact_is_shown_only_against_a_line_in_the_log(report, staff, sign_in):
    case = report(email="reporter@example.com", phone="0912345678")
    officer = staff("case_officer", ROADS)
    client = sign_in(officer)
    text = page_of(client, case)
    assert "reporter@example.com" not in text and "0912345678" not in text
    assert not Disclosure.objects.exists()
    assert client.get(f"/desk/cases/{case.number}/contact/").status_code == 405
    shown = client.post(f"/desk/cases/{case.number}/contact/", {"purpose": "確認位置"})
    assert "reporter@example.com" in shown.content.decode() and "0912345678" in shown.content.decode()
    entry = Disclosure.objects.get()
    assert (entry.actor, entry.purpose, sorted(entry.fields)) == (officer, "確認位置", ["email", "phone"])
    assert (entry.subject, entry.subject_id) == ("case", case.number)
    # Once more is looked at once more.
    part = client.post(f"/desk/cases/{case.number}/contact/", headers={"HX-Request": "true"}).content.decode()
    assert "reporter@example.com" in part and "<html" not in part
    assert Disclosure.objects.count() == 2


@pytest.mark.parametrize(("role", "where"), [("agency_head", {"agency": "pwb"}), ("controller", {}), ("auditor", {})])
def test_who_only_steers_does_not_learn_who_reported(report, staff, sign_in, role, where):
    case = report(email="reporter@example.com")
    client = sign_in(staff(role, **where))
    text = page_of(client, case)
    assert "您的職務不能查看" in text and "reporter@example.com" not in text
    refused = client.post(f"/desk/cases/{case.number}/contact/")
    assert refused.status_code == 403 and "reporter@example.com" not in refused.content.decode()
    assert not Disclosure.objects.exists()


def test_another_units_officer_gets_no_contact(report, staff, sign_in):
    case = report(email="reporter@example.com")
    client = sign_in(staff("case_officer", NOISE))
    assert client.post(f"/desk/cases/{case.number}/contact/").status_code == 404
    assert not Disclosure.objects.exists()


def test_an_anonymous_report_says_so(report, staff, sign_in):
    case = report()
    client = sign_in(staff("case_officer", ROADS))
    assert "匿名通報" in page_of(client, case)
    assert client.post(f"/desk/cases/{case.number}/contact/").status_code == 404
    assert not Disclosure.objects.exists()


# -- What it may have to do with ---------------------------------------------------------------------------------------


def related_to(client, case):
    """What comes after the page of a case: its answer."""
    answer = client.get(f"/desk/cases/{case.number}/related/")
    assert answer.status_code == 200
    return answer


def test_the_page_leads_to_what_may_have_to_do_with_it_and_brings_nothing_of_it(report, staff, sign_in):
    case, other = report(), report()
    officer = sign_in(staff("case_officer", ROADS))
    page, pane = (
        officer.get(f"/desk/cases/{case.number}/", headers=headers).content.decode()
        for headers in ({}, {"HX-Request": "true"})
    )
    way = f"/desk/cases/{case.number}/related/"
    assert f'hx-get="{way}" hx-trigger="intersect once"' in page and f'<a href="{way}">' in page
    assert f'hx-get="{way}?level=3"' in pane and other.number not in page + pane
    whole, part = officer.get(way), officer.get(f"{way}?level=3", headers={"HX-Request": "true"})
    assert other.number in whole.content.decode() and "<h1>" in whole.content.decode()
    assert other.number in part.content.decode() and "<h3>" in part.content.decode()
    assert "<html" not in part.content.decode() and "<h2" not in part.content.decode()
    assert sign_in(staff("case_officer", NOISE)).get(way).status_code == 404


def test_a_case_that_stands_alone_says_so(report, staff, sign_in):
    client, alone = sign_in(staff("case_officer", ROADS)), report()
    assert "沒有找到相關的案件" in related_to(client, alone).content.decode()
    nowhere = report("petition", email="a@example.com", lon=None, lat=None)
    page = page_of(sign_in(staff("controller")), nowhere)
    assert f"/desk/cases/{nowhere.number}/related/" not in page  # no place, and who it was is not hers to know


def test_open_cases_around_it_stand_by_distance(report, staff, sign_in):
    officer = staff("case_officer", ROADS)
    case = report(lon=120.3121, lat=22.6205)
    near, nearer = report(lat=22.6220), report(lat=22.6210)  # 167 m and 56 m
    same = report("noise", lat=22.6205)  # another unit's
    done, far = report(lat=22.6206), report(lat=22.6300)
    perform(officer, done.pk, "answer", text="補好了", outcome="fixed")
    answer = related_to(sign_in(officer), case)
    assert [(metres, found.pk) for metres, found in answer.context["nearby"]] == [(56, nearer.pk), (167, near.pk)]
    everywhere = related_to(sign_in(staff("controller")), case).context["nearby"]
    assert [found.pk for _metres, found in everywhere] == [same.pk, nearer.pk, near.pk]
    assert far.pk not in {found.pk for _metres, found in everywhere}
    queue = sign_in(officer).get("/desk/")
    assert {row["number"]: row["near"] for row in queue.context["rows"]}[case.number] == 1  # 56 m, not 167 m


def test_a_citizens_other_cases_are_for_those_who_may_see_the_citizen(report, staff, sign_in):
    case, other = report(email="same@example.com"), report("street_light", email="same@example.com")
    stranger = report(email="another@example.com", lat=22.60)
    anonymous = report(lat=22.61)
    agent = related_to(sign_in(staff("call_agent")), case)
    assert [c.pk for c in agent.context["others"]] == [other.pk]
    director = related_to(sign_in(staff("agency_head", agency="pwb")), case)
    assert list(director.context["others"]) == []
    officer = related_to(sign_in(staff("case_officer", ROADS)), case)
    assert list(officer.context["others"]) == []  # it lies in a unit that she does not see
    assert {stranger.pk, anonymous.pk}.isdisjoint(c.pk for c in agent.context["others"])


# -- Files -------------------------------------------------------------------------------------------------------------


def test_files_follow_their_case(report, staff, sign_in):
    case, officer = report(), staff("case_officer", ROADS)
    photo = attach(case, officer, picture(), phase="before")
    paper = attach(
        case,
        officer,
        SimpleUploadedFile("簽呈.pdf", b"%PDF-1.7\nstartxref\n0\n%%EOF\n", content_type="application/pdf"),
    )
    mine, other = sign_in(officer), sign_in(staff("case_officer", NOISE))
    assert str(photo.token) in page_of(mine, case) and "簽呈.pdf" in page_of(mine, case)
    for file, variant, status in (
        (photo, "thumbnail", 200), (photo, "shown", 200), (photo, "original", 404), (photo, "no-such", 404),
        (paper, "original", 200), (paper, "shown", 404),
    ):  # fmt: skip
        answer = mine.get(f"/desk/files/{file.token}/{variant}/")
        assert answer.status_code == status, (file, variant)
        assert other.get(f"/desk/files/{file.token}/{variant}/").status_code == 404, (file, variant)
        if status == 200:
            assert answer["Content-Type"] == (file.content_type if variant == "original" else "image/jpeg")
            assert ("attachment" in answer["Content-Disposition"]) == (file is paper)
            assert b"".join(answer.streaming_content).startswith(b"%PDF" if file is paper else b"\xff\xd8")


def test_a_draft_of_a_report_is_nobodys_at_the_desk(city, staff, sign_in):
    from cases.actions.files import keep_file

    draft = keep_file(picture(), images_only=True)
    assert Attachment.objects.filter(case=None).count() == 1
    assert sign_in(staff("controller")).get(f"/desk/files/{draft.token}/shown/").status_code == 404


# -- How it ended ------------------------------------------------------------------------------------------------------


def test_merged_and_split_cases_lead_to_each_other(report, staff, sign_in):
    officer, first, second = staff("case_officer", NOISE), report("noise"), report("noise")
    perform(officer, second.pk, "merge", into=first)
    perform(officer, first.pk, "split", kind_code="noise", description="還有另一件")
    client = sign_in(officer)
    assert f"/desk/cases/{first.number}/" in page_of(client, second)
    assert "已併入" in page_of(client, second)
    part = first.parts.get()
    for other in (second, part):
        assert f"/desk/cases/{other.number}/" in page_of(client, first)
    assert "併入本案" in page_of(client, first) and "拆出" in page_of(client, first)
    assert f"/desk/cases/{first.number}/" in page_of(client, part) and "拆自" in page_of(client, part)


def test_a_case_without_a_place_or_promise_has_a_page_too(report, staff, sign_in):
    case = report("petition", lon=None, lat=None, address="", email="a@example.com", description="想請問公車")
    text = page_of(sign_in(staff("case_officer", "rdec-service")), case)
    assert "想請問公車" in text and "data-map" not in text
    past = report(received_at=now() - timedelta(days=9000))
    assert past.due_at is None
    assert "沒有期限" in page_of(sign_in(staff("case_officer", ROADS)), past)


def test_a_transfer_takes_the_case_out_of_sight(report, staff, sign_in):
    case, officer = report("noise"), staff("case_officer", NOISE)
    client = sign_in(officer)
    page_of(client, case)
    perform(officer, case.pk, "transfer", unit=directory.unit("police-traffic"), text="警察局權責")
    assert client.get(f"/desk/cases/{case.number}/").status_code == 404
    assert "改由其他單位辦理" in page_of(sign_in(staff("case_officer", "police-traffic")), case)
