"""The questions of a report, a form a page. What a kind asks is declared in the city pack."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.fields import Field, Referred
from cases.models.case import Channel
from cases.registry import Kind
from foundation.files import IMAGE
from foundation.forms import DateBox, RadioCards, Select
from foundation.language import in_language
from foundation.telephone import mobile
from messages.channels import CHANNELS
from organisation import directory
from organisation.geography import district_by_name, locate
from organisation.pack import pack
from servicerequests.pages.report.catalogue import is_catch_all
from servicerequests.pages.report.draft import MAX_PHOTOS, PREFIX
from servicerequests.rules import read_point, write_point

DESCRIPTION_MAX = 2000


class DeclaredField(forms.Field):
    """A field that a kind declares; checking it is the declaration's business."""

    def __init__(self, declared: Field) -> None:
        self.declared = declared
        super().__init__(
            required=declared.required, label=declared.label, help_text=declared.hint, widget=_widget(declared)
        )

    def clean(self, value: Any) -> Any:
        return self.declared.clean(value)


class _ChoiceOf(forms.RadioSelect):
    """Radios without the empty answer that Django would add to an optional choice."""

    def use_required_attribute(self, initial: Any) -> bool:
        return False


def _widget(declared: Field) -> forms.Widget:
    match declared.type:
        case "choice":
            choices = [(choice.value, choice.label) for choice in declared.choices]
            return (
                _ChoiceOf(choices=choices) if len(choices) <= 8 else forms.Select(choices=[("", _("請選擇")), *choices])
            )
        case "bool":
            return forms.CheckboxInput()
        case "date":
            return DateBox()
        case "time":
            return forms.TimeInput(attrs={"type": "time"})
        case "number":
            return forms.TextInput(attrs={"inputmode": "decimal"})
        case _ if declared.max_length > 200:
            return forms.Textarea(attrs={"rows": 4})
        case _:
            return forms.TextInput(attrs={"maxlength": declared.max_length})


