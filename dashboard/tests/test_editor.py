"""Boards made by an editor: what fits is offered, what does not is said and nothing is lost, every change is kept."""

import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from dashboard.actions import change_board
from dashboard.models import Board, BoardChange, Chart
from figures.models import Target
from figures.registry import registry
from foundation.clock import now

pytestmark = pytest.mark.django_db

NEW = "/boards/requests/charts/new/"
RECEIVED, RATE = "servicerequests.requests", "servicerequests.on_time_rate"


@pytest.fixture
def editor(year, staff):
    client = Client()
    client.force_login(staff("editor", name="吳編輯"))
    return client


def said(**other) -> dict:
    shape = {"figures": [RECEIVED], "by": "district", "split": "", "span": "chosen", "kind": "map"}
    return {**shape, "title": "受理地圖", "title_en": "Map", **other}


def offered(text: str) -> set[str]:
    radios = re.findall(r'<input[^>]*name="kind"[^>]*>', text)
    return {re.search(r'value="(\w+)"', radio)[1] for radio in radios if "disabled" not in radio}


def test_the_data_decide_what_is_offered_and_the_preview_keeps_nothing(editor):
    preview = {"preview": "1", "title": "", "title_en": ""}
    text = editor.post(NEW, said(**preview)).content.decode()
    assert offered(text) == {"bar", "donut", "table", "map", "points"} and "受理案件最多，4 件，占 50.0%" in text
    assert "error-summary" not in text and "比率" not in text
    text = editor.post(NEW, said(**preview, figures=[RATE])).content.decode()
    assert offered(text) == {"bar", "table", "map"} and "比率、平均或中位數不能相加成一個整體。" in text
    assert "這個指標的紀錄沒有可以公開的位置。" in text
    # What was chosen does not fit any more: the first that does is drawn.
    text = editor.post(NEW, said(**preview, by="time")).content.decode()
    assert offered(text) == {"line", "bar", "table"} and re.search(r'value="line"[^>]*checked', text)
    assert not Chart.objects.filter(title="受理地圖").exists()


def test_a_chart_is_added_changed_moved_and_removed_and_each_is_written_down(editor):
    assert editor.post(NEW, said(**{"within-kind": "pothole"})).status_code == 302
    chart = Chart.objects.get(title="受理地圖")
    assert (chart.within, chart.order) == ({"kind": "pothole"}, 14)
    address = f"/boards/requests/charts/{chart.pk}/"
    assert 'value="pothole" selected' in editor.get(address).content.decode()
    assert editor.post(address, said(title="坑洞地圖")).status_code == 302
    editor.post(f"{address}place/", {"to": "up"})
    assert list(Board.objects.get(slug="requests").charts.values_list("title", flat=True))[-2:] == [
        "坑洞地圖",
        "每月統計",
    ]
    editor.post(f"{address}removal/")
    assert not Chart.objects.filter(pk=chart.pk).exists()
    changes = list(BoardChange.objects.filter(by__name="吳編輯").values_list("what", flat=True))
    assert changes == ["chart_removed", "chart_moved", "chart_changed", "chart_added"]
    removed = BoardChange.objects.first()
    assert removed.before["within"] == {} and removed.before["title"] == "坑洞地圖"
    assert "移除圖表：坑洞地圖" in editor.get("/boards/requests/").content.decode()
    for attempt in (lambda: BoardChange.objects.update(what="made"), removed.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_a_target_is_shown_with_how_far_it_is(editor, staff):
    typed = said(figures=[RATE], by="", kind="progress", title="期限內完成率的目標")
    answer = editor.post(NEW, typed)
    assert answer.status_code == 422 and "這個指標還沒有訂目標" in answer.content.decode()

    def aim(value: str) -> str:
        target = {"figure": RATE, "grain": "year", "period": date(2022, 1, 1), "reason": "市政會議", "set_at": now()}
        Target.objects.create(value=value, **target)
        editor.post(NEW, typed)
        return editor.get("/dashboard/requests/?year=2022").content.decode()

    text = aim("95")
    assert "期限內完成率 85.7 %，目標是 95.0 %，還沒有達到。" in text and 'class="target"' in text
    assert "達到目標 80.0 %。" in aim("80")
    assert "這段期間沒有訂目標。" in editor.get("/dashboard/requests/?year=2022&kind=pothole").content.decode()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": ""}, "請填寫「標題」。"),
        ({"figures": []}, "請至少選一個「指標」。"),
        ({"kind": "line"}, "這裡不能用「折線圖」：要依時間呈現。"),
        ({"figures": [RECEIVED, RATE], "kind": "bar"}, "所選指標的單位不同"),
        ({"by": "clock", "kind": "heat"}, "所選指標不能依「星期與時段」呈現。"),
        ({"figures": ["servicerequests.median_hours"], "kind": "bar", "by": "time", "span": "days30"}, "沒有這麼細"),
    ],
)
def test_wrong_input_is_named_and_nothing_typed_is_lost(editor, wrong, message):
    before = Chart.objects.count()
    answer = editor.post(NEW, said(note="請看附註", **wrong))
    text = answer.content.decode()
    assert answer.status_code == 422 and message in text and 'value="請看附註"' in text
    assert Chart.objects.count() == before


