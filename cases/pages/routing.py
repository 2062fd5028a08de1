"""The rules by which cases find their desk: what is in force, a draft, trying it out, putting it in force."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases.actions import routing
from cases.models import RoutingDraft, RoutingVersion
from cases.pages.verbs import units_by_agency
from cases.registry import kinds
from cases.routing import Route, digest
from foundation.clock import now, today
from foundation.forms import CityForm, DateBox, DateTimeBox
from identity.doors import door
from organisation import directory
from organisation.pack.routing import LEAST_PRIORITY, MOST_PRIORITY
from organisation.permissions import grants_of

ROADS = {
    "national": gettext_lazy("國道與快速道路"),
    "provincial": gettext_lazy("省道"),
    "county": gettext_lazy("縣市道"),
    "boulevard": gettext_lazy("大道"),
    "road": gettext_lazy("路"),
    "street": gettext_lazy("街"),
    "lane": gettext_lazy("巷"),
    "alley": gettext_lazy("弄"),
}
HOURS = {"": gettext_lazy("不限"), "working": gettext_lazy("上班時間"), "off": gettext_lazy("上班時間以外")}


class RuleForm(CityForm):
    """One rule: who answers, and when it holds. What is left empty holds for everything."""

    code = forms.CharField(label=gettext_lazy("規則名稱"), max_length=40)
    unit = forms.ChoiceField(label=gettext_lazy("分到"))
    priority = forms.IntegerField(
        label=gettext_lazy("優先順序"),
        min_value=LEAST_PRIORITY,
        max_value=MOST_PRIORITY,
        initial=100,
        help_text=gettext_lazy("數字大的先看；同時成立的規則，由數字最大的決定。"),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("種類"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不選表示不限。"),
    )
    districts = forms.MultipleChoiceField(
        label=gettext_lazy("行政區"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不選表示不限。"),
    )
    road_classes = forms.MultipleChoiceField(
        label=gettext_lazy("道路"),
        required=False,
        choices=list(ROADS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("依地址判斷，不選表示不限。"),
    )
    hours = forms.ChoiceField(
        label=gettext_lazy("受理時間"), required=False, choices=list(HOURS.items()), widget=forms.RadioSelect
    )
    opens = forms.TimeField(
        label=gettext_lazy("每天從"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    closes = forms.TimeField(
        label=gettext_lazy("到"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("可以跨過午夜，例如 22:00 到 06:00。"),
    )
    words = forms.CharField(
        label=gettext_lazy("內容提到"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("其中任何一個詞，以頓號分開，例如「鞭炮、唱歌」。"),
    )
    since = forms.DateField(label=gettext_lazy("起始日"), widget=DateBox)
    until = forms.DateField(label=gettext_lazy("截止日"), required=False, widget=DateBox)
    source = forms.CharField(label=gettext_lazy("依據"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units_by_agency(crews=False)
        self.fields["kinds"].choices = [(kind.code, kind.label) for kind in kinds().values()]
        self.fields["districts"].choices = [(each.code, each.label) for each in directory.districts().values()]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        opens, closes = data.get("opens"), data.get("closes")
        if (opens is None) != (closes is None):
            self.add_error("opens" if opens is None else "closes", _("起訖時間要一起填。"))
        elif opens is not None and opens == closes:
            self.add_error("closes", _("起訖時間不能相同。"))
        if data.get("until") and data.get("since") and data["until"] < data["since"]:
            self.add_error("until", _("截止日早於起始日。"))
        return data

    @property
    def route(self) -> Route:
        """The rule that was typed."""
        said = self.cleaned_data
        words = tuple(
            dict.fromkeys(word for part in re.split(r"[、,，;；\n]", said["words"]) if (word := part.strip()))
        )
        return Route(
            code=said["code"], unit=said["unit"], priority=said["priority"], source=said["source"], since=said["since"],
            until=said["until"], kinds=frozenset(said["kinds"]), districts=frozenset(said["districts"]),
            road_classes=frozenset(said["road_classes"]), hours=said["hours"], opens=said["opens"],
            closes=said["closes"], words=words,
        )  # fmt: skip

    @staticmethod
    def initial_of(route: Route) -> dict[str, Any]:
        """A rule as the form shows it."""
        return {**vars(route), "words": "、".join(route.words)}


class EntryForm(CityForm):
    """From when on, and why."""

    since = forms.DateTimeField(
        label=gettext_lazy("生效時間"), required=False, widget=DateTimeBox, help_text=gettext_lazy("留空表示立即生效。")
    )
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="entry_%s", **kwargs)  # it stands beside a RuleForm, which has a `since` too


class CancelForm(CityForm):
    """Why a version that was to come into force does not."""

    reason = forms.CharField(label=gettext_lazy("取消的原因"), max_length=300)

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"cancel_{number}_%s", **kwargs)  # one for each version to come


@door("city:routing:read")
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """``/routing/``: the rules in force, those to come, the drafts and what was in force before."""
    return _rules(request)


def _rules(request: HttpRequest, refused: CancelForm | None = None, number: int = 0) -> HttpResponse:
    at = now()
    versions = list(RoutingVersion.objects.visible_to(request.user).with_cancellations()[:20])
    standing = [version for version in versions if not hasattr(version, "cancellation")]
    current = next((version for version in sorted(standing, key=_by_time, reverse=True) if version.since <= at), None)
    may_change = grants_of(request.user).has(routing.CHANGE)
    context = {
        "current": current,
        "coming": [
            (version, refused if refused and version.number == number else CancelForm(number=version.number))
            for version in standing
            if version.since > at
        ],
        "form": refused,
        "versions": versions,
        "own_rules": [in_words(Route.from_json(rule)) for rule in _ordered(current.rules)] if current else [],
        "base": [in_words(route) for route in sorted(routing.base_routes(), key=lambda r: (-r.priority, r.code))],
        "drafts": RoutingDraft.objects.visible_to(request.user, routing.CHANGE) if may_change else [],
        "may_change": may_change,
    }
    return render(request, "cases/routing/rules.html", context, status=422 if refused else 200)


@door("city:routing:change")
@require_POST
def cancellation(request: HttpRequest, number: int) -> HttpResponse:
    """``/routing/versions/3/cancellation/``: a version that is to come into force does not."""
    form = CancelForm(request.POST, number=number)
    if form.is_valid():
        try:
            routing.cancel(request.user, number, form.cleaned_data["reason"])
        except LookupError:
            raise Http404 from None
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("第 %(n)d 版已取消，不會生效。") % {"n": number})
            return redirect("routing")
    return _rules(request, form, number)


@door("city:routing:change")
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft."""
    return redirect("routing-draft", pk=routing.draft(request.user).pk)


