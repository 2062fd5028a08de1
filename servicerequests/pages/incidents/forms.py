"""The forms of an incident: what it is, and its verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely import Polygon

from cases.models import Case
from cases.registry import kinds
from foundation.clock import TAIPEI, now
from foundation.forms import CityForm, DateTimeBox, RadioCards, Select
from organisation import directory
from organisation.models import Agency
from servicerequests.models import Incident
from servicerequests.models.incident import MAX_METRES, Event
from servicerequests.rules import read_point, tidy_number, write_point

CITY, DISTRICTS, CIRCLE, POLYGON = "city", "districts", "circle", "polygon"
MAX_CORNERS = 200
PUBLIC_MAX = 600


class VerbForm(CityForm):
    """A form that shows what a verb refused beside the field that it is about."""

    def refuse(self, refusal: ValidationError) -> None:
        """Take over the complaints of a verb; those about no field of this form stand above it."""
        by_field = refusal.message_dict if hasattr(refusal, "error_dict") else {None: refusal.messages}
        for name, messages in by_field.items():
            self.add_error(name if name in self.fields else None, messages)


def moment(**options: Any) -> forms.DateTimeField:
    """A time on Taipei's clocks."""
    field = forms.DateTimeField(widget=DateTimeBox, **options)
    field.error_messages["invalid"] = gettext_lazy("時間的格式不正確，例如 2026-07-24 14:30。")
    return field


