"""The forms of accounts. Each keeps what was typed, except passwords."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from foundation.forms import DateBox
from identity.models import User

# Longer than any passphrase, short enough that hashing it is no burden.
PASSWORD_LENGTH = 256


class SignInForm(forms.Form):
    """Name and password; whether they are right is not the form's to know."""

    username = forms.CharField(
        label=_("帳號、電子郵件或手機號碼"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username webauthn", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("請輸入帳號、電子郵件或手機號碼。"),
            "max_length": _("帳號或密碼不正確，請再試一次。"),
        },
    )
    password = forms.CharField(
        label=_("密碼"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("請輸入密碼。"), "max_length": _("帳號或密碼不正確，請再試一次。")},
    )


class PasswordForm(forms.Form):
    """The password alone, of somebody who is signed in."""

    password = forms.CharField(
        label=_("密碼"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("請輸入密碼。"), "max_length": _("密碼不正確，請再試一次。")},
    )


class AccountForm(forms.ModelForm):
    """What people say about themselves."""

    class Meta:
        model = User
        fields = ["name", "email", "language"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
            "language": forms.RadioSelect,
        }
        help_texts = {"email": _("用來通知您案件的進度。"), "language": _("網頁與通知信使用的語言。")}
        error_messages = {
            "name": {"required": _("請輸入姓名。")},
            "email": {"invalid": _("電子郵件的格式不正確，例如 name@example.com。")},
        }

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class MyselfForm(AccountForm):
    """What people change of themselves at any time; addresses ask for a fresh proof, on pages of their own."""

    class Meta(AccountForm.Meta):
        fields = ["name", "language"]


class EmailForm(AccountForm):
    """Another e-mail address for an account."""

    class Meta(AccountForm.Meta):
        fields = ["email"]

    clean_name = None  # type: ignore[assignment]


class PersonForm(AccountForm):
    """What the keeper of the accounts enters for a new one."""

    class Meta(AccountForm.Meta):
        fields = ["username", "name", "email", "language"]
        widgets = {
            **AccountForm.Meta.widgets,
            "username": forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "email": forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        }
        help_texts = {
            "username": _("小寫英文字母、數字與 . @ _ + -，2 至 64 個字。建立之後不能更改。"),
            "language": _("網頁與通知信使用的語言。"),
        }
        error_messages = {**AccountForm.Meta.error_messages, "username": {"required": _("請輸入帳號。")}}

    def clean_username(self) -> str:
        return User.normalize_username(self.cleaned_data["username"])


class NewPasswordForm(forms.Form):
    """A new password, typed twice, for an account that has proved itself in another way."""

    new_password = forms.CharField(
        label=_("新密碼"),
        help_text=_("至少 10 個字。可以用一句好記的話；請不要用在別處用過的密碼。"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("請輸入新密碼。")},
    )
    repeated = forms.CharField(
        label=_("再輸入一次新密碼"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("請再輸入一次新密碼。")},
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new_password(self) -> str:
        password = self.cleaned_data["new_password"]
        try:
            validate_password(password, self.user)
        except ValidationError as weak:
            raise ValidationError([_in_our_words(error) for error in weak.error_list]) from weak
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"new_password", "repeated"} <= cleaned.keys() and cleaned["new_password"] != cleaned["repeated"]:
            self.add_error("repeated", _("兩次輸入的新密碼不一樣。"))
        return cleaned


class RegistrationForm(NewPasswordForm):
    """What a citizen says who opens an account. Whether the address is known is not the form's to say."""

    name = forms.CharField(
        label=_("姓名"),
        help_text=_("請填證件上的姓名；日後要到櫃台復原帳號時，會與證件核對。"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("請輸入姓名。")},
    )
    email = forms.EmailField(
        label=_("電子郵件"),
        help_text=_("用來登入，也用來通知您案件的進度。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("請輸入電子郵件。"),
            "invalid": _("電子郵件的格式不正確，例如 name@example.com。"),
        },
    )
    field_order = ["name", "email", "new_password", "repeated"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(User(), *args, **kwargs)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()

    def clean_new_password(self) -> str:
        # Not like what was typed above, which is all there is of the person.
        for field in ("name", "email", "phone"):
            setattr(self.user, field, self.cleaned_data.get(field, ""))
        return super().clean_new_password()


class ChangePasswordForm(NewPasswordForm):
    """A new password for somebody who knows the present one."""

    password = forms.CharField(
        label=_("目前的密碼"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("請輸入目前的密碼。")},
    )
    field_order = ["password", "new_password", "repeated"]

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("目前的密碼不正確。"))
        return password


def _in_our_words(error: ValidationError) -> ValidationError:
    """A complaint of a password validator, said as this product speaks; unknown ones stay as they are."""
    params = error.params or {}
    match error.code:
        case "password_too_short":
            least = params["min_length"]
            message = ngettext("密碼太短，至少要 %(least)d 個字。", "密碼太短，至少要 %(least)d 個字。", least) % {
                "least": least
            }
        case "password_too_common":
            message = gettext("這個密碼太常見，很容易被猜到。")
        case "password_too_similar":
            message = gettext("密碼與您的%(what)s太像，很容易被猜到。") % {"what": params["verbose_name"]}
        case _:
            return error
    return ValidationError(message, code=error.code)


class DisclosureFilter(forms.Form):
    """What to look for in the log of disclosures; everything is optional."""

    actor = forms.CharField(label=_("查閱人帳號"), required=False, max_length=64)
    subject = forms.ChoiceField(label=_("資料種類"), required=False)
    subject_id = forms.CharField(label=_("資料編號"), required=False, max_length=64)
    first = forms.DateField(label=_("開始日期"), required=False, widget=DateBox())
    last = forms.DateField(label=_("結束日期"), required=False, widget=DateBox())

    def __init__(self, *args: Any, subjects: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["subject"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("全部")), *subjects]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("結束日期不能早於開始日期。"))
        return cleaned


class PeopleFilter(forms.Form):
    """Which people to list."""

    q = forms.CharField(label=_("帳號、姓名或電子郵件"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("狀態"),
        required=False,
        choices=[("", _("全部")), ("active", _("使用中")), ("inactive", _("已停用"))],
    )
