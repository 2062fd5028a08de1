"""A report from the first page to its number, as a browser without JavaScript files it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import Attachment, Case, Contact
from cases.registry import kind, kinds
from foundation.clock import now
from identity.factories import person
from servicerequests.pages.report.catalogue import catch_all
from servicerequests.tests.walking import IN_LINGYA, IN_TAIPEI, Walker, picture


def number_in(page: str) -> str:
    return re.search(r"[DPW]\d{3}-\d{7}", page)[0]


def code_in(page: str) -> str:
    return re.search(r'panel-code">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)[1]


def point(lon: float, lat: float) -> str:
    return f"{lat}, {lon}"


@pytest.mark.parametrize("code", sorted(kinds()))
def test_each_kind_can_be_reported_without_a_script(walker: Walker, code: str) -> None:
    walker.report(kind(code))
    assert walker.status == 200, walker.page
    case = Case.objects.get()
    assert case.number == number_in(walker.page)
    assert code_in(walker.page).replace("-", "") == case.secret
    assert case.kind_code == code
    assert str(case.district) == "苓雅區"
    assert case.unit.code == kind(code).unit_for(case.district_id)
    assert {f.name for f in kind(code).fields if f.required} <= set(case.fields)
    assert case.description == "機車經過很危險"
    assert Contact.objects.get(case=case).email == "reporter@example.com"


def test_the_first_page_offers_every_kind_with_its_promise(walker: Walker) -> None:
    walker.get("/report/")
    for each in kinds().values():
        assert f'href="/report/{each.code}/"' in walker.page
        assert each.label in walker.page
    assert walker.page.count("4 小時內處理") == 3
    assert "當日內處理" in walker.page


def test_typed_words_lead_to_a_kind_and_are_carried_on(walker: Walker) -> None:
    walker.get("/report/").send("text", text="我家門口路燈三天沒亮了")
    assert "您要通報的是這一項嗎？" in walker.page
    walker.send("text", go="/report/street_light/")
    assert "我家門口路燈三天沒亮了" in walker.form("description").values["description"]


def test_words_that_say_nothing_lead_to_every_kind_and_to_the_catch_all(walker: Walker) -> None:
    walker.get("/report/").send("text", text="嗯嗯嗯")
    assert "最接近的是哪一項？" in walker.page
    buttons = [button.get("formaction") for form in walker.forms for button in form.buttons]
    assert f"/report/{catch_all().code}/" in buttons
    assert {f"/report/{code}/" for code in kinds()} <= set(buttons)


def test_nothing_typed_is_an_error_that_says_what_to_do(walker: Walker) -> None:
    walker.get("/report/").send("text", text=" ")
    assert walker.status == 422
    assert "從下面的圖選一項" in walker.page


def test_an_error_keeps_what_was_typed_and_names_the_field(walker: Walker) -> None:
    walker.get("/report/pothole/").send(description="很深的洞")
    assert walker.status == 422
    assert "請填寫「坑洞大約多大？」" in walker.page
    assert 'href="#id_f_size_0"' in walker.page
    assert walker.form("description").values["description"] == "很深的洞"
    walker.send(f_size="wheel")
    assert "在哪裡？" in walker.page
    walker.send(go="back")
    assert walker.form("description").values["description"] == "很深的洞"
    assert walker.form("description").values["f_size"] == "wheel"


def test_going_back_keeps_even_what_was_not_accepted(walker: Walker) -> None:
    walker.what(kind("pothole")).send(go="back", point="不知道", place_note="7-11 對面")
    assert "是什麼情形？" in walker.page
    walker.send()
    assert walker.form("point").values["point"] == "不知道"
    assert walker.form("point").values["place_note"] == "7-11 對面"


def test_a_point_finds_its_district(walker: Walker) -> None:
    walker.report(kind("pothole"), point=point(*IN_LINGYA))
    case = Case.objects.get()
    assert (case.lon, case.lat) == pytest.approx(IN_LINGYA)
    assert str(case.district) == "苓雅區"
    assert case.village is not None


def test_a_point_outside_the_city_says_what_to_do_and_loses_nothing(walker: Walker) -> None:
    walker.what(kind("pothole")).send(point=point(*IN_TAIPEI), address="忠孝西路 1 號")
    assert walker.status == 422
    assert "這個位置不在高雄市內" in walker.page
    assert "改填地址" in walker.page
    assert walker.form("point").values["address"] == "忠孝西路 1 號"
    assert walker.form("point").values["point"] == point(*IN_TAIPEI)


def test_a_place_is_needed_but_for_the_catch_all(walker: Walker) -> None:
    walker.what(kind("pothole")).send()
    assert walker.status == 422
    assert "請告訴我們地點" in walker.page
    walker.what(catch_all()).send()
    assert "有照片嗎？" in walker.page


def test_an_address_without_its_district_asks_for_the_district(walker: Walker) -> None:
    walker.what(kind("pothole")).send(address="學校旁邊的巷子")
    assert walker.status == 422
    assert "請選擇行政區" in walker.page
    chosen = walker.form("district").choices["district"][3]
    walker.send(district=chosen)
    assert walker.status == 200
    walker.send().send().send()
    assert Case.objects.get().district_id == chosen


def test_photos_are_checked_kept_shown_and_can_be_removed(walker: Walker) -> None:
    walker.what(kind("pothole")).where()
    script = SimpleUploadedFile("photo.jpg", b"<script>alert(1)</script>", content_type="image/jpeg")
    walker.send(go="add", files={"photos": [picture("red"), script]})
    assert walker.status == 422
    assert "「photo.jpg」沒有加入" in walker.page
    assert Attachment.objects.count() == 1  # the good one was not lost with the bad one
    walker.send(go="add", files={"photos": [picture("red", name="again.jpg"), picture("blue")]})
    assert Attachment.objects.count() == 2  # the same picture again is the same picture
    thumbnails = re.findall(r'src="(/report/photo/[^"]+)"', walker.page)
    shown = walker.client.get(thumbnails[0])
    assert shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8\xff")
    removed = next(b["value"] for b in walker.form("draft").buttons if b["value"].startswith("remove:"))
    walker.send(go=removed)
    walker.send().send()
    assert walker.page.count("/report/photo/") == 1
    walker.send()
    kept = Attachment.objects.get(case=Case.objects.get())
    assert kept.phase == "report"
    assert str(kept.token) not in removed
    # Once it is filed its draft address is closed.
    assert walker.client.get(f"/report/photo/{kept.token}/").status_code == 404


def test_no_more_than_four_photos(walker: Walker) -> None:
    walker.what(kind("pothole")).where()
    colours = ("red", "blue", "green", "yellow", "black")
    walker.send(files={"photos": [picture(c, name=f"{c}.jpg") for c in colours]})
    assert walker.status == 422
    assert "「black.jpg」沒有加入" in walker.page
    walker.send().send().send()
    assert Attachment.objects.filter(case=Case.objects.get()).count() == 4


def test_a_photo_that_knows_its_place_offers_it(walker: Walker) -> None:
    walker.what(kind("pothole")).where(address="三多三路", place_note="路口", district="64000080")
    walker.send(files={"photos": [picture(at=IN_LINGYA)]})
    assert "照片記錄了拍攝位置，在苓雅區" in walker.page
    walker.send(go="use-position")
    assert "照片記錄了拍攝位置" not in walker.page
    walker.send().send().send()
    case = Case.objects.get()
    assert (case.lon, case.lat) == pytest.approx(IN_LINGYA, abs=1e-5)
    assert case.address == "三多三路"


def test_a_photo_from_elsewhere_offers_nothing(walker: Walker) -> None:
    walker.what(kind("pothole")).where().send(files={"photos": [picture(at=IN_TAIPEI)]})
    assert "要怎麼告訴您結果？" in walker.page


def test_anonymous_where_the_kind_allows_and_not_where_it_does_not(walker: Walker) -> None:
    walker.report(kind("pothole"), contact={})
    assert "已收到您的通報" in walker.page
    assert not Contact.objects.exists()
    walker.report(catch_all(), contact={})
    assert walker.status == 422
    assert "請留下電子郵件或電話" in walker.page
    walker.send(phone="0912-345-678").send()
    assert Contact.objects.get().phone == "0912345678"


@pytest.mark.parametrize(
    ("typed", "says"),
    [({"email": "not an address"}, "電子郵件的格式不正確"), ({"phone": "請打給我"}, "電話的格式不正確")],
)
def test_a_contact_that_cannot_be_used_is_refused(walker: Walker, typed: dict[str, str], says: str) -> None:
    walker.what(kind("pothole")).where().send().send(name="王小明", **typed)
    assert walker.status == 422
    assert says in walker.page
    assert walker.form("name").values["name"] == "王小明"


def test_everything_can_be_changed_from_the_check_page(walker: Walker) -> None:
    walker.what(kind("pothole")).where().send().send(email="a@example.com")
    assert "送出前再看一次" in walker.page
    walker.send(go="edit:where").send(address="鳳山區光遠路 1 號")
    assert "送出前再看一次" in walker.page  # straight back, not through every page again
    assert "鳳山區光遠路 1 號" in walker.page
    walker.send(go="/report/").send(go="/report/street_light/")
    assert walker.form("description").values["description"] == "機車經過很危險"
    walker.send(f_fault="out")
    for _page in range(4):
        if "送出前再看一次" in walker.page:
            break
        walker.send()
    walker.send()
    case = Case.objects.get()
    assert case.kind_code == "street_light"
    assert str(case.district) == "鳳山區"
    assert Contact.objects.get().email == "a@example.com"


def test_sent_twice_is_one_case_with_one_number(walker: Walker) -> None:
    walker.what(kind("pothole")).where().send().send(email="a@example.com")
    form = walker.form("draft")
    first = walker.client.post("/report/send/", form.values, follow=True).content.decode()
    second = walker.client.post("/report/send/", form.values, follow=True).content.decode()
    assert Case.objects.count() == 1
    assert number_in(first) == number_in(second)
    assert code_in(first) == code_in(second)


def test_the_confirmation_has_number_code_promise_and_qr(walker: Walker, settings) -> None:
    settings.PUBLIC_URL = "https://city.example"
    walker.report(kind("pothole"))
    case = Case.objects.get()
    assert f"https://city.example/track/{case.number}/{case.secret}/" in walker.page
    drawn = re.search(r'<svg[^>]*class="qr".*?</svg>', walker.page, re.S)[0]
    assert "style" not in drawn
    assert "期限 4 小時" in walker.page
    assert "no-store" in walker.response["Cache-Control"]


def test_a_confirmation_cannot_be_made_up(walker: Walker) -> None:
    walker.report(kind("pothole"))
    case = Case.objects.get()
    stranger = Walker().get(f"/report/sent/{case.pk}/")
    assert case.secret[:4] not in stranger.page
    assert stranger.address == "/track/"


def test_open_cases_close_by_are_shown_without_what_was_written(walker: Walker) -> None:
    walker.report(kind("pothole"), point=point(*IN_LINGYA))
    first = Case.objects.get()
    Case.objects.update(description="我家住在三樓", address="三多三路 215 號 3 樓")
    near = (IN_LINGYA[0] + 0.001, IN_LINGYA[1])  # about 100 m
    walker.what(kind("pothole")).send(point=point(*near))
    assert "附近已有人通報" in walker.page
    assert f'href="/track/{first.number}/"' in walker.page
    assert "約 100 公尺外" in walker.page, walker.page
    assert "三樓" not in walker.page
    assert "3 樓" not in walker.page
    walker.send()
    assert "有照片嗎？" in walker.page


@pytest.mark.parametrize(("code", "east"), [("pothole", 0.003), ("street_light", 0.001), ("noise", 0.0)])
def test_no_neighbours_far_away_of_another_kind_or_of_a_sensitive_one(walker: Walker, code: str, east: float) -> None:
    walker.report(kind("noise" if code == "noise" else "pothole"), point=point(*IN_LINGYA))
    walker.what(kind(code)).send(point=point(IN_LINGYA[0] + east, IN_LINGYA[1]))
    assert "有照片嗎？" in walker.page


@pytest.mark.parametrize("draft", [None, "", "made:up", "eyJ9:1:2"])
def test_without_a_draft_the_page_says_how_to_get_back(walker: Walker, draft: str | None) -> None:
    data = {"step": "where", "go": "next"} | ({} if draft is None else {"draft": draft})
    response = walker.client.post("/report/send/", data)
    assert response.status_code == 400
    assert "請按瀏覽器的「上一頁」" in response.content.decode()


def test_a_draft_that_skips_pages_is_led_back_to_them(walker: Walker) -> None:
    walker.get("/report/pothole/")
    draft = walker.form("draft").values["draft"]
    page = walker.client.post("/report/send/", {"draft": draft}).content.decode()
    assert "是什麼情形？" in page
    assert not Case.objects.exists()


def test_an_unknown_kind_is_not_found(walker: Walker) -> None:
    assert walker.get("/report/ufo/").status == 404


def test_signed_in_the_contact_is_filled_in_and_the_case_is_mine(walker: Walker) -> None:
    me = person(name="王小明", email="me@example.com")
    walker.client.force_login(me)
    walker.what(kind("pothole")).where().send()
    assert walker.form("email").values["email"] == "me@example.com"
    assert walker.form("email").values["name"] == "王小明"
    walker.send().send()
    assert Contact.objects.get().reporter == me


def test_signed_in_one_may_still_report_without_a_name(walker: Walker) -> None:
    walker.client.force_login(person(name="王小明", email="me@example.com"))
    walker.what(kind("pothole")).where().send().send(unnamed="on").send()
    assert Case.objects.count() == 1
    assert not Contact.objects.exists()


def test_an_english_reader_gets_english_pages_and_letters(walker: Walker) -> None:
    def assert_english() -> None:
        main = walker.page.split("<main")[1].split("</main>")[0]
        assert re.findall(r"[\u4e00-\u9fff]+", main.replace("正體中文", "")) == []

    walker.client.cookies["django_language"] = "en"
    walker.get("/report/pothole/")
    assert "What is the problem?" in walker.page
    assert_english()
    walker.send(f_size="hand")
    assert_english()
    walker.send()  # nothing was said: an error, in English too
    assert walker.status == 422
    assert_english()
    walker.send(address="No. 215, Sanduo 3rd Rd., Lingya District")
    assert_english()
    walker.send()
    assert_english()
    assert walker.form("language").values["language"] == "en"
    walker.send(email="a@example.com")
    assert_english()
    walker.send()
    assert_english()
    assert Contact.objects.get().language == "en"
    case = Case.objects.get()
    walker.get(f"/track/{case.number}/{case.secret}/")
    assert_english()
    walker.get(f"/track/{case.number}/")
    assert_english()


def test_a_report_that_lay_too_long_is_looked_through_again(walker: Walker) -> None:
    walker.what(kind("pothole")).where().send(files={"photos": [picture()]}).send(email="a@example.com")
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        Attachment.objects.all().delete()  # as the nightly purge does after two days
        walker.send()
        assert not Case.objects.exists()
        assert "這份通報放了一天以上" in walker.page
        assert "/report/photo/" not in walker.page
        walker.send()
    assert "已收到您的通報" in walker.page
    assert Case.objects.count() == 1


def test_a_changed_draft_is_not_believed(walker: Walker) -> None:
    walker.what(kind("pothole")).where().send().send(email="a@example.com")
    draft = walker.form("draft").values["draft"]
    changed = draft[:20] + ("A" if draft[20] != "A" else "B") + draft[21:]
    assert walker.client.post("/report/send/", {"draft": changed}).status_code == 400
    assert not Case.objects.exists()


def test_what_the_engine_refuses_is_said_on_the_check_page(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    walker.what(kind("pothole")).where().send().send()
    strict = replace(kind("pothole"), anonymous=False)  # the pack has changed while the citizen was typing
    monkeypatch.setitem(kinds(), "pothole", strict)
    walker.send()
    assert walker.status == 422
    assert "請留下電子郵件或電話" in walker.page
    walker.send(go="edit:contact").send(phone="07 337 3333").send()
    assert Contact.objects.get().phone == "073373333"


@pytest.mark.parametrize("address", ["/report/", "/report/pothole/", "/report/send/"])
def test_each_post_is_limited_and_guarded(walker: Walker, settings, address: str) -> None:
    guarded = Client(enforce_csrf_checks=True)
    assert guarded.post(address, {"text": "x"}).status_code == 403
    settings.CITYHALL_RATE_LIMIT_FACTOR = 0.01
    statuses = [walker.client.post(address, {"text": "x"}).status_code for _each in range(4)]
    assert statuses[-1] == 429
    assert walker.client.get(address, follow=True).status_code == 200  # reading stays free


def test_a_visitor_gets_no_session(walker: Walker) -> None:
    walker.report(kind("pothole"))
    assert set(walker.client.cookies) <= {"csrftoken"}
