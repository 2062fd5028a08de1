"""The parts of the look as HTML: what each says, in every state and in both languages."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from babel.messages.pofile import read_po
from django import forms
from django.contrib.staticfiles.finders import find
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from foundation.forms import CityForm, FilesField, IdempotencyKeyField, RadioCards, RocDateField
from foundation.pages.look import CLOCKS, FRAMES
from foundation.stylesheet import PARTS, STATIC, TARGET, joined
from foundation.templatetags.city import PROMISE_STATES, thousands

FOUNDATION = Path(__file__).resolve().parent.parent
TEMPLATES = FOUNDATION / "templates"

pytestmark = pytest.mark.urls("foundation.urls")


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    with translation.override("zh-hant"):
        yield


@pytest.fixture
def demo(settings) -> None:
    settings.DEMO = True


def draw(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


# The promise bar


def test_every_state_has_a_bar_and_its_words() -> None:
    assert {clock.state for clock in CLOCKS} == PROMISE_STATES
    for clock in CLOCKS:
        for size in ("normal", "brief", "slim"):
            html = draw(f'{{% promise clock "{size}" %}}', clock=clock)
            assert f"promise-{clock.state}" in html and clock.words in html
            assert 'role="img" aria-label="' in html and "style=" not in html


def test_the_bar_is_as_long_as_the_time_spent_and_full_when_late() -> None:
    def width(state: str, fraction: float) -> str:
        html = draw("{% promise clock %}", clock=SimpleNamespace(state=state, fraction=fraction, words="字"))
        return re.findall(r'<svg width="([\d.]+%)"', html)[0]

    assert width("on", 0.463) == "46.3%"
    assert width("kept", 0.62) == "62.0%"
    assert width("late", 0.2) == width("broken", 1.7) == width("on", 3) == "100.0%"
    assert width("wait", -1) == "0.0%"


def test_no_clock_is_no_deadline_and_an_unknown_state_is_an_error() -> None:
    assert "沒有期限" in draw("{% promise None %}")
    with pytest.raises(ValueError, match="soon"):
        draw("{% promise clock %}", clock=SimpleNamespace(state="soon", fraction=0, words=""))


def test_paused_wears_stripes_and_only_paused() -> None:
    striped = {clock.state for clock in CLOCKS if "promise-stripes" in draw("{% promise clock %}", clock=clock)}
    assert striped == {"wait"}


def test_an_end_on_the_same_day_needs_the_hour_only() -> None:
    html = draw("{% promise clock %}", clock=CLOCKS[0])
    assert re.search(r"受理 <time[^>]*>111/08/19 09:12</time>", html) and re.search(
        r"期限 <time[^>]*>13:12</time>", html
    )


# The dotted number


def test_a_computed_number_leads_to_its_sums_and_a_typed_one_is_marked() -> None:
    computed = draw('{% figure_number 99781 "/figures/x/" unit="件" %}')
    assert '<a class="figure' in computed and 'href="/figures/x/"' in computed
    assert '<span class="figure-number">99,781</span><span class="figure-unit"> 件</span>' in computed
    typed = draw('{% typed_number 1204 unit="戶" %}')
    assert "figure-number" not in typed and "<a" not in typed and "1,204" in typed and "人工填報" in typed


def test_no_number_says_so_and_leads_nowhere() -> None:
    assert "尚無資料" in draw('{% figure_number None "/x/" %}') and "<a" not in draw('{% figure_number None "/x/" %}')
    assert "尚未填報" in draw("{% typed_number None %}")
    assert "0" in draw('{% figure_number 0 "/x/" %}')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234567, "1,234,567"),
        (-1234, "-1,234"),
        (Decimal("1234.50"), "1,234.50"),
        (None, "—"),
        ("", "—"),
        ("甲", "甲"),
    ],
)
def test_thousands_stand_apart(value: object, text: str) -> None:
    assert thousands(value) == text


def test_parts_inside_a_sentence_bring_no_space_of_their_own() -> None:
    assert draw('甲{% figure_number 1 "/" %}，{% typed_number 2 %}。').count(">，") == 1
    for name in ("figure_number", "typed_number", "promise_chip", "share", "brand_name"):
        text = (TEMPLATES / f"foundation/parts/{name}.html").read_text()
        assert text == text.strip(), name


# Icons


def test_every_icon_that_a_template_names_is_drawn() -> None:
    tree = ElementTree.parse(STATIC / "icons.svg")
    drawn = {symbol.attrib["id"] for symbol in tree.iter("{http://www.w3.org/2000/svg}symbol")}
    named = set()
    for path in FOUNDATION.parent.glob("*/templates/**/*.html"):
        named |= set(re.findall(r'{% icon "([\w-]+)"', path.read_text()))
    assert named - drawn == set() and len(drawn) > 50


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "pin" %}')
    labelled = draw('{% icon "pin" label="位置" %}')
    assert 'role="img" aria-label="位置"' in labelled and "aria-hidden" not in labelled


# Forms


class Sample(CityForm):
    place = forms.CharField(label="在哪裡？", help_text="地址或路口", max_length=5)
    kind = forms.ChoiceField(label="種類", choices=[("a", "甲"), ("b", "乙")], widget=RadioCards(hints={"a": "四小時"}))
    note = forms.CharField(label="說明", required=False, widget=forms.Textarea, max_length=200)
    day = RocDateField(label="日期", required=False)
    own = forms.CharField(label="自訂", error_messages={"required": "自己的話"})
    key = IdempotencyKeyField()


def test_a_field_is_tied_to_its_hint_and_error() -> None:
    html = draw("{% field form.place %}", form=Sample({"place": ""}))
    assert 'for="id_place"' in html and 'id="id_place_helptext"' in html and 'id="id_place_error"' in html
    assert 'aria-describedby="id_place_helptext id_place_error"' in html and 'aria-invalid="true"' in html
    assert "請填寫「在哪裡」。" in html


def test_choices_are_a_group_with_its_name_and_error() -> None:
    html = draw("{% field form.kind %}", form=Sample({}))
    assert "<fieldset" in html and 'aria-describedby="id_kind_error"' in html and "<legend" in html
    assert "請選擇「種類」。" in html and "四小時" in html


def test_what_was_typed_is_kept() -> None:
    form = Sample(
        {
            "place": "三多三路二百一十五號",
            "kind": "b",
            "note": "坑<洞",
            "day_year": "111",
            "day_month": "13",
            "day_day": "1",
        }
    )
    html = "".join(draw("{% field bound %}", bound=bound) for bound in form)
    assert 'value="三多三路二百一十五號"' in html and "坑&lt;洞" in html and 'value="13"' in html
    assert re.search(r'value="b"[^>]*checked', html) and "最多 5 個字，現在有 10 個字。" in html
    assert "沒有這一天" in html and "自己的話" in html


def test_the_summary_leads_to_each_box() -> None:
    form = Sample({"key": "0" * 32, "day_year": "111"})
    html = render_to_string("foundation/parts/error_summary.html", {"form": form})
    page = "".join(draw("{% field bound %}", bound=bound) for bound in form)
    targets = re.findall(r'href="#([\w-]+)"', html)
    assert set(targets) == {"id_place", "id_kind_0", "id_day_0", "id_own"}
    for target in targets:
        assert f'id="{target}"' in page
    assert "role=" not in render_to_string("foundation/parts/error_summary.html", {"form": Sample()})


@pytest.mark.parametrize(
    ("boxes", "day"), [(("111", "3", "5"), date(2022, 3, 5)), (("2022", "3", "5"), date(2022, 3, 5))]
)
def test_a_date_in_three_boxes(boxes: tuple[str, str, str], day: date) -> None:
    data = dict(zip(("day_year", "day_month", "day_day"), boxes, strict=True))
    form = Sample({"place": "甲", "kind": "a", "own": "乙", "key": "0" * 32, **data})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["day"] == day
    shown = draw("{% field form.day %}", form=Sample(initial={"day": day}))
    assert 'value="111"' in shown
    with translation.override("en"):
        assert 'value="2022"' in draw("{% field form.day %}", form=Sample(initial={"day": day}))


def test_two_forms_have_two_keys() -> None:
    keys = {re.findall(r'name="key" value="([\w-]{36})"', str(Sample()["key"]))[0] for _ in range(2)}
    assert len(keys) == 2


class Photos(CityForm):
    photos = FilesField(label="照片", max_files=2, check=lambda file: refuse(file))


def refuse(file: SimpleUploadedFile) -> None:
    if file.name.endswith(".exe"):
        raise ValidationError("不接受這種檔案。")


def test_several_files_are_taken_counted_and_named_when_refused() -> None:
    def send(*names: str) -> Photos:
        return Photos({}, MultiValueDict({"photos": [SimpleUploadedFile(name, b"x") for name in names]}))

    assert [file.name for file in send("a.jpg", "b.jpg").files.getlist("photos")] == ["a.jpg", "b.jpg"]
    good = send("a.jpg", "b.jpg")
    assert good.is_valid() and [file.name for file in good.cleaned_data["photos"]] == ["a.jpg", "b.jpg"]
    assert send("a.jpg", "b.exe").errors["photos"] == ["b.exe：不接受這種檔案。"]
    assert send("a.jpg", "b.jpg", "c.jpg").errors["photos"] == ["最多 2 個檔案。"]
    assert send().errors["photos"] == ["請選擇「照片」的檔案。"]
    html = draw("{% field form.photos %}", form=Photos())
    assert "multiple" in html and "data-files" in html


# Pages


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"])
def test_error_pages_need_nothing_but_themselves(name: str) -> None:
    html = render_to_string(name)
    assert "<h1>" in html and 'href="/"' in html and "</html>" in html


def test_a_missing_page_and_a_broken_form_answer_in_the_look(client: Client) -> None:
    missing = client.get("/no-such-page/")
    assert missing.status_code == 404 and "找不到這一頁" in missing.text
    strict = Client(enforce_csrf_checks=True)
    refused = strict.post("/accessibility/")
    assert refused.status_code == 403 and "這張表單沒有送出" in refused.text


def test_the_page_429_says_how_long() -> None:
    assert "請等 42 秒再試" in render_to_string("429.html", {"wait": 42})
    with translation.override("en"):
        assert "Wait 1 second," in render_to_string("429.html", {"wait": 1})
        assert "Wait 42 seconds," in render_to_string("429.html", {"wait": 42})


def test_choosing_a_language_is_kept_and_leads_back(client: Client) -> None:
    answer = client.get("/language/en/", {"next": "/accessibility/?a=1"})
    assert answer.status_code == 302 and answer["Location"] == "/accessibility/?a=1"
    page = client.get("/accessibility/").text
    assert '<html lang="en">' in page and "Accessibility statement" in page
    client.get("/language/zh-hant/")
    page = client.get("/accessibility/?b=%E4%B8%99").text
    assert '<html lang="zh-Hant-TW">' in page and "無障礙聲明" in page
    assert 'href="/language/en/?next=%2Faccessibility%2F%3Fb%3D%25E4%25B8%2599"' in page


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_the_way_back_stays_on_this_site(client: Client, target: str) -> None:
    assert client.get("/language/en/", {"next": target})["Location"] == "/"
    assert client.get("/language/xx/").status_code == 404
    assert client.post("/language/en/").status_code == 405


@pytest.mark.django_db
def test_health_asks_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.json() == {"status": "ok", "database": "ok"}
    assert "no-cache" in answer["Cache-Control"]

    def gone() -> None:
        raise OperationalError("connection refused at 10.0.0.7")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/healthz")
    assert answer.status_code == 503 and answer.json() == {"status": "unavailable", "database": "unavailable"}


def test_the_style_page_is_for_demonstrations_only(client: Client, settings) -> None:
    settings.DEMO = settings.DEBUG = False
    assert {client.get(f"/look/{path}").status_code for path in ("", "home/", "districts.geojson")} == {404}
    settings.DEMO = True
    assert {client.get(f"/look/{path}").status_code for path in ("", "home/", "districts.geojson")} == {200}
    assert client.get("/look/no-such-frame/").status_code == 404


def test_the_service_worker_keeps_files_that_exist(client: Client, demo: None) -> None:
    answer = client.get("/service-worker.js")
    assert answer["Content-Type"] == "text/javascript" and answer["Cache-Control"] == "no-cache"
    kept = re.findall(r'"(/[^"]+)"', re.findall(r"const KEPT = (.*);", answer.text)[0])
    assert "/offline/" in kept
    for address in kept[1:]:
        assert find(address.removeprefix("/static/")), address


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_the_demo_says_that_it_is_one(client: Client, settings, language: str) -> None:
    client.get(f"/language/{language}/")
    words = {"zh-hant": "示範環境", "en": "Demonstration"}[language]
    settings.DEMO = True
    assert words in client.get("/accessibility/").text
    settings.DEMO = False
    assert words not in client.get("/accessibility/").text


def test_signed_in_people_have_their_name_their_work_and_the_way_out() -> None:
    person = SimpleNamespace(is_authenticated=True, name="林佳蓉", get_username=lambda: "lin", pk=7)
    request = RequestFactory().get("/desk/")
    html = render_to_string("foundation/base.html", {"user": person, "nav": {"work": "/desk/"}, "request": request})
    assert "林佳蓉" in html and '<form method="post" action="/sign-out/">' in html
    assert '<a href="/desk/" aria-current="page">我的工作</a>' in html
    assert "/sign-in/" not in html.replace("/sign-in/?next", "")


# The sources


def test_the_stylesheet_is_joined_from_its_parts() -> None:
    assert TARGET.read_text(encoding="utf-8") == joined(), "run `./cityhall manage stylesheet`"
    assert {path.stem for path in (STATIC / "css").glob("*.css")} == set(PARTS)


def test_no_template_has_script_or_style_inside() -> None:
    """The Content-Security-Policy would refuse them, so they would do nothing."""
    wrong = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.I)
    found = [
        f"{path.relative_to(FOUNDATION)}: {match[0]}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for match in wrong.finditer(path.read_text())
    ]
    assert found == []


def test_every_text_is_in_english_too() -> None:
    """Each msgid of the foundation's templates and code has an English text; none is left over from before."""
    with (FOUNDATION / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    empty = [message.id for message in catalogue if message.id and not all(_strings(message.string))]
    assert empty == []
    known = {(message.id if isinstance(message.id, str) else message.id[0]) for message in catalogue if message.id}
    asked = set()
    for path in TEMPLATES.rglob("*.html"):
        asked |= set(re.findall(r'{% translate "([^"]+)"', path.read_text()))
    for path in [*FOUNDATION.glob("*.py"), *(FOUNDATION / "templatetags").glob("*.py")]:
        asked |= set(re.findall(r'\b_\(\s*"([^"\\]+)"\s*\)', path.read_text()))
    assert asked - known == set() and len(asked) > 100


def _strings(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


def test_english_pages_have_no_chinese_left(client: Client, settings) -> None:
    settings.DEMO = True
    client.get("/language/en/")
    for page in (
        "/accessibility/",
        "/offline/",
        "/look/404/",
        "/look/403/",
        "/look/429/",
        "/look/500/",
        "/look/403-csrf/",
    ):
        text = re.sub(r"<[^>]+>", " ", client.get(page).text).replace("正體中文", "")
        assert re.findall(r"[\u4e00-\u9fff]+", text) == [], page


def test_frames_cover_every_error_page() -> None:
    assert {"403", "403-csrf", "404", "429", "500", "offline", "desk", "crew", "board", "report"} <= set(FRAMES)