@door("city:routing:change")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """``/routing/drafts/3/``: GET shows it, with ``rule`` for changing one; POST adds or changes a rule."""
    change = _draft(request, pk)
    replaces = request.POST.get("replaces", "") or request.GET.get("rule", "")
    if request.method == "POST":
        form = RuleForm(request.POST)
        if form.is_valid():
            try:
                routing.set_rule(request.user, change, form.route, replaces)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, _("規則已存入草案，還沒有生效。"))
                return redirect("routing-draft", pk=pk)
        return _page(request, change, form=form, replaces=replaces, status=422)
    found = next((rule for rule in change.rules if rule["code"] == replaces), None)
    initial = RuleForm.initial_of(Route.from_json(found)) if found else {"since": today(), "hours": ""}
    return _page(request, change, form=RuleForm(initial=initial), replaces=replaces if found else "")


@door("city:routing:change")
@require_POST
def removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rule out of a draft, or with no rule named throw the draft away."""
    change = _draft(request, pk)
    if code := request.POST.get("rule", ""):
        routing.remove_rule(request.user, change, code)
        return redirect("routing-draft", pk=pk)
    routing.discard(request.user, change)
    messages.success(request, _("草案已刪除。"))
    return redirect("routing")


@door("city:routing:change")
@require_POST
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a draft out on last month's cases."""
    routing.try_out(request.user, _draft(request, pk))
    return redirect(f"{request.path.removesuffix('trial/')}#trial")


@door("city:routing:change")
@require_POST
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft in force."""
    change = _draft(request, pk)
    form = EntryForm(request.POST)
    if form.is_valid():
        try:
            version = routing.put_in_force(
                request.user, change, form.cleaned_data["since"], form.cleaned_data["reason"]
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            at_once = version.since <= now() + routing.NOTICE
            said = _("第 %(n)d 版幾秒後生效。") if at_once else _("第 %(n)d 版已排定生效。")
            messages.success(request, said % {"n": version.number})
            return redirect("routing")
    return _page(request, change, entry=form, status=422)


def _draft(request: HttpRequest, pk: int) -> RoutingDraft:
    return get_object_or_404(RoutingDraft.objects.visible_to(request.user, routing.CHANGE), pk=pk)


def _page(request: HttpRequest, change: RoutingDraft, status: int = 200, **more: Any) -> HttpResponse:
    change.refresh_from_db()
    tried = change.trial
    context = {
        "change": change,
        "rules": [in_words(Route.from_json(rule)) for rule in _ordered(change.rules)],
        "form": RuleForm(initial={"since": today(), "hours": ""}),
        "entry": EntryForm(),
        "tried": _trial_in_words(tried) if tried else None,
        "stale": bool(tried) and tried["digest"] != digest(change.rules),
    }
    return render(request, "cases/routing/draft.html", context | more, status=status)


def _by_time(version: RoutingVersion) -> tuple:
    return (version.since, version.number)


def _ordered(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(kept, key=lambda rule: (-rule["priority"], rule["code"]))


def _unit_in_words(code: str) -> str:
    unit = directory.units().get(code)
    return f"{unit.agency} {unit}" if unit else code


def _trial_in_words(tried: dict[str, Any]) -> dict[str, Any]:
    most = max((pair["count"] for pair in tried["pairs"]), default=1)
    pairs = [
        {
            "before": _unit_in_words(pair["from"]),
            "after": _unit_in_words(pair["to"]),
            "count": pair["count"],
            "share": pair["count"] / most,
            "examples": pair["examples"],
        }
        for pair in tried["pairs"]
    ]
    return tried | {"pairs": pairs}


def in_words(route: Route) -> dict[str, Any]:
    """A rule as a table shows it: its conditions as a list of phrases, none where it holds for everything."""
    known, districts = kinds(), directory.districts()
    conditions = [
        _("、").join(str(names.get(code, code)) for code in sorted(codes, key=str))
        for codes, names in (
            (route.kinds, {code: kind.label for code, kind in known.items()}),
            (route.districts, {code: each.label for code, each in districts.items()}),
            (route.road_classes, ROADS),
        )
        if codes
    ]
    if route.hours:
        conditions.append(str(HOURS[route.hours]))
    if route.opens and route.closes:
        conditions.append(_("%(opens)s 到 %(closes)s") % {"opens": _clock(route.opens), "closes": _clock(route.closes)})
    if route.words:
        conditions.append(_("提到「%(words)s」") % {"words": _("、").join(route.words)})
    return {
        "code": route.code,
        "unit": _unit_in_words(route.unit),
        "priority": route.priority,
        "conditions": conditions,
        "source": route.source,
        "since": route.since if route.since > date.min else None,
        "until": route.until,
    }


def _clock(at: time) -> str:
    return f"{at:%H:%M}"
