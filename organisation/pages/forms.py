"""The forms of the organisation: closures, appointments, and what to look for in the directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.clock import today
from foundation.forms import CityForm, DateBox, RadioCards
from foundation.templatetags.city import roc_filter
from organisation import directory
from organisation.calendar import is_official_working_day
from organisation.models import CalendarOverride
from organisation.rules import AFTERNOON, MORNING, OPEN_HALVES

CITY, DISTRICTS = "city", "districts"
# A guard against slips of the hand, no rule of law. Older days belong into the pack, later ones are not known yet.
DAYS_BACK, DAYS_AHEAD = 31, 366
Kind = CalendarOverride.Kind


class RefusableForm(CityForm):
    """A form that shows what a verb refused beside the field that it is about."""

    # The verb's name for a value, where the form's differs.
    named: Mapping[str, str] = {}

    def refuse(self, refusal: ValidationError) -> None:
        """Take over the complaints of a verb; those about no field of this form stand above it."""
        for name, messages in refusal.message_dict.items():
            field = self.named.get(name, name)
            self.add_error(field if field in self.fields else None, messages)


def date_field(**kwargs: Any) -> forms.DateField:
    """A day, typed or picked in the browser's own calendar."""
    field = forms.DateField(widget=DateBox, **kwargs)
    field.error_messages["invalid"] = gettext_lazy("日期的格式不正確，例如 2026-07-24。")
    return field


class ClosureForm(RefusableForm):
    """What is declared: which day, where, how, why, and by which announcement."""

    day = date_field(label=gettext_lazy("日期"))
    where = forms.ChoiceField(
        label=gettext_lazy("範圍"),
        choices=[(CITY, gettext_lazy("全市")), (DISTRICTS, gettext_lazy("部分行政區"))],
        widget=forms.RadioSelect,
    )
    districts = forms.MultipleChoiceField(
        label=gettext_lazy("行政區"),
        help_text=gettext_lazy("範圍選「部分行政區」時勾選。"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("方式"),
        choices=[(kind, kind.label) for kind in (Kind.CLOSED, Kind.MORNING_CLOSED, Kind.AFTERNOON_CLOSED, Kind.OPEN)],
        widget=RadioCards(
            hints={
                Kind.MORNING_CLOSED: gettext_lazy("下午照常上班，算半個工作日。"),
                Kind.AFTERNOON_CLOSED: gettext_lazy("上午照常上班，算半個工作日。"),
                Kind.OPEN: gettext_lazy("全市停班而這裡不停，或例假日要上班。"),
            }
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        help_text=gettext_lazy("例如：凱米颱風停止上班。會寫在期限有變動的每件案件上，民眾看得到。"),
        max_length=200,
    )
    source = forms.CharField(
        label=gettext_lazy("依據"),
        help_text=gettext_lazy(
            "哪個機關、什麼時候、以什麼方式公布的，例如：高雄市政府 113 年 7 月 23 日 20 時新聞稿。"
        ),
        max_length=300,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, district.label) for code, district in directory.districts().items()]
        self.fields["districts"].choices = choices
        self.fields["districts"].error_messages["invalid_choice"] = _("請選擇本市的行政區。")
        self.standing: dict[str | None, CalendarOverride] = {}

    @property
    def codes(self) -> list[str] | None:
        """The districts chosen, as the verb wants them; None is the whole city."""
        return None if self.cleaned_data["where"] == CITY else self.cleaned_data["districts"]

    def clean_day(self) -> date:
        day, now = self.cleaned_data["day"], today()
        if day < now - timedelta(days=DAYS_BACK):
            raise ValidationError(
                _("只能宣告 %(days)s 天以內的日子；更早的請加在城市包的 calendar.csv。") % {"days": DAYS_BACK}
            )
        if day > now + timedelta(days=DAYS_AHEAD):
            raise ValidationError(
                _("這一天還太遠：最多宣告到 %(day)s。") % {"day": roc_filter(now + timedelta(DAYS_AHEAD))}
            )
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        where, chosen = cleaned.get("where"), cleaned.get("districts")
        if where == DISTRICTS and chosen == []:
            self.add_error("districts", _("請勾選停班的行政區，或把範圍改為全市。"))
        if where == CITY and chosen:
            self.add_error("where", _("範圍是全市，卻勾了行政區。請選擇「部分行政區」，或取消勾選。"))
        if not self.errors:
            self._weigh(cleaned["day"], [None] if where == CITY else chosen, cleaned["kind"])
        return cleaned

    def _weigh(self, day: date, places: Iterable[str | None], kind: str) -> None:
        """Refuse what makes no sense on that day there: half of a day off, and what is so already."""
        self.standing = {row.district_id: row for row in CalendarOverride.objects.in_force().filter(date=day)}
        official = MORNING | AFTERNOON if is_official_working_day(day) else 0
        open_now = {place: self._open_halves(place, official) for place in places}
        if not official and kind != Kind.OPEN and not all(open_now.values()):
            self.add_error("kind", _("這一天本來就不上班，不必宣告停班。"))
        elif all(halves == OPEN_HALVES[kind] and place not in self.standing for place, halves in open_now.items()):
            self.add_error("kind", _("這一天在這裡原本就是「%(kind)s」，不必宣告。") % {"kind": Kind(kind).label})

    def _open_halves(self, place: str | None, official: int) -> int:
        row = self.standing.get(place) or self.standing.get(None)
        return OPEN_HALVES[row.kind] if row else official


class RevocationForm(RefusableForm):
    """Which districts of a declaration are withdrawn, and why."""

    districts = forms.MultipleChoiceField(
        label=gettext_lazy("撤回的行政區"), widget=forms.CheckboxSelectMultiple, required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("撤回的理由"),
        help_text=gettext_lazy("例如：公告更正，下午恢復上班。會寫在期限有變動的每件案件上，民眾看得到。"),
        max_length=200,
    )

    def __init__(self, *args: Any, rows: list[CalendarOverride], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        if len(rows) > 1:
            choices = [(row.district_id, row.district.label) for row in rows]
            self.fields["districts"].choices = choices
            self.fields["districts"].initial = [code for code, _label in choices]
            self.fields["districts"].required = True
            self.fields["districts"].error_messages["required"] = _("請至少勾選一個行政區。")
        else:
            del self.fields["districts"]

    @property
    def chosen(self) -> list[CalendarOverride]:
        """The rows to withdraw."""
        codes = self.cleaned_data.get("districts")
        return [row for row in self.rows if codes is None or row.district_id in codes]


class DirectoryFilter(forms.Form):
    """What to look for among agencies and units."""

    q = forms.CharField(
        label=gettext_lazy("機關或單位名稱"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
