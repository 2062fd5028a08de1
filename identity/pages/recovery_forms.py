"""What an officer says of somebody who stands at the counter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.models import Recovery, User
from identity.rules import same_name


class RecoveryForm(forms.Form):
    """Whose account, and what was seen. Account and name must belong together, or nothing is said of either."""

    account = forms.CharField(
        label=_("帳號、電子郵件或手機號碼"),
        help_text=_("請本人說出來；電子郵件與手機號碼要是確認過的。"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("請輸入帳號、電子郵件或手機號碼。")},
    )
    name = forms.CharField(
        label=_("證件上的姓名"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("請輸入證件上的姓名。")},
    )
    papers = forms.MultipleChoiceField(
        label=_("查驗的證件"),
        help_text=_("只記種類，不要抄號碼。至少要有一種附照片的。"),
        choices=Recovery.Paper.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("請選擇查驗的證件。")},
    )
    lost = forms.ChoiceField(
        label=_("遺失的是"),
        choices=[("password", _("密碼")), ("all", _("密碼與驗證方式（手機、通行密鑰、備用碼）"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("請選擇遺失的是什麼。")},
    )
    reason = forms.CharField(
        label=_("原因"),
        help_text=_("一句話就好，例如「換手機後無法登入」。請不要寫證件號碼。"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("請輸入原因。")},
    )

    def clean_reason(self) -> str:
        return " ".join(self.cleaned_data["reason"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"account", "name"} <= cleaned.keys():
            user = User.objects.entering_as(cleaned["account"])
            if user is None or not user.is_active or not same_name(user.name, cleaned["name"]):
                self.add_error(
                    "account", _("沒有這個帳號，或證件上的姓名與帳號的不同。請再核對；不同時不能在櫃台復原。")
                )
            else:
                cleaned["user"] = user
        return cleaned
