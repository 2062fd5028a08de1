"""The style page: every part of the look in every state, and whole pages built from them, with samples in them.

Only where DEMO or DEBUG is on. The tests open all of it in a browser, light and dark, narrow and wide.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.drawing import columns, lines
from foundation.forms import CheckCards, CityForm, DateBox, FilesField, IdempotencyKeyField, RadioCards, RocDateField
from foundation.roc import TAIPEI

CITY = {
    "brand": "高雄市政一路通",
    "brand_en": "Kaohsiung City Services",
    "phone": "1999",
    "bbox": [120.26, 22.58, 120.38, 22.67],
}
RECEIVED = datetime(2022, 8, 19, 9, 12, tzinfo=TAIPEI)


@dataclass(frozen=True)
class Clock:
    """A promise as a sample; ``cases.rules.Clock`` is the real one."""

    state: str
    fraction: float
    words: str
    promise: str = "期限 4 小時"
    received: datetime | None = RECEIVED
    due: datetime | None = RECEIVED + timedelta(hours=4)


CLOCKS = [
    Clock("on", 0.46, "還有 2 小時 10 分"),
    Clock("near", 0.86, "還有 33 分鐘"),
    Clock("late", 1, "逾期 12 分"),
    Clock("wait", 0.4, "計時暫停", "期限 2 個工作天"),
    Clock("kept", 0.62, "2 小時 29 分完成"),
    Clock("broken", 1, "逾期 3 小時完成"),
    Clock("none", 0, "沒有期限", "", None, None),
]
_BY_STATE = {clock.state: clock for clock in CLOCKS}

KINDS = [
    {"icon": "pothole", "label": "路面坑洞", "promise": "4 小時內處理"},
    {"icon": "street-light", "label": "路燈不亮", "promise": "2 個工作天"},
    {"icon": "traffic-signal", "label": "號誌故障", "promise": "4 小時內處理"},
    {"icon": "fallen-tree", "label": "路樹傾倒", "promise": "4 小時內處理"},
    {"icon": "noise", "label": "噪音", "promise": "7 個工作天"},
    {"icon": "illegal-parking", "label": "違規停車", "promise": "當日派勤"},
    {"icon": "waste", "label": "髒亂廢棄物", "promise": "3 個工作天"},
    {"icon": "petition", "label": "其他陳情", "promise": "市長信箱"},
]

QUEUE = [
    ("路樹傾倒", "D111-0099764", "鳳山區　青年路二段 112 號", "三筆相近，可併案", _BY_STATE["late"], "王小組"),
    ("號誌故障", "D111-0099771", "苓雅區　光華一路／憲政路口", "同路口 2 筆", _BY_STATE["near"], "—"),
    ("路面坑洞", "D111-0099770", "前鎮區　中山四路 2 號", "", Clock("near", 0.79, "還有 51 分鐘"), "李小組"),
    ("路面坑洞", "D111-0099775", "三民區　建國三路 319 號", "", _BY_STATE["on"], "陳小組"),
    (
        "路面坑洞",
        "D111-0099778",
        "左營區　博愛二路 777 號",
        "民眾附照片 2 張",
        Clock("on", 0.24, "還有 3 小時 2 分"),
        "—",
    ),
    ("路燈不亮", "P111-0215802", "前鎮區　文橫二路 88 巷", "已請補位置", _BY_STATE["wait"], "林佳蓉"),
    ("噪音", "P111-0215833", "楠梓區　德賢路 12 號", "第 2 次陳情", Clock("on", 0.31, "還有 4 個工作天"), "林佳蓉"),
    ("髒亂廢棄物", "P111-0215840", "小港區　漢民路 5 號", "", Clock("on", 0.18, "還有 2 個工作天"), "—"),
    ("路面坑洞", "D111-0099752", "苓雅區　三多三路 215 號", "", _BY_STATE["kept"], "王小組"),
    ("路面坑洞", "D111-0099741", "苓雅區　四維三路 2 號", "", _BY_STATE["broken"], "王小組"),
]

MONTHS = [
    (7103, 512), (6640, 498), (8123, 560), (8011, 571), (8502, 590), (9807, 640),
    (10112, 702), (9721, 691), (8930, 633), (8204, 588), (7480, 530), (7320, 505),
]  # fmt: skip

POINTS = [
    {
        "lon": 120.3120,
        "lat": 22.6243,
        "title": "號誌故障",
        "text": "光華一路／憲政路口",
        "state": "near",
        "url": "#map",
    },
    {"lon": 120.3064, "lat": 22.6141, "title": "路面坑洞", "text": "三多三路 215 號", "state": "kept", "url": "#map"},
    {"lon": 120.3005, "lat": 22.6052, "title": "路面坑洞", "text": "中山四路 2 號", "state": "late", "url": "#map"},
]


class SampleForm(CityForm):
    """One field of every sort."""

    place = forms.CharField(
        label="地址或路口", help_text="例如：三多三路 215 號前，或光華一路與憲政路口", max_length=100
    )
    what = forms.CharField(label="發生什麼事", help_text="看到什麼、影響到誰。", max_length=500, widget=forms.Textarea)
    email = forms.EmailField(label="電子郵件", required=False, help_text="只用來通知您進度。")
    kind = forms.ChoiceField(
        label="是哪一種問題？",
        choices=[(kind["icon"], kind["label"]) for kind in KINDS[:4]],
        widget=RadioCards(
            hints={kind["icon"]: kind["promise"] for kind in KINDS},
            icons={kind["icon"]: kind["icon"] for kind in KINDS},
        ),
    )
    lane = forms.ChoiceField(
        label="坑洞在哪裡？", choices=[("car", "車道"), ("scooter", "機車道"), ("side", "路邊")], widget=RadioCards
    )
    also = forms.MultipleChoiceField(
        label="還有什麼？",
        required=False,
        choices=[("hurt", "有人受傷"), ("water", "積水")],
        widget=CheckCards(hints={"hurt": "請先打 119"}),
    )
    district = forms.ChoiceField(label="行政區", choices=[("", "請選擇"), ("640", "苓雅區"), ("641", "前鎮區")])
    day = RocDateField(label="哪一天發生的？", required=False, help_text="例如：111 年 8 月 19 日")
    since = forms.DateField(label="起日", required=False, widget=DateBox)
    photos = FilesField(
        label="照片", required=False, help_text="最多 3 張，每張 10 MB 以內。", accept="image/*", max_files=3
    )
    agree = forms.BooleanField(label="我同意機關就這件事與我聯絡")
    idempotency_key = IdempotencyKeyField()


class PlaceForm(CityForm):
    """A page of one question."""

    place = forms.CharField(label="在哪裡？", help_text="地址、路口，或附近看得到的東西都可以。", max_length=100)


WRONG = {
    "place": "",
    "what": "路上有一個洞。",
    "email": "name@",
    "day_year": "111",
    "day_month": "2",
    "day_day": "30",
    "kind": "",
    "idempotency_key": "0" * 32,
}


def _icons() -> list[str]:
    """The names of the drawn set, from the drawing itself."""
    path = finders.find("foundation/icons.svg")
    if path is None:
        return []
    tree = ElementTree.parse(path)
    return [symbol.attrib["id"] for symbol in tree.iter("{http://www.w3.org/2000/svg}symbol")]


_MONTH_LABELS = [str(number) for number in range(1, 13)]
_NAMES = ["期限內", "逾期"]
_VALUES = [list(map(Decimal, row)) for row in zip(*MONTHS, strict=True)]


def _samples() -> dict[str, Any]:
    return {
        "clocks": CLOCKS,
        "clock": _BY_STATE["near"],
        "by_state": _BY_STATE,
        "kinds": KINDS,
        "queue": QUEUE,
        "months": [(f"{number} 月", done, late) for number, (done, late) in enumerate(MONTHS, 1)],
        "drawings": {
            "stacked": columns(_MONTH_LABELS, _NAMES, _VALUES, "件", stacked=True),
            "line": lines(_MONTH_LABELS, _NAMES, _VALUES, "件"),
        },
        "shares": [
            ("路面坑洞", 41206, 0.413),
            ("路燈不亮", 27430, 0.275),
            ("號誌故障", 17512, 0.176),
            ("路樹傾倒", 13633, 0.137),
        ],
        "points": POINTS,
        "rate": Decimal("96.4"),
        "received": RECEIVED,
        "page": Paginator(range(4321), 50).page(3),
        "icons": _icons(),
        "empty_form": SampleForm(),
        "frames": FRAMES,
        "area_values": {"values": {f"A{n}": n * n * 37 for n in range(1, 10)}, "unit": "件"},
        "form": None,
        "city": CITY,
    }


def _open() -> bool:
    return settings.DEMO or settings.DEBUG


@require_safe
def look(request: HttpRequest) -> HttpResponse:
    """Every part in every state."""
    if not _open():
        raise Http404
    return render(request, "foundation/look/look.html", {**_samples(), "wrong_form": SampleForm(WRONG)})


def _frames() -> dict[str, tuple[str, dict[str, Any]]]:
    place = {"back_url": "/look/", "step": 2, "steps": 6, "single_heading": True}
    return {
        "home": ("foundation/look/home.html", {}),
        "question": ("foundation/question.html", {**place, "form": PlaceForm(), "heading": "在哪裡？"}),
        "question-wrong": (
            "foundation/question.html",
            {**place, "form": PlaceForm({"place": ""}), "heading": "在哪裡？"},
        ),
        "check": ("foundation/look/check.html", {}),
        "done": ("foundation/look/done.html", {}),
        "track": ("foundation/look/track.html", {}),
        "desk": ("foundation/look/desk.html", {}),
        "board": ("foundation/look/board.html", {}),
        "crew": ("foundation/look/crew.html", {}),
        "report": ("foundation/look/report.html", {}),
        "offline": ("foundation/pages/offline.html", {}),
        "403": ("403.html", {}),
        "403-csrf": ("403_csrf.html", {}),
        "404": ("404.html", {}),
        "429": ("429.html", {"wait": 42}),
        "500": ("500.html", {}),
    }


FRAMES = tuple(_frames())


@require_safe
def districts(request: HttpRequest) -> JsonResponse:
    """Nine square districts, as the maps of these pages have no city."""
    if not _open():
        raise Http404
    features = []
    for number in range(9):
        west, south = 120.26 + (number % 3) * 0.04, 22.58 + (number // 3) * 0.03
        ring = [[west, south], [west + 0.04, south], [west + 0.04, south + 0.03], [west, south + 0.03], [west, south]]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": f"A{number + 1}", "name": f"第 {number + 1} 區"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    return JsonResponse({"type": "FeatureCollection", "features": features})


@require_safe
def frame(request: HttpRequest, name: str) -> HttpResponse:
    """One whole page in the look, with samples."""
    frames = _frames()
    if not _open() or name not in frames:
        raise Http404
    template, context = frames[name]
    return render(request, template, {**_samples(), **context})
