"""The one-stop app 便民一路通: an installable page that leads to reporting, my cases, what is near, and notices.

Its kept pages know nobody: what is personal lies behind its own doors, or in the phone itself (app.js).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.registry import kinds
from cases.rules import metres_apart
from foundation.clock import today
from foundation.forms import CityForm
from foundation.offline import worker as service_worker
from foundation.ratelimit import limit
from identity.doors import door
from messages.channels.push import key_for_browsers
from organisation import directory
from organisation.models import CalendarOverride
from organisation.pack import pack
from servicerequests.pages.manifests import in_brand, manifest_response
from servicerequests.pages.report.draft import seal_of_app

SHOWN, LOOKED_AT = 20, 200
AHEAD = timedelta(days=7)


def _map_address() -> str:
    """The public map, where this city hall has one."""
    try:
        return reverse("map")
    except NoReverseMatch:
        return ""


@door("public:pages:read")
@limit("app", 240)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """``/app/``: one big button, and the ways to everything else."""
    context = {"app": seal_of_app(), "notices": len(_closures()), "brand": in_brand(pack().city)}
    return render(request, "servicerequests/app/home.html", context)


class NearbyForm(CityForm):
    """Where to look: a point, as the phone tells it, or a district."""

    lon = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    district = forms.ChoiceField(label=gettext_lazy("行政區"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [
            ("", _("請選擇")), *((code, str(district)) for code, district in directory.districts().items())
        ]  # fmt: skip


@door("public:cases:track")
@limit("app-nearby", 60)
@require_safe
def nearby(request: HttpRequest) -> HttpResponse:
    """``/app/nearby/?lon=&lat=`` or ``?district=``: open cases that anybody may know of, the nearest or newest first.

    Public facts only, none of a sensitive kind; two statements however many there are. Nothing of the position is kept.
    """
    form = NearbyForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    open_kinds = [code for code, kind in kinds().items() if not kind.sensitive]
    cases = Case.objects.public().open().filter(kind_code__in=open_kinds).for_list()
    rows: list[tuple[Case, Any, int | None]] | None = None
    if said.get("lon") is not None and said.get("lat") is not None:
        lon, lat, reach = said["lon"], said["lat"], pack().rule("app_nearby_metres", today()).value
        around = cases.near(lon, lat, reach)[:LOOKED_AT] if abs(lat) < 89 else []
        far = ((round(metres_apart(lon, lat, case.lon, case.lat)), case) for case in around)
        near = sorted((pair for pair in far if pair[0] <= reach), key=lambda pair: (pair[0], pair[1].pk))[:SHOWN]
        rows = [(case, case.clock(), max(10, metres // 10 * 10)) for metres, case in near]
    elif said.get("district"):
        newest = cases.filter(district_id=said["district"]).order_by("-received_at", "-pk")[:SHOWN]
        rows = [(case, case.clock(), None) for case in newest]
    context = {"form": form, "rows": rows, "map": _map_address()}
    status = 422 if form.errors else 200
    return render(request, "servicerequests/app/nearby.html", context, status=status)


def _closures() -> list[CalendarOverride]:
    """Days of the coming week on which offices are closed or open otherwise than the calendar says."""
    coming = CalendarOverride.objects.in_force().filter(date__gte=today(), date__lte=today() + AHEAD)
    return list(coming.select_related("district").order_by("date", "district"))


@door("public:pages:read")
@limit("app", 240)
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """``/app/notices/``: closures of the coming week, and whom to ring in an emergency."""
    context = {
        "closures": _closures(), "emergency": pack().text("emergency"), "phone": pack().city.phone,
        "push_key": key_for_browsers(),
    }  # fmt: skip
    return render(request, "servicerequests/app/notices.html", context)


@door("public:pages:read")
@limit("manifest", 120)
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The app's manifest (W3C Web Application Manifest). Its scope is the whole site: a report stays in the app."""
    report = {
        "name": _("通報"),
        "url": reverse("app-draft"),
        "icons": [{"src": static("foundation/favicon.svg"), "sizes": "any"}],
    }
    brand = in_brand(pack().city)
    return manifest_response(
        _("一路通"), brand, reverse("app"), scope="/", shortcuts=[report], categories=["government"],
        description=_("通報、查進度、附近的案件與停班停課。"),
    )  # fmt: skip


@door("public:pages:read")
@limit("manifest", 120)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The app's service worker; its scope is /app/, where it stands."""
    return service_worker(request, "app", offline=reverse("app-draft"), pushed=reverse("app"))
