"""What the map, its list, its feeds and its subscriptions are asked for: one address says it for all of them."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.registry import kinds
from foundation.clock import today
from foundation.forms import CityForm
from organisation import directory
from publicmap.queries import Asked
from publicmap.rules import Box

ANY = [("", _("不限"))]
STAND_LABELS = {
    "received": _("已受理"),
    "working": _("處理中"),
    "done": _("已完成"),
    "history": _("歷史資料"),
}
PERIODS = {"7": _("最近 7 天"), "30": _("最近 30 天"), "90": _("最近 90 天"), "365": _("最近一年"), "all": _("全部")}
DEFAULT_PERIOD = "30"


def public_kinds() -> list[tuple[str, str]]:
    """The kinds that may stand on a public map."""
    return [(kind.code, kind.label) for kind in kinds().values() if not kind.sensitive]


class MapFilter(CityForm):
    """All may be empty; what cannot be read is named and left out, so that a wrong address still shows a list."""

    kind = forms.ChoiceField(label=_("種類"), required=False)
    stand = forms.ChoiceField(
        label=_("狀態"), required=False, choices=[*ANY, ("open", _("還沒完成")), *STAND_LABELS.items()]
    )
    district = forms.ChoiceField(label=_("行政區"), required=False)
    days = forms.ChoiceField(label=_("受理時間"), required=False, choices=list(PERIODS.items()))
    box = forms.CharField(label=_("地圖範圍"), required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, data) -> None:
        # What stands in the address is shown as chosen; where nothing does, the last thirty days are.
        given = data.copy()
        given.setdefault("days", DEFAULT_PERIOD)
        super().__init__(given, auto_id="map-%s")
        self.fields["kind"].choices = ANY + public_kinds()
        self.fields["district"].choices = ANY + [(d.code, str(d)) for d in directory.districts().values()]

    def clean_box(self) -> Box | None:
        text = self.cleaned_data["box"]
        try:
            return Box.read(text) if text else None
        except ValueError:
            raise forms.ValidationError(_("看不懂地圖範圍，已改列全市。")) from None

    def asked(self) -> Asked:
        """What is asked for; a field with a fault asks for nothing."""
        self.is_valid()
        given = self.cleaned_data
        days = given.get("days") or DEFAULT_PERIOD
        return Asked(
            kind=given.get("kind", ""),
            stand=given.get("stand", ""),
            district=given.get("district", ""),
            since=None if days == "all" else today() - timedelta(days=int(days)),
            box=given.get("box"),
        )