def test_a_new_board_is_not_published_until_its_editor_says_so(editor):
    typed = {"title": "道路", "title_en": "Roads", "slug": "road-desk", "audience": "public", "order": "5"}
    for wrong, message in (
        ({"slug": "道路"}, "網址名稱"),
        ({"slug": "requests"}, "網址名稱"),
        ({"audience": "agency"}, "請選擇「業務機關」"),
        ({"frame_sites": "kcg.gov.tw"}, "寫法不對"),
        ({"audience": "control", "frame_sites": "https://www.kcg.gov.tw"}, "不公開的儀表板不能嵌入"),
    ):
        answer = editor.post("/boards/new/", typed | wrong)
        assert answer.status_code == 422 and message in answer.content.decode(), wrong
    assert editor.post("/boards/new/", typed).status_code == 302
    assert Client().get("/dashboard/road-desk/").status_code == 404
    assert editor.get("/dashboard/road-desk/").status_code == 200
    assert editor.post("/boards/road-desk/", typed | {"is_published": "on"}).status_code == 302
    assert Client().get("/dashboard/road-desk/").status_code == 200


def test_a_board_with_what_is_not_public_does_not_become_public(editor, staff, monkeypatch):
    board = Board.objects.get(slug="pwb-desk")
    board.audience = "public"
    closed = replace(registry.figure("servicerequests.open"), public=False)
    with monkeypatch.context() as patched:
        patched.setitem(registry._figures, closed.code, closed)
        with pytest.raises(ValidationError, match="不公開"):
            change_board(board, staff("editor"))
    assert change_board(board, staff("editor")).is_public


def test_only_editors_change_boards(year, staff, client):
    client.force_login(staff("case_officer", "pwb-roads"))
    assert client.get("/boards/requests/").status_code == 403
    assert Client().post(NEW, said()).status_code == 302  # to the sign-in page
    assert not Chart.objects.filter(title="受理地圖").exists()


def test_a_frame_is_open_to_the_sites_that_were_named_and_to_no_other(editor):
    assert Client().get("/dashboard/requests/frame/").status_code == 404
    board = Board.objects.get(slug="requests")
    board.frame_sites = "https://www.kcg.gov.tw\nhttps://open.kcg.gov.tw"
    board.save()
    chart = board.charts.get(title="各種類受理案件")
    answer = Client().get(f"/dashboard/requests/frame/?chart={chart.pk}")
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors https://www.kcg.gov.tw https://open.kcg.gov.tw" in policy and "default-src 'self'" in policy
    assert "X-Frame-Options" not in answer and "各種類受理案件" in answer.content.decode()
    page = Client().get("/dashboard/requests/")
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"] and page["X-Frame-Options"] == "DENY"
    assert "sessionid" not in answer.cookies and "csrftoken" not in answer.cookies


def test_a_screen_needs_no_account_and_a_new_address_ends_the_old_one(editor):
    old = Board.objects.get(slug="control-room").screen_key
    answer = Client().get(f"/screens/{old}/")
    text = answer.content.decode()
    assert answer.status_code == 200 and "今天受理" in text and "應變中心" in text and not answer.cookies
    assert "no-store" in answer["Cache-Control"] and "登入" not in text
    editor.post("/boards/control-room/screen/")
    assert Client().get(f"/screens/{old}/").status_code == 404
    assert Client().get(f"/screens/{Board.objects.get(slug='control-room').screen_key}/").status_code == 200
    assert old not in str(list(BoardChange.objects.values()))


def test_the_picture_of_a_chart_is_whole_in_its_file(year):
    board = Board.objects.get(slug="requests")
    for chart in board.charts.all():
        answer = Client().get(f"/dashboard/requests/{chart.pk}.svg?year=2022")
        text = answer.content.decode()
        assert answer.status_code == 200 and answer["Content-Type"].startswith("image/svg+xml")
        assert "var(--" not in text and 'href="#' not in text and "%" not in re.findall(r'<rect x="([^"]+)"', text)
        assert chart.title in text
    assert ElementTree.fromstring(text).tag.endswith("svg")
