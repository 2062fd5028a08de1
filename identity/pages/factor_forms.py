"""The forms of second factors."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_NO_MEMORY = {"autocapitalize": "none", "spellcheck": "false"}


class TotpForm(forms.Form):
    """The six digits that the authenticator app shows."""

    code = forms.CharField(
        label=_("6 位數驗證碼"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short", **_NO_MEMORY}
        ),
        error_messages={"required": _("請輸入驗證碼。"), "max_length": _("驗證碼是 6 位數字。")},
    )


class RecoveryCodeForm(forms.Form):
    """One of the ten codes."""

    code = forms.CharField(
        label=_("備用碼"),
        help_text=_("10 個字，例如 7kq2m-x9abt。有沒有連字號、大小寫都可以。"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", **_NO_MEMORY}),
        error_messages={"required": _("請輸入備用碼。"), "max_length": _("備用碼是 10 個字。")},
    )


class PasskeyForm(forms.Form):
    """What to call a passkey, and what the browser made of it."""

    name = forms.CharField(
        label=_("名稱"),
        help_text=_("讓您認得是哪一個，例如「我的手機」。"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("請幫這個通行密鑰取個名稱。")},
    )
    answer = forms.JSONField(widget=forms.HiddenInput, required=False)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "answer" in self.fields and "name" in cleaned and not isinstance(cleaned.get("answer"), dict):
            self.errors.pop("answer", None)
            self.add_error(None, _("瀏覽器沒有建立通行密鑰，請再試一次。"))
        return cleaned


class PasskeyNameForm(PasskeyForm):
    """Another name for a passkey."""

    answer = None  # type: ignore[assignment]


class AnswerForm(forms.Form):
    """What the browser says when it proves to hold a passkey."""

    answer = forms.JSONField(widget=forms.HiddenInput)

    def answered(self) -> dict[str, Any]:
        """The answer; empty for anything that is none."""
        answer = self.cleaned_data.get("answer") if self.is_valid() else None
        return answer if isinstance(answer, dict) else {}