class WhatForm(forms.Form):
    """What is wrong: the kind's own questions, and the citizen's words."""

    description = forms.CharField(
        label=gettext_lazy("請描述發生了什麼事"), max_length=DESCRIPTION_MAX, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        # Which record it is about is asked once the place is known, on a page of its own.
        own = {PREFIX + declared.name: DeclaredField(declared) for declared in kind.fields if not declared.register}
        words = self.fields.pop("description")
        # Whoever goes there sees the hole for themselves; a letter about anything has only its words.
        words.required = is_catch_all(kind) or not own
        if not words.required and own:
            words.label = _("還有什麼要讓我們知道的")
        self.fields = {**own, "description": words}
        words.error_messages["required"] = _("請描述發生了什麼事。")
        words.help_text = _("請不要寫身分證號、病歷等私密資料；聯絡方式稍後另外填寫。")

    @property
    def values(self) -> dict[str, Any]:
        """The kind's own answers, as a filing wants them."""
        return values_of(self.cleaned_data)


def values_of(answers: dict[str, Any]) -> dict[str, Any]:
    """The kind's own answers out of the kept answers of the page."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in answers.items()
        if name.startswith(PREFIX) and value is not None
    }


class WhereForm(forms.Form):
    """Where it is: a point, an address, a description, or a district at least. Any of them, or all."""

    address = forms.CharField(
        label=gettext_lazy("地址或路口"),
        help_text=gettext_lazy("例如：苓雅區三多三路 215 號、光華一路與憲政路口"),
        max_length=200,
        required=False,
    )
    point = forms.CharField(
        label=gettext_lazy("地圖座標"),
        help_text=gettext_lazy("在地圖上點一下會自動填入；也可以貼上手機地圖的座標，例如 22.6273, 120.3014。"),
        max_length=60,
        required=False,
    )
    place_note = forms.CharField(
        label=gettext_lazy("怎麼找到那裡"),
        help_text=gettext_lazy("附近的店家、電線桿或路燈編號、哪個車道或樓層。"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    district = forms.ChoiceField(
        label=gettext_lazy("行政區"),
        help_text=gettext_lazy("有標地圖或地址裡已寫行政區，就不必選。"),
        required=False,
    )

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        choices = [(district.code, district.label) for district in directory.districts().values()]
        self.fields["district"].choices = [("", _("請選擇行政區")), *choices]  # type: ignore[attr-defined]

    @property
    def place_needed(self) -> bool:
        """Somebody must find it, unless it is a letter about anything, which may be about no place at all."""
        return not is_catch_all(self.kind)

    def clean_point(self) -> str:
        """The point as the city writes it. Refuses what is no point, and what lies outside the city, with a way on."""
        typed = self.cleaned_data["point"].strip()
        if not typed:
            return ""
        try:
            lon, lat = read_point(typed)
        except ValueError:
            raise forms.ValidationError(
                _("看不懂這個座標。請在地圖上重新點選，或依「緯度、經度」的順序填寫，例如 22.6273, 120.3014。")
            ) from None
        if locate(lon, lat) is None:
            raise forms.ValidationError(
                _(
                    "這個位置不在%(city)s內。如果點錯了，請重新點選，或清空座標改填地址；"
                    "如果事情發生在其他縣市，請向當地政府通報（多數縣市的市話或手機可撥 1999）。"
                )
                % {"city": city_name()}
            )
        return write_point(lon, lat)

    def clean(self) -> dict[str, Any]:
        """One way to find the place, and the district that answers for it."""
        data = self.cleaned_data
        given = any(data.get(name, "").strip() for name in ("address", "point", "place_note"))
        if "point" not in data:
            return data
        if self.place_needed and not given:
            self.add_error("address", _("請告訴我們地點：在地圖上點一下、填地址或路口，或用文字描述。"))
            return data
        data["in_district"] = self._district(data)
        if given and not data["in_district"]:
            self.add_error("district", _("請選擇行政區，我們才知道由哪個單位處理。"))
        return data

    @staticmethod
    def _district(data: dict[str, Any]) -> str:
        """The code of the district: by the point, else as chosen, else as the words say."""
        if data["point"]:
            place = locate(*read_point(data["point"]))
            return place.district_code if place else ""
        words = f"{data.get('address', '')} {data.get('place_note', '')}"
        return data.get("district") or district_by_name(words) or ""


def city_name() -> str:
    """The city in the language of the page."""
    city = pack().city
    return in_language(city.name, city.name_en)


class WhichForm(forms.Form):
    """Which records of other desks it is about, out of those near the place; always also none of them."""

    def __init__(self, *args: Any, choices: dict[Field, list[Referred]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for declared, offered in choices.items():
            self.fields[PREFIX + declared.name] = DeclaredChoice(declared, offered)


class DeclaredChoice(DeclaredField):
    """A record out of those offered: the declaration looks up whether there is such a record."""

    def __init__(self, declared: Field, offered: list[Referred]) -> None:
        super().__init__(declared)
        self.widget = RadioCards(
            choices=[*((each.key, each.label) for each in offered), ("", _("都不是，或不確定"))],
            hints={each.key: _in_short(each) for each in offered} | {"": _("沒關係，承辦單位會查明。")},
        )
        self.label = declared.reference.question
        self.help_text = declared.hint or _("依您標的位置由近到遠列出。選對了，就直接送到負責的單位。")

    def clean(self, value: Any) -> str:
        """Its key; none of them is an answer, too."""
        return super().clean(value) or ""


def _in_short(each: Referred) -> str:
    """How far it is, and whose."""
    if each.metres is None:
        return each.note
    return " · ".join((_("約 %(metres)s 公尺") % {"metres": max(10, round(each.metres, -1))}, each.note))


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; a list, possibly empty. What they really are is checked when they are kept."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(FilesField, self).clean(each, initial) for each in data or [] if each]


class PhotosForm(forms.Form):
    """Photos, up to four."""

    photos = FilesField(
        label=gettext_lazy("照片"),
        required=False,
        widget=FilesInput(attrs={"accept": IMAGE.accept}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"].help_text = _("最多 %(most)d 張，每張 10 MB 以內。公開的照片會先去除拍攝位置。") % {
            "most": MAX_PHOTOS
        }


TAKEN_DOWN = frozenset({Channel.PHONE, Channel.COUNTER, Channel.LETTER, Channel.FAX})


class ContactForm(forms.Form):
    """How to reach the citizen: each part by choice, all left empty where the kind allows."""

    unnamed = forms.BooleanField(label=gettext_lazy("匿名通報：這件不記在我的帳號下，也不留聯絡方式"), required=False)
    email = forms.EmailField(
        label=gettext_lazy("電子郵件"),
        help_text=gettext_lazy("受理、派工、需要您補充與處理完成時，寄信告訴您。"),
        max_length=200,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"invalid": gettext_lazy("電子郵件的格式不正確，例如 name@example.com。")},
    )
    phone = forms.CharField(
        label=gettext_lazy("電話"),
        help_text=gettext_lazy("只在人員找不到地點，或有急事要確認時才打。"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    wants_sms = forms.BooleanField(
        label=gettext_lazy("用簡訊通知我"),
        help_text=gettext_lazy("傳到您填的行動電話；傳不到時，有留電子郵件就改寄信。"),
        required=False,
    )
    name = forms.CharField(
        label=gettext_lazy("怎麼稱呼您"),
        help_text=gettext_lazy("承辦人聯絡您時使用。"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    confidential = forms.BooleanField(
        label=gettext_lazy("請為我保密：除了承辦這件事的人，不讓別人知道是我通報的"), required=False
    )
    against = forms.ChoiceField(
        label=gettext_lazy("您反映的是市府機關或人員嗎？"),
        help_text=gettext_lazy("選了機關，那個機關的人就看不到您的聯絡方式；不是的話請留空。"),
        required=False,
        widget=Select,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("通知信的語言"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )

    # For staff who take down what somebody else says: how it reached the city.
    channel = forms.ChoiceField(
        label=gettext_lazy("民眾由哪裡反映"),
        choices=[(c.value, c.label) for c in Channel if c in TAKEN_DOWN],
        initial=Channel.PHONE,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, kind: Kind, signed_in: bool = False, staff: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind.approval.confidential:
            agencies = {unit.agency.code: unit.agency for unit in directory.units().values()}
            self.fields["against"].choices = [("", _("不是，或不知道")), *((c, str(a)) for c, a in agencies.items())]
        else:
            del self.fields["against"]
        if staff or not (signed_in and kind.anonymous):
            del self.fields["unnamed"]
        if not (settings.DEMO or CHANNELS["sms"].is_open()):
            del self.fields["wants_sms"]
        if kind.confirm_address and not staff:
            self.fields["email"].required = True
            self.fields["email"].error_messages["required"] = _(
                "這類案件要先確認您的電子郵件，請填寫；沒有電子郵件可以打電話或臨櫃辦理。"
            )
        if staff:
            self.order_fields(["channel"])
            for name in ("email", "phone", "name"):  # what the browser remembers is the last caller's, or one's own
                self.fields[name].widget.attrs["autocomplete"] = "off"
        else:
            del self.fields["channel"]

    def clean_phone(self) -> str:
        """Digits with at most a plus in front and an extension behind: 0912345678, +886912345678, 073373333#1234."""
        typed = self.cleaned_data["phone"].strip()
        if not typed:
            return ""
        plain = re.sub(r"[\s()（）.\-－–—]", "", typed).replace("轉", "#").replace("分機", "#").replace("ext", "#")
        if not re.fullmatch(r"\+?[0-9]{7,15}(#[0-9]{1,6})?", plain):
            raise forms.ValidationError(_("電話的格式不正確，例如 0912-345-678 或 07-337-3333 轉 1234。"))
        return plain

    def clean(self) -> dict[str, Any]:
        """A kind whose law wants a reachable applicant takes no anonymous report."""
        data = self.cleaned_data
        if data.get("wants_sms") and "phone" not in self.errors and not mobile(data.get("phone", "")):
            self.add_error("phone", _("要收簡訊，請填行動電話號碼，例如 0912-345-678；不收請取消「用簡訊通知我」。"))
        if not self.kind.anonymous and not self.errors and not (data.get("email") or data.get("phone")):
            self.add_error("email", _("這類案件需要能聯絡到您，請留下電子郵件或電話。"))
        return data