class IncidentForm(VerbForm):
    """What happened, where, of which kinds, since when, who leads, and what the public is told."""

    name = forms.CharField(
        label=gettext_lazy("名稱"), max_length=60, help_text=gettext_lazy("例如：凱米颱風、前鎮區石化管線氣爆。")
    )
    name_en = forms.CharField(label=gettext_lazy("英文名稱"), max_length=80, required=False)
    event = forms.ChoiceField(label=gettext_lazy("事件類別"), choices=Event.choices, widget=Select)
    lead = forms.ChoiceField(label=gettext_lazy("主導機關"), widget=Select)
    since = moment(label=gettext_lazy("從什麼時候起"), help_text=gettext_lazy("這時以後受理的案件會歸入。"))
    until = moment(
        label=gettext_lazy("到什麼時候止"), required=False, help_text=gettext_lazy("還不知道就留空，結束事件時會補上。")
    )
    where = forms.ChoiceField(
        label=gettext_lazy("範圍"),
        choices=[
            (CITY, gettext_lazy("全市")),
            (DISTRICTS, gettext_lazy("部分行政區")),
            (CIRCLE, gettext_lazy("一個地點的周圍")),
            (POLYGON, gettext_lazy("自訂邊界")),
        ],
        widget=RadioCards(
            hints={
                DISTRICTS: gettext_lazy("在下面勾選。"),
                CIRCLE: gettext_lazy("填中心點座標與半徑；沒有座標的案件請用人工加入。"),
                POLYGON: gettext_lazy("填各頂點的座標；沒有座標的案件請用人工加入。"),
            }
        ),
    )
    districts = forms.MultipleChoiceField(
        label=gettext_lazy("行政區"), required=False, widget=forms.CheckboxSelectMultiple
    )
    centre = forms.CharField(
        label=gettext_lazy("中心點"), required=False, help_text=gettext_lazy("先緯度、後經度，例如 22.6273, 120.3014")
    )
    metres = forms.IntegerField(label=gettext_lazy("半徑（公尺）"), required=False, min_value=1, max_value=MAX_METRES)
    polygon = forms.CharField(
        label=gettext_lazy("頂點"),
        required=False,
        help_text=gettext_lazy("每行一點，先緯度、後經度；依順序繞一圈，至少三點。"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    kind_codes = forms.MultipleChoiceField(
        label=gettext_lazy("案件種類"),
        required=False,
        help_text=gettext_lazy("都不勾就是所有種類。"),
        widget=forms.CheckboxSelectMultiple,
    )
    public_zh = forms.CharField(
        label=gettext_lazy("給民眾的話"),
        required=False,
        max_length=PUBLIC_MAX,
        widget=forms.Textarea,
        help_text=gettext_lazy("事件進行中會放在首頁、通報頁與相關案件的進度頁。留空就不公開這個事件。"),
    )
    public_en = forms.CharField(
        label=gettext_lazy("給民眾的話（英文）"), required=False, max_length=PUBLIC_MAX * 2, widget=forms.Textarea
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].choices = [("", "—"), *((a.code, str(a)) for a in Agency.objects.active())]
        self.fields["districts"].choices = [(code, str(d)) for code, d in directory.districts().items()]
        self.fields["kind_codes"].choices = [(kind.code, kind.label) for kind in kinds().values()]

    @classmethod
    def initial_of(cls, incident: Incident | None) -> dict[str, Any]:
        """What the form begins with."""
        if incident is None:
            return {"where": CITY, "since": now().astimezone(TAIPEI).replace(second=0, microsecond=0, tzinfo=None)}
        where = (
            CIRCLE if incident.metres else POLYGON if incident.polygon else DISTRICTS if incident.districts else CITY
        )
        plain = ("name", "name_en", "event", "districts", "metres", "kind_codes", "public_zh", "public_en")
        return {name: getattr(incident, name) for name in plain} | {
            "lead": incident.lead.code,
            "since": incident.since.astimezone(TAIPEI).replace(tzinfo=None),
            "until": incident.until.astimezone(TAIPEI).replace(tzinfo=None) if incident.until else None,
            "where": where,
            "centre": write_point(incident.lon, incident.lat) if incident.metres else "",
            "polygon": "\n".join(write_point(lon, lat) for lon, lat in incident.polygon),
        }

    def clean_centre(self) -> tuple[float, float] | None:
        return self._point(self.cleaned_data["centre"]) if self.cleaned_data["centre"].strip() else None

    def clean_polygon(self) -> list[tuple[float, float]]:
        lines = [line for line in self.cleaned_data["polygon"].splitlines() if line.strip()]
        if len(lines) > MAX_CORNERS:
            raise ValidationError(_("最多 %(most)d 個頂點。") % {"most": MAX_CORNERS})
        return [self._point(line) for line in lines]

    @staticmethod
    def _point(text: str) -> tuple[float, float]:
        try:
            return read_point(text)
        except ValueError:
            raise ValidationError(
                _("看不懂「%(text)s」這個座標，例如 22.6273, 120.3014。") % {"text": text[:40]}
            ) from None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        where = said.get("where")
        if where == DISTRICTS and not said.get("districts"):
            self.add_error("districts", _("請勾選行政區，或把範圍改為全市。"))
        if where == CIRCLE:
            for name in ("centre", "metres"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("範圍選「一個地點的周圍」時必須填寫。"))
        if where == POLYGON and "polygon" not in self.errors:
            corners = said.get("polygon") or []
            if len(corners) < 3:
                self.add_error("polygon", _("至少要三個頂點。"))
            elif not Polygon(corners).is_valid:
                self.add_error("polygon", _("邊界自己交叉了，請依順序繞一圈填寫。"))
        since, until = said.get("since"), said.get("until")
        if since and until and until <= since:
            self.add_error("until", _("結束時間要晚於開始時間。"))
        if said.get("public_en") and not said.get("public_zh"):
            self.add_error("public_zh", _("有英文就要有中文。"))
        return said

    @property
    def facts(self) -> dict[str, Any]:
        """What was said, as the verbs want it."""
        said, where = self.cleaned_data, self.cleaned_data["where"]
        lon, lat = said["centre"] if where == CIRCLE else (None, None)
        same = ("name", "name_en", "event", "kind_codes", "since", "until", "public_zh", "public_en")
        return {name: said[name] for name in same} | {
            "lead": directory.agency(said["lead"]),
            "districts": said["districts"] if where == DISTRICTS else [],
            "lon": lon,
            "lat": lat,
            "metres": said["metres"] if where == CIRCLE else None,
            "polygon": [list(corner) for corner in said["polygon"]] if where == POLYGON else [],
        }


class NoteForm(VerbForm):
    text = forms.CharField(label=gettext_lazy("紀事"), max_length=2000, widget=forms.Textarea)


class MemberForm(VerbForm):
    """Which case, and why."""

    number = forms.CharField(label=gettext_lazy("案件編號"), max_length=40)
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)

    def clean_number(self) -> Case:
        number = tidy_number(self.cleaned_data["number"])
        case = Case.objects.public().filter(number=number).first()
        if case is None:
            raise ValidationError(_("找不到 %(number)s 這個編號。") % {"number": number})
        return case


class BroadcastForm(VerbForm):
    """To whom, and what."""

    to = forms.MultipleChoiceField(
        label=gettext_lazy("通知誰"),
        choices=[
            ("agencies", gettext_lazy("承辦這些案件的單位主管與承辦人、主導機關")),
            ("reporters", gettext_lazy("這些案件的通報人（一人一封，不想收信的不寄）")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    text_zh = forms.CharField(label=gettext_lazy("內容"), max_length=2000, widget=forms.Textarea)
    text_en = forms.CharField(
        label=gettext_lazy("內容（英文）"),
        max_length=4000,
        required=False,
        widget=forms.Textarea,
        help_text=gettext_lazy("寄給用英文的人；留空就寄中文。"),
    )


class CloseForm(VerbForm):
    lessons = forms.CharField(
        label=gettext_lazy("處置經過與檢討"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy("會印在事後報告的開頭；數字由紀錄算出，不必抄。"),
    )


VERB_FORMS: Mapping[str, tuple[type[VerbForm], Any, Any]] = {
    "notes": (NoteForm, gettext_lazy("寫一則紀事"), gettext_lazy("寫入紀錄")),
    "additions": (MemberForm, gettext_lazy("加入案件"), gettext_lazy("加入")),
    "removals": (MemberForm, gettext_lazy("移出案件"), gettext_lazy("移出")),
    "broadcasts": (BroadcastForm, gettext_lazy("發布通報"), gettext_lazy("發布")),
    "closure": (CloseForm, gettext_lazy("結束事件"), gettext_lazy("結束並產生報告")),
}
