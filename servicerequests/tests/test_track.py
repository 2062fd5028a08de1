"""Following a report: what everybody may know, what only the code opens, and what the citizen can do."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions.files import attach
from cases.actions.filing import Reporter
from cases.models import Attachment, Case
from foundation.clock import now
from identity.factories import person
from servicerequests.tests.office import WORDS, act, done, link
from servicerequests.tests.walking import IN_LINGYA, Walker, picture

# -- Number and code -----------


def test_number_and_code_open_the_whole_case_however_they_are_typed(filed, walker: Walker) -> None:
    case = filed()
    walker.get("/track/").send(
        "number", number=str(case.number).lower(), code=f" {case.secret[:4]}-{case.secret[4:].lower()}"
    )
    assert walker.address == link(case)
    assert WORDS in walker.page
    assert "車輪大小" in walker.page
    assert "已經有人因此跌倒或受傷" in walker.page


def test_a_number_alone_shows_the_public_facts(filed, walker: Walker) -> None:
    case = filed()
    walker.get("/track/").send("number", number=str(case.number))
    assert walker.address == f"/track/{case.number}/"
    assert walker.status == 200
    assert walker.page.count("苓雅區") == 1, "the district stands before the address and in it"
    for public in ("路面坑洞", "苓雅區", "已受理", "還有 3 時", "三多三路 215 號", "車輪大小"):
        assert public in walker.page
    for private in (WORDS, "已經有人因此", case.secret, "example.com"):
        assert private not in walker.page


def test_of_a_sensitive_kind_only_the_district_is_public(filed, walker: Walker) -> None:
    case = filed("noise")
    walker.get(f"/track/{case.number}/")
    assert "苓雅區" in walker.page
    for private in (WORDS, "三多三路", "好聲音", "聲音從哪裡來"):
        assert private not in walker.page
    walker.get(link(case))
    assert "好聲音" in walker.page


def test_the_words_of_the_timeline_are_for_the_reporter(filed, walker: Walker) -> None:
    case = filed()
    act(case, "take")
    act(case, "comment", text="陳太太說的")
    act(case, "ask", text="請問是哪一個車道？")
    walker.get(f"/track/{case.number}/")
    assert "請民眾補充資料" in walker.page
    assert "請問是哪一個車道" not in walker.page
    walker.get(link(case))
    assert "請問是哪一個車道" in walker.page
    assert "陳太太說的" not in walker.page  # a remark inside the office is never told


def test_a_wrong_code_is_answered_like_an_unknown_number(filed, walker: Walker) -> None:
    case = filed()
    wrong = walker.get(f"/track/{case.number}/33333333/")
    assert wrong.status == 404
    assert 'value="33333333"' in wrong.page and f'value="{case.number}"' in wrong.page  # to be mended, not typed anew

    def told(page: str, number: str) -> str:
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.replace(number, "X").split("<main")[1])

    known_number = told(wrong.page, str(case.number))
    unknown = walker.get("/track/D111-9999999/33333333/")
    assert unknown.status == 404
    assert told(unknown.page, "D111-9999999") == known_number
    assert "對照確認頁或通知信" in known_number
    assert walker.get("/track/D111-9999999/").status == 404
    assert walker.get("/track/nonsense/").status == 404


def test_a_case_without_a_code_is_opened_by_none(filed, walker: Walker) -> None:
    case = filed()
    Case.objects.filter(pk=case.pk).update(secret="")
    for code in ("", "-", "0", case.secret):
        assert walker.get(f"/track/{case.number}/{code}/" if code else f"/track/{case.number}//").status in (200, 404)
        assert WORDS not in walker.page


def test_guessing_is_stopped_and_the_reporter_who_was_here_before_still_gets_in(filed) -> None:
    case = filed()
    reporter, guesser = Walker(), Walker(Client(REMOTE_ADDR="203.0.113.9"))
    assert reporter.get(link(case)).status == 200
    statuses = [guesser.get(f"/track/{case.number}/3333333{c}/").status for c in "34679ACDEFGH"]
    assert statuses[0] == 404
    assert statuses[-1] == 429
    # Not even the right code tells a guesser anything now.
    assert guesser.get(link(case)).status == 429
    assert "Retry-After" in guesser.response.headers
    assert reporter.get(link(case)).status == 200


def test_trying_one_code_on_many_numbers_is_stopped(filed) -> None:
    guesser = Walker(Client(REMOTE_ADDR="203.0.113.10"))
    statuses = [guesser.get(f"/track/D111-{number:07}/33333333/").status for number in range(40)]
    assert set(statuses[:20]) == {404}
    assert statuses[-1] == 429


def test_a_page_with_a_code_in_its_address_is_kept_nowhere(filed, walker: Walker) -> None:
    walker.get(link(filed()))
    assert walker.response["Cache-Control"] == "private, no-store"
    assert walker.response["X-Robots-Tag"] == "noindex"
    assert walker.response["Referrer-Policy"] == "same-origin"


def test_the_number_in_an_address_is_tidied(filed, walker: Walker) -> None:
    case = filed()
    assert walker.get(f"/track/{str(case.number).lower()}/").address == f"/track/{case.number}/"


# -- Photos -----------


def test_photos_need_the_code_and_are_never_the_original(filed, walker: Walker) -> None:
    case = filed()
    photo = attach(case, None, picture(at=IN_LINGYA), phase="report", by_citizen=True)
    walker.get(link(case))
    shown = f"{link(case)}photos/{photo.token}/shown/"
    assert shown in walker.page
    content = b"".join(walker.client.get(shown).streaming_content)
    assert content.startswith(b"\xff\xd8\xff")
    assert b"Exif" not in content
    assert walker.client.get(f"{link(case)}photos/{photo.token}/original/").status_code == 404
    assert walker.client.get(f"/track/{case.number}/33333333/photos/{photo.token}/shown/").status_code == 404
    other = filed()
    assert walker.client.get(f"{link(other)}photos/{photo.token}/shown/").status_code == 404


def test_what_is_not_public_is_not_served(filed, walker: Walker) -> None:
    case = filed()
    photo = attach(case, None, picture(), phase="after")
    Attachment.objects.filter(pk=photo.pk).update(is_public=False)
    assert walker.client.get(f"{link(case)}photos/{photo.token}/shown/").status_code == 404


# -- What a citizen can do -----------


def test_supplying_what_was_asked_starts_the_clock_again(filed, walker: Walker) -> None:
    case = filed()
    act(case, "take")
    act(case, "ask", text="請問是哪一個車道？")
    walker.get(link(case))
    assert "計時暫停" in walker.page
    walker.send("text", text="慢車道", files={"photos": [picture()]})
    assert walker.status == 200
    assert "已收到您的補充" in walker.page
    case.refresh_from_db()
    assert (case.state, case.paused_at) == ("assigned", None)
    assert case.events.filter(verb="supply", is_public=True, text="慢車道", actor_label="民眾").exists()
    assert case.attachments.get().phase == "report"


def test_a_bad_photo_loses_neither_the_words_nor_half_of_the_answer(filed, walker: Walker) -> None:
    case = filed()
    act(case, "take")
    act(case, "ask", text="?")
    text = SimpleUploadedFile("notes.jpg", b"only words", content_type="image/jpeg")
    walker.get(link(case)).send("text", text="慢車道", files={"photos": [picture(), text]})
    assert walker.status == 422
    assert "「notes.jpg」" in walker.page
    assert walker.form("photos").values["text"] == "慢車道"
    case.refresh_from_db()
    assert case.state == "waiting"
    assert not case.attachments.exists()


def test_somebody_was_quicker_and_what_was_typed_stays(filed, walker: Walker) -> None:
    case = filed()
    act(case, "take")
    act(case, "ask", text="?")
    walker.get(link(case))
    act(case, "go_on")
    act(case, "ask", text="還有一個問題")
    walker.send("photos", text="慢車道")
    assert walker.status == 409
    assert "您填寫的內容仍在下方" in walker.page
    assert "還有一個問題" in walker.page
    walker.send("photos")
    assert walker.status == 200
    assert case.events.filter(verb="supply", text="慢車道").exists()


def test_a_verb_that_is_over_says_so(filed, walker: Walker) -> None:
    case = filed()
    act(case, "take")
    act(case, "ask", text="?")
    walker.get(link(case))
    act(case, "go_on")
    walker.send("photos", text="慢車道")
    assert walker.status == 409
    assert not case.events.filter(verb="supply").exists()


def test_rating_once_and_again(filed, walker: Walker) -> None:
    case = filed()
    done(act(case, "take"))
    walker.get(link(case))
    assert "已填補" in walker.page
    walker.send("rating", note="很快")
    assert walker.status == 422
    assert "請選擇 1 到 5 分" in walker.page
    walker.send("rating", rating="4")
    assert "謝謝您的評分" in walker.page
    case.refresh_from_db()
    assert (case.rating, case.rating_note) == (4, "很快")
    assert walker.form("rating").values["rating"] == "4"
    walker.send("rating", rating="5")
    case.refresh_from_db()
    assert case.rating == 5
    assert walker.client.post(f"{link(case)}rate/", {"rating": "6"}).status_code == 422


def test_reopening_within_the_term_needs_a_reason(filed, walker: Walker) -> None:
    case = filed()
    done(act(case, "take"))
    walker.get(link(case)).send("text")
    assert walker.status == 422
    walker.send("text", text="雨後又破了")
    assert "已請承辦單位重新處理" in walker.page
    case.refresh_from_db()
    assert (case.state, case.reopened, case.done_at) == ("received", 1, None)


def test_after_the_term_a_case_stays_closed(filed, walker: Walker) -> None:
    case = filed()
    done(act(case, "take"))
    with time_machine.travel(now() + timedelta(days=case.kind.reopen_days, minutes=1), tick=False):
        walker.get(link(case))
        assert "不能再要求重新處理" in walker.page
        assert f'href="/report/{case.kind_code}/"' in walker.page
        refused = walker.client.post(f"{link(case)}reopen/", {"text": "又破了"})
        assert refused.status_code == 422
    case.refresh_from_db()
    assert case.state == "done"


def test_withdrawing(filed, walker: Walker) -> None:
    case = filed()
    walker.get(link(case)).send("text", text="已經好了")
    assert "已撤回這件通報" in walker.page
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("withdrawn", "withdrawn")
    assert walker.client.post(f"{link(case)}withdraw/", {}).status_code == 409


def test_nothing_can_be_done_without_the_code(filed, walker: Walker) -> None:
    case = filed()
    for verb in ("supply", "rate", "reopen", "withdraw"):
        assert (
            walker.client.post(f"/track/{case.number}/33333333/{verb}/", {"text": "x", "rating": 1}).status_code == 404
        )
    case.refresh_from_db()
    assert (case.state, case.version) == ("received", 1)


@pytest.mark.parametrize("verb", ["answer", "close", "comment", "transfer", "file"])
def test_the_code_opens_no_verb_of_the_office(filed, walker: Walker, verb: str) -> None:
    case = filed()
    assert walker.client.post(f"{link(case)}{verb}/", {"text": "x"}).status_code == 404
    case.refresh_from_db()
    assert case.version == 1


def test_a_merged_case_shows_where_it_went(filed, walker: Walker) -> None:
    into, case = filed(description="另一個人寫的"), filed()
    Case.objects.filter(pk=case.pk).update(
        state="merged", merged_into=into, closed_at=now(), outcome="merged", paused_at=None
    )
    walker.get(link(case))
    assert f"已併入 {into.number}" in walker.page
    assert f'href="/track/{into.number}/"' in walker.page
    assert "另一個人寫的" not in walker.page
    assert into.secret not in walker.page


def test_a_record_of_the_past_says_that_its_source_did(filed, walker: Walker) -> None:
    case = filed()
    Case.objects.filter(pk=case.pk).update(state="imported", closed_at=now(), outcome="unknown")
    walker.get(f"/track/{case.number}/")
    assert "來源未載處理結果" in walker.page


# -- Signed in -----------


def test_my_cases_are_mine_alone_and_cost_the_same_for_one_and_for_twenty(
    filed, walker: Walker, django_assert_num_queries
) -> None:
    me = person(name="王小明")
    assert walker.get("/my-cases/").address.startswith("/sign-in/")
    mine = filed(reporter=Reporter(user=me))
    theirs = filed(reporter=Reporter(user=person()))
    walker.client.force_login(me)
    walker.get("/my-cases/")
    assert link(mine) in walker.page
    assert str(theirs.number) not in walker.page
    with CaptureQueriesContext(connection) as one:
        walker.get("/my-cases/")
    for _each in range(19):
        filed(reporter=Reporter(user=me))
    with django_assert_num_queries(len(one)):
        walker.get("/my-cases/")
    assert walker.page.count("/track/D") == 20
    filed(reporter=Reporter(user=me))
    walker.get("/my-cases/?page=2")
    assert walker.page.count("/track/D") == 1


def test_without_cases_the_list_says_what_to_do(walker: Walker) -> None:
    walker.client.force_login(person())
    walker.get("/my-cases/")
    assert "您登入後還沒有通報過" in walker.page
    assert 'href="/report/"' in walker.page


def test_a_long_history_costs_no_more_statements(filed, walker: Walker, django_assert_num_queries) -> None:
    case = filed()
    walker.get(link(case))
    with CaptureQueriesContext(connection) as one:
        walker.get(link(case))
    for _each in range(20):
        act(case, "comment", text="已洽廠商", public=True)
        attach(case, None, picture(), phase="before")
    with django_assert_num_queries(len(one)):
        walker.get(link(case))
    assert walker.page.count("已洽廠商") == 20
