"""Declaring and withdrawing a closure: said twice before it is done, refused by field, and followed by the cases."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from foundation.clock import TAIPEI
from foundation.jobs import perform_waiting
from organisation.actions import declare_closure
from organisation.calendar import working_calendar
from organisation.memory import SECONDS
from organisation.models import CalendarOverride

NAMAXIA, LINGYA, CISHAN = "64000380", "64000080", "64000300"
NEW = "/calendar/closures/new/"
TUESDAY = "2022-07-26"
SAID = {
    "day": TUESDAY,
    "where": "city",
    "kind": "closed",
    "reason": "凱米颱風停止上班",
    "source": "市府 7 月 25 日新聞稿",
}


@pytest.fixture
def monday(city: Any) -> Iterator[Any]:
    """It is Monday, 25 July 2022, ten in the morning; nothing is declared and nothing waits."""
    CalendarOverride.objects.all().delete()
    connection.cursor().execute("DELETE FROM procrastinate_jobs")
    with time_machine.travel(datetime(2022, 7, 25, 10, tzinfo=TAIPEI), tick=False) as traveller:
        yield traveller


@pytest.fixture
def controller(monday: Any, staff: Any) -> Any:
    return staff("controller", "rdec-evaluation")


@pytest.fixture
def office(controller: Any) -> Client:
    client = Client()
    client.force_login(controller)
    return client


def in_force() -> set[tuple[str, str | None, str, str]]:
    rows = CalendarOverride.objects.in_force()
    return {(f"{row.date}", row.district_id, row.kind, row.reason) for row in rows}


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs WHERE task_name = 'cases.recompute_deadlines'")
        return [json.loads(args) for (args,) in cursor.fetchall()]


def test_what_is_said_is_shown_first_and_done_when_confirmed(office: Client, controller: Any) -> None:
    working_calendar()
    assert office.get(NEW).status_code == 200
    check = office.post(NEW, SAID | {"step": "check"})
    text = check.content.decode()
    assert check.status_code == 200 and "請確認宣告" in text and "111 年 7 月 26 日（二）" in text
    assert "會在一分鐘內依新的日曆重算；其他的期限不變。" in text and "都會寫明理由與新舊期限" in text
    assert in_force() == set() and jobs() == []

    done = office.post(NEW, SAID | {"step": "declare"}, follow=True)
    assert done.redirect_chain == [("/calendar/2022/", 302)]
    assert "已經宣告。" in done.content.decode() and "市府 7 月 25 日新聞稿" in done.content.decode()
    assert in_force() == {(TUESDAY, None, "closed", "凱米颱風停止上班")}
    assert CalendarOverride.objects.get().declared_by == controller
    assert jobs() == [{"reason": "111 年 7 月 26 日 凱米颱風停止上班", "districts": None}]
    assert not working_calendar().is_working_day(datetime(2022, 7, 26).date())


def test_the_hidden_answers_of_the_check_page_declare_what_was_checked(office: Client) -> None:
    said = SAID | {"where": "districts", "districts": [NAMAXIA, LINGYA], "reason": "「山區」<豪雨> & 落石"}
    form = office.post(NEW, said | {"step": "check"}).context["form"]
    hidden: dict[str, Any] = {}
    for bound in form:
        hidden[bound.name] = bound.value()
        assert 'type="hidden"' in bound.as_hidden()
    office.post(NEW, hidden | {"step": "declare"})
    assert in_force() == {
        (TUESDAY, NAMAXIA, "closed", "「山區」<豪雨> & 落石"),
        (TUESDAY, LINGYA, "closed", "「山區」<豪雨> & 落石"),
    }


def test_going_back_keeps_every_answer_and_declares_nothing(office: Client) -> None:
    said = SAID | {"where": "districts", "districts": [NAMAXIA, LINGYA]}
    back = office.post(NEW, said | {"step": "edit"})
    text = back.content.decode()
    assert back.status_code == 200 and 'value="凱米颱風停止上班"' in text and f'value="{TUESDAY}"' in text
    assert back.context["form"]["districts"].value() == [NAMAXIA, LINGYA]
    assert office.post(NEW, said).status_code == 200  # Enter in a field, without a button
    assert in_force() == set()


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"day": ""}, "day", "請填寫「日期」。"),
        ({"day": "26 July"}, "day", "例如 2026-07-24"),
        ({"day": "2022-06-23"}, "day", "只能宣告 31 天以內的日子"),
        ({"day": "0111-07-26"}, "day", "只能宣告 31 天以內的日子"),
        ({"day": "2023-07-27"}, "day", "最多宣告到 112 年 7 月 26 日"),
        ({"kind": ""}, "kind", "請選擇「方式」。"),
        ({"kind": "shut"}, "kind", "shut"),
        ({"day": "2022-07-30"}, "kind", "這一天本來就不上班"),
        ({"day": "2022-07-30", "kind": "morning_closed"}, "kind", "這一天本來就不上班"),
        ({"day": "2022-09-09", "where": "districts", "districts": [NAMAXIA]}, "kind", "這一天本來就不上班"),
        ({"kind": "open"}, "kind", "原本就是「照常上班」"),
        ({"where": ""}, "where", "請選擇「範圍」。"),
        ({"where": "city", "districts": [NAMAXIA]}, "where", "範圍是全市，卻勾了行政區"),
        ({"where": "districts"}, "districts", "請勾選停班的行政區"),
        ({"where": "districts", "districts": ["65000010"]}, "districts", "請選擇本市的行政區"),
        ({"reason": ""}, "reason", "請填寫「理由」。"),
        ({"reason": " 　 "}, "reason", "請填寫「理由」。"),
        ({"reason": "颱" * 201}, "reason", "最多 200 個字，現在有 201 個字。"),
        ({"source": ""}, "source", "請填寫「依據」。"),
    ],
)
def test_nonsense_is_refused_by_field_and_nothing_typed_is_lost(
    office: Client, change: dict[str, Any], field: str, words: str
) -> None:
    for step in ("check", "declare"):
        response = office.post(NEW, SAID | change | {"step": step})
        form = response.context["form"]
        assert response.status_code == 422
        assert set(form.errors) == {field} and words in form.errors[field][0]
        assert f'id="id_{field}_error"' in response.content.decode()
        assert all(form[name].value() == value for name, value in (SAID | change).items())
    assert in_force() == set() and jobs() == []


def test_the_limits_of_the_day_are_the_last_that_pass(office: Client) -> None:
    for day in ("2022-06-24", "2023-07-26"):
        assert office.post(NEW, SAID | {"day": day, "step": "declare"}).status_code == 302
    assert {day for day, *_rest in in_force()} == {"2022-06-24", "2023-07-26"}


def test_what_changes_nothing_is_refused_and_what_mends_the_words_is_not(office: Client) -> None:
    office.post(NEW, SAID | {"step": "declare"})
    in_one = SAID | {"where": "districts", "districts": [NAMAXIA], "step": "declare"}
    again = office.post(NEW, in_one)
    assert again.status_code == 422 and "原本就是「全日停止上班」" in again.content.decode()
    # A district that stays open while the city is closed; then the same words again, then others.
    assert office.post(NEW, in_one | {"kind": "open"}).status_code == 302
    same = office.post(NEW, SAID | {"step": "declare"}, follow=True)
    assert "同樣的宣告本來就在，沒有任何改變。" in same.content.decode() and len(jobs()) == 2
    assert office.post(NEW, SAID | {"source": "更正公告", "step": "declare"}).status_code == 302
    assert CalendarOverride.objects.in_force().get(district=None).source == "更正公告"
    assert working_calendar(NAMAXIA).is_working_day(datetime(2022, 7, 26).date())


def test_a_saturday_that_was_opened_may_be_closed_for_half_of_it(office: Client) -> None:
    saturday = SAID | {"day": "2022-07-30", "step": "declare"}
    assert office.post(NEW, saturday | {"kind": "open"}).status_code == 302
    assert office.post(NEW, saturday | {"kind": "afternoon_closed"}).status_code == 302
    assert [kind for _day, _place, kind, _reason in in_force()] == ["afternoon_closed"]


def test_the_check_page_says_what_is_replaced_and_what_stays(office: Client, controller: Any) -> None:
    day = datetime(2022, 7, 26).date()
    declare_closure(controller, day, None, "morning_closed", "早上的公告", "市府")
    declare_closure(controller, day, [NAMAXIA, CISHAN], "closed", "山區豪雨", "市府")
    whole = office.post(NEW, SAID | {"step": "check"}).context
    assert [each.reason for each in whole["replaced"]] == ["早上的公告"]
    assert [(each.reason, each.place) for each in whole["kept"]] == [("山區豪雨", "旗山區、那瑪夏區")]
    said = SAID | {"where": "districts", "districts": [NAMAXIA, LINGYA], "kind": "open", "step": "check"}
    some = office.post(NEW, said).context
    assert [(each.reason, each.place) for each in some["replaced"]] == [("山區豪雨", "那瑪夏區")] and not some["kept"]


def test_a_part_of_what_was_declared_is_withdrawn_with_its_reason(office: Client, controller: Any) -> None:
    day = datetime(2022, 7, 26).date()
    rows = declare_closure(controller, day, [NAMAXIA, CISHAN, LINGYA], "closed", "豪雨", "市府")
    connection.cursor().execute("DELETE FROM procrastinate_jobs")
    address = f"/calendar/closures/{rows[1].pk}/revocation/"
    form = office.get(address).context["form"]
    assert form["districts"].value() == [LINGYA, CISHAN, NAMAXIA]

    for wrong, field in (({"districts": [LINGYA]}, "reason"), ({"reason": "更正"}, "districts")):
        refused = office.post(address, wrong)
        assert refused.status_code == 422 and set(refused.context["form"].errors) == {field}
    foreign = office.post(address, {"districts": ["64000010"], "reason": "更正"})
    assert foreign.status_code == 422 and len(in_force()) == 3 and jobs() == []

    done = office.post(address, {"districts": [LINGYA, NAMAXIA], "reason": "公告更正"}, follow=True)
    assert "已經撤回。" in done.content.decode()
    assert {place for _day, place, *_rest in in_force()} == {CISHAN}
    assert {(job["reason"], *job["districts"]) for job in jobs()} == {
        ("111 年 7 月 26 日 的停班宣告撤回：公告更正", LINGYA),
        ("111 年 7 月 26 日 的停班宣告撤回：公告更正", NAMAXIA),
    }
    assert working_calendar(LINGYA).is_working_day(day) and not working_calendar(CISHAN).is_working_day(day)
    (gone,) = done.context["withdrawn"]
    assert gone.place == "苓雅區、那瑪夏區"


def test_one_place_needs_no_boxes_and_a_second_time_changes_nothing(office: Client, controller: Any) -> None:
    (row,) = declare_closure(controller, datetime(2022, 7, 26).date(), None, "closed", "颱風", "市府")
    address = f"/calendar/closures/{row.pk}/revocation/"
    assert "districts" not in office.get(address).context["form"].fields
    assert office.post(address, {"reason": "更正"}).status_code == 302
    before = CalendarOverride.objects.get()
    for again in (office.get(address, follow=True), office.post(address, {"reason": "再一次"}, follow=True)):
        assert "這項宣告已經撤回。" in again.content.decode()
    assert CalendarOverride.objects.get().revoked_at == before.revoked_at and before.revoked_by == controller
    assert office.get("/calendar/closures/999999999/revocation/").status_code == 404


def test_a_day_of_the_pack_says_where_it_has_to_be_mended_too(office: Client, controller: Any) -> None:
    (row,) = declare_closure(controller, datetime(2022, 7, 26).date(), None, "closed", "颱風", "市府")
    address = f"/calendar/closures/{row.pk}/revocation/"
    assert "calendar.csv" not in office.get(address).content.decode()
    CalendarOverride.objects.filter(pk=row.pk).update(from_pack=True)
    assert "這一天來自城市包的 calendar.csv" in office.get(address).content.decode()


def test_only_who_may_declare_gets_in(monday: Any, staff: Any, controller: Any) -> None:
    (row,) = declare_closure(controller, datetime(2022, 7, 26).date(), None, "closed", "颱風", "市府")
    addresses = (NEW, f"/calendar/closures/{row.pk}/revocation/")
    officer = Client()
    officer.force_login(staff("unit_head", "pwb-roads"))
    for address in addresses:
        for ask in (officer.get, officer.post):
            assert ask(address, SAID | {"step": "declare", "day": "2022-07-27"}).status_code == 403
            nobody = Client()
            asked = nobody.get(address) if ask == officer.get else nobody.post(address, SAID)
            assert asked.status_code == 302 and asked.headers["Location"].startswith("/sign-in/")
    assert in_force() == {(TUESDAY, None, "closed", "颱風")}


def test_an_open_case_gets_its_day_more_and_says_why(office: Client, monday: Any, report: Any) -> None:
    case, elsewhere = report("street_light"), report("street_light", lon=120.7, lat=23.23)
    assert case.district_id == LINGYA and elsewhere.district_id not in (None, LINGYA)
    due, other_due = case.due_at, elsewhere.due_at
    office.post(NEW, SAID | {"where": "districts", "districts": [LINGYA], "step": "declare"})
    perform_waiting()
    case.refresh_from_db()
    assert case.due_at == due  # other processes still read the old calendar
    monday.shift(timedelta(seconds=SECONDS + 6))
    perform_waiting()
    case.refresh_from_db()
    elsewhere.refresh_from_db()
    assert case.due_at > due and elsewhere.due_at == other_due
    event = case.events.get(verb="deadline")
    assert event.is_public and event.text == "111 年 7 月 26 日 凱米颱風停止上班"
    assert {name: datetime.fromisoformat(at) for name, at in event.data.items()} == {"from": due, "to": case.due_at}

    row = CalendarOverride.objects.in_force().get()
    office.post(f"/calendar/closures/{row.pk}/revocation/", {"reason": "公告更正"})
    monday.shift(timedelta(seconds=SECONDS + 6))
    perform_waiting()
    case.refresh_from_db()
    assert case.due_at == due and case.events.filter(verb="deadline").count() == 2
