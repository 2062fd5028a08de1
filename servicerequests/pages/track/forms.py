"""What is asked of a citizen who follows a report: number and code, and what they can do to their own case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case
from cases.rules import plain_code
from foundation.files import IMAGE, check_upload
from servicerequests.pages.report.draft import MAX_PHOTOS
from servicerequests.pages.report.forms import FilesField, FilesInput
from servicerequests.rules import tidy_number

TEXT_MAX = 2000


class FindForm(forms.Form):
    """What stands on the confirmation and in every letter."""

    number = forms.CharField(
        label=gettext_lazy("案件編號"),
        help_text=gettext_lazy("例如 D111-0099781，寫在確認頁與每封通知信上。"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("請填案件編號。")},
    )
    code = forms.CharField(
        label=gettext_lazy("查詢碼"),
        help_text=gettext_lazy("8 個字，例如 7K4M-9QXR。沒有查詢碼也能看公開的進度。"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_number(self) -> str:
        number = tidy_number(self.cleaned_data["number"])
        if "/" in number:
            raise forms.ValidationError(_("案件編號的格式不正確，例如 D111-0099781。"))
        return number

    def clean_code(self) -> str:
        typed = self.cleaned_data["code"]
        code = plain_code(typed)
        if typed.strip() and not code:
            raise forms.ValidationError(_("查詢碼是 8 個英文字母與數字，例如 7K4M-9QXR。"))
        return code


class VerbForm(forms.Form):
    """A verb's form. ``version`` is the version of the case that the citizen was looking at."""

    verb = ""
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        # Several forms stand on one page, so each has ids of its own.
        super().__init__(*args, auto_id=f"{self.verb}_%s", initial={"version": case.version}, **kwargs)

    def inputs(self) -> dict[str, Any]:
        """What the performer of the verb gets."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "photos"}}


class SupplyForm(VerbForm):
    """The answer to what an officer asked."""

    verb = "supply"
    text = forms.CharField(
        label=gettext_lazy("您的補充"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("請寫下要補充的內容。")},
    )
    photos = FilesField(
        label=gettext_lazy("照片"),
        help_text=gettext_lazy("需要的話可以附上照片，最多 4 張。"),
        required=False,
        widget=FilesInput(attrs={"accept": IMAGE.accept}),
    )

    def clean_photos(self) -> list[Any]:
        """Refuse too many, and what is no photo, before anything is done."""
        files = self.cleaned_data["photos"]
        if len(files) > MAX_PHOTOS:
            raise forms.ValidationError(_("一次最多 %(most)d 張照片。") % {"most": MAX_PHOTOS})
        problems = []
        for file in files:
            try:
                check_upload(file, allowed=IMAGE)
            except forms.ValidationError as problem:
                problems += [
                    _("「%(name)s」：%(problem)s") % {"name": file.name, "problem": each} for each in problem.messages
                ]
        if problems:
            raise forms.ValidationError(problems)
        return files


class RateForm(VerbForm):
    """How it was, from 1 to 5."""

    verb = "rate"
    rating = forms.TypedChoiceField(
        label=gettext_lazy("您滿意這次的處理嗎？"),
        coerce=int,
        choices=[
            (5, gettext_lazy("5 分，很滿意")),
            (4, gettext_lazy("4 分，滿意")),
            (3, gettext_lazy("3 分，普通")),
            (2, gettext_lazy("2 分，不滿意")),
            (1, gettext_lazy("1 分，很不滿意")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("請選擇 1 到 5 分。")},
    )
    note = forms.CharField(
        label=gettext_lazy("想對我們說的話"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.initial |= {"rating": case.rating, "note": case.rating_note}


class ReopenForm(VerbForm):
    """Not solved after all."""

    verb = "reopen"
    text = forms.CharField(
        label=gettext_lazy("還有什麼沒有處理好？"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("請說明還有什麼沒有處理好，承辦單位才知道要補做什麼。")},
    )


class WithdrawForm(VerbForm):
    """Take the report back."""

    verb = "withdraw"
    text = forms.CharField(
        label=gettext_lazy("撤回的原因"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


FORMS: dict[str, type[VerbForm]] = {form.verb: form for form in (SupplyForm, RateForm, ReopenForm, WithdrawForm)}
