"""Subscriptions: one form, the letter's link, one click to end it."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from foundation.encryption import digest
from foundation.forms import CityForm
from foundation.ratelimit import knock, limit, too_many
from identity.doors import door
from organisation import directory
from organisation.geography import locate
from publicmap.actions import subscribing
from publicmap.actions.subscribing import Area
from publicmap.models import Subscription
from publicmap.pages.filters import public_kinds
from publicmap.rules import Box
from servicerequests.rules import read_point

LETTERS = 5  # a minute to one address, whoever asks for them
METRES = (200, 500, 1000, 2000, 5000)


class SubscribeForm(CityForm):
    """Where, what, how often, and where to write."""

    where = forms.ChoiceField(
        label=_("哪個地區"),
        choices=[("district", _("一個行政區")), ("circle", _("一個地點的周圍")), ("box", _("剛才的地圖範圍"))],
        widget=forms.RadioSelect,
        initial="district",
    )
    district = forms.ChoiceField(label=_("行政區"), required=False)
    point = forms.CharField(
        label=_("地點的座標"),
        help_text=_("在地圖上點一下會自動填入；也可以貼上手機地圖的座標，例如 22.6273, 120.3014。"),
        max_length=60,
        required=False,
    )
    metres = forms.TypedChoiceField(label=_("周圍多遠"), coerce=int, choices=[(m, m) for m in METRES], initial=500)
    box = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    kinds = forms.MultipleChoiceField(
        label=_("哪些種類"),
        help_text=_("都不勾就是所有種類。"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    frequency = forms.ChoiceField(
        label=_("多久寄一次"), choices=Subscription.Frequency, widget=forms.RadioSelect, initial="daily"
    )
    email = forms.EmailField(
        label=_("電子郵件"),
        help_text=_("只用來寄這項訂閱，停止後就刪除。"),
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(label=_("通知信的語言"), choices=settings.LANGUAGES, widget=forms.RadioSelect)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = public_kinds()
        self.fields["metres"].choices = [(m, gettext("%(metres)d 公尺") % {"metres": m}) for m in METRES]
        districts = [(d.code, str(d)) for d in directory.districts().values()]
        self.fields["district"].choices = [("", _("請選擇行政區")), *districts]
        if not (self.data.get("box") or self.initial.get("box")):
            self.fields["where"].choices = self.fields["where"].choices[:2]

    def clean(self) -> dict:
        """The area that was chosen, as ``area``; what is wrong with it is said at its field."""
        data = self.cleaned_data
        match data.get("where"):
            case "district" if "district" not in self.errors:
                district = directory.district(data.get("district"))
                if district is None:
                    self.add_error("district", _("請選擇行政區。"))
                data["area"] = Area(district=district)
            case "circle" if "metres" not in self.errors:
                data["area"] = self._circle(data)
            case "box":
                try:
                    data["area"] = Area(box=Box.read(data.get("box", "")))
                except ValueError:
                    self.add_error("where", _("看不懂地圖範圍，請回地圖再選一次，或改選行政區。"))
        return data

    def _circle(self, data: dict) -> Area:
        try:
            lon, lat = read_point(data.get("point", ""))
        except ValueError:
            self.add_error("point", _("請在地圖上點一下，或依「緯度、經度」的順序填寫座標，例如 22.6273, 120.3014。"))
            return Area()
        if locate(lon, lat) is None:
            self.add_error("point", _("這個位置不在本市內，請重新點選。"))
        return Area(circle=(lon, lat, data["metres"]))


@door("public:map:subscribe")
@limit("subscribe", 20, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """``/map/subscriptions/``: the filters of the map come along as what is asked for first."""
    if request.method != "POST":
        form = SubscribeForm(initial=_initial(request))
        return render(request, "publicmap/subscribe.html", {"form": form})
    form = SubscribeForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        if wait := knock("subscribe-address", digest(given["email"]), LETTERS):
            return too_many(request, wait)
        try:
            subscribing.subscribe(
                given["email"], given["language"], given["area"], given["kinds"], given["frequency"]
            )  # fmt: skip
        except ValidationError as problem:
            form.add_error("email", problem)
        else:
            return render(request, "publicmap/asked.html")
    return render(request, "publicmap/subscribe.html", {"form": form}, status=422)


def _initial(request: HttpRequest) -> dict:
    asked = {name: request.GET.get(name, "") for name in ("kind", "district", "box")}
    try:
        box = str(Box.read(asked["box"]))
    except ValueError:
        box = ""
    return {
        "where": "box" if box else "district", "box": box, "district": asked["district"],
        "kinds": [asked["kind"]] if asked["kind"] else [], "language": get_language(), "metres": 500,
        "frequency": "daily", "email": getattr(request.user, "email", ""),
    }  # fmt: skip


@door("public:map:subscribe")
@limit("subscription", 60)
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, seal: str) -> HttpResponse:
    """``/map/subscriptions/<seal>/``, the link of the letters: GET shows, POST confirms."""
    found = subscribing.of_seal(seal)
    if found is None:
        return _private(render(request, "publicmap/gone.html", status=404))
    if request.method == "POST":
        subscribing.confirm(found)
        return _private(redirect("subscription", seal))
    context = {
        "subscription": found,
        "area": subscribing.area_in_words(found),
        "kinds": subscribing.kinds_in_words(found),
        "seal": seal,
    }
    return _private(render(request, "publicmap/mine.html", context))


@csrf_exempt
@door("public:map:subscribe")
@limit("subscription", 60)
@require_POST
def stop(request: HttpRequest, seal: str) -> HttpResponse:
    """``POST /map/subscriptions/<seal>/stop/``: RFC 8058; the seal alone is asked for, as mail programs send it."""
    if found := subscribing.of_seal(seal):
        subscribing.stop(found)
    return _private(render(request, "publicmap/stopped.html"))


def _private(response: HttpResponse) -> HttpResponse:
    """What only the holder of the link sees: no cache keeps it, no search engine lists it."""
    response["Cache-Control"], response["X-Robots-Tag"] = "private, no-store", "noindex"
    return response
