"""The forms around mobile numbers, and of forgotten passwords."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from foundation.telephone import mobile
from identity.models import User
from identity.pages.forms import NewPasswordForm, RegistrationForm

_NO_MOBILE = _("請輸入臺灣的手機號碼，例如 0912-345-678。")


class MobileField(forms.CharField):
    """A Taiwanese mobile number in any spelling; its value is E.164."""

    default_error_messages = {"required": _("請輸入手機號碼。"), "mobile": _NO_MOBILE}
    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("手機號碼"), max_length=30, **kwargs)

    def clean(self, value: Any) -> str:
        number = mobile(super().clean(value))
        if number is None:
            raise ValidationError(self.error_messages["mobile"], code="mobile")
        return number


class CodeForm(forms.Form):
    """The six digits of a text message."""

    code = forms.CharField(
        label=_("簡訊裡的 6 位數驗證碼"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "short",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("請輸入驗證碼。"), "max_length": _("驗證碼是 6 位數字。")},
    )


class PhoneForm(forms.Form):
    """Another mobile number for an account."""

    phone = MobileField(help_text=_("我們會傳一則簡訊，確認是您的號碼。"))


class PhoneRegistrationForm(RegistrationForm):
    """What a citizen says who opens an account with a mobile number."""

    phone = MobileField(help_text=_("用來登入，也用來通知您帳號的異動。"))
    email = None  # type: ignore[assignment]
    clean_email = None  # type: ignore[assignment]
    field_order = ["name", "phone", "new_password", "repeated"]


class ForgottenForm(forms.Form):
    """An address or a number of the account. Whether it is anybody's is not the form's to know."""

    address = forms.CharField(
        label=_("電子郵件或手機號碼"),
        help_text=_("要是您確認過的電子郵件，或帳號裡的手機號碼。"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("請輸入電子郵件或手機號碼。")},
    )

    def clean_address(self) -> str:
        typed = self.cleaned_data["address"].strip()
        if number := mobile(typed):
            return number
        try:
            validate_email(typed)
        except ValidationError:
            raise ValidationError(
                _("請輸入電子郵件（例如 name@example.com）或手機號碼（例如 0912-345-678）。")
            ) from None
        return typed.lower()


class ResetByCodeForm(NewPasswordForm, CodeForm):
    """The code of a text message, and the password that it sets."""

    field_order = ["code", "new_password", "repeated"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(User(), *args, **kwargs)
