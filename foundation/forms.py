"""Forms that keep what was typed and say in plain words what is missing.

Render a field with ``{% field form.name %}`` and the list of errors with ``foundation/parts/error_summary.html``.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from foundation.language import reads_english

_SELECTED = mark_safe(" selected")
# %%: filled in when the value is known.
_MESSAGES = {
    "max_length": _("「%(label)s」最多 %%(limit_value)d 個字，現在有 %%(show_value)d 個字。"),
    "min_length": _("「%(label)s」至少要 %%(limit_value)d 個字，現在有 %%(show_value)d 個字。"),
    "max_value": _("「%(label)s」不能大於 %%(limit_value)s。"),
    "min_value": _("「%(label)s」不能小於 %%(limit_value)s。"),
    "max_decimal_places": _("「%(label)s」最多 %%(max)s 位小數。"),
}


def _is_djangos(field: forms.Field, code: str) -> bool:
    """Whether a field still has Django's own words for what is wrong."""
    own = next((kind for kind in type(field).__mro__ if code in kind.__dict__.get("default_error_messages", {})), None)
    return bool(own) and field.error_messages.get(code) is own.default_error_messages[code]


class CityFormMixin:
    """What every form of the product shares, for a ``Form`` or a ``ModelForm``.

    No ``required`` attribute, as the server's words are better than the browser's; no colon after labels; and messages
    that name the field, so that they make sense in the error summary as well as beside it. A message that a field was
    given stays.
    """

    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.say_plainly(self.fields)

    @classmethod
    def say_plainly(cls, fields: Mapping[str, forms.Field]) -> None:
        """Give fields their messages: those of the class by themselves, those that a form adds later by this."""
        for name, field in fields.items():
            label = str(field.label or name).rstrip("？?")
            if _is_djangos(field, "required"):
                field.error_messages["required"] = cls._missing(field) % {"label": label}
            for code, message in _MESSAGES.items():
                field.error_messages.setdefault(code, message % {"label": label.replace("%", "%%")})
            if isinstance(field, forms.IntegerField) and _is_djangos(field, "invalid"):
                field.error_messages["invalid"] = _("「%(label)s」請填數字。") % {"label": label}
            if isinstance(field, forms.DateField) and _is_djangos(field, "invalid"):
                field.error_messages["invalid"] = _("「%(label)s」的日期格式不正確，例如 2026-07-24。") % {
                    "label": label
                }
            if isinstance(field.widget, forms.Textarea):
                # Django's ten lines look like an essay is wanted. Text may run over and then be cut by who wrote it:
                # a box that swallows what is pasted loses it unseen.
                if field.widget.attrs.get("rows") == "10":
                    field.widget.attrs["rows"] = "5"
                field.widget.attrs.pop("maxlength", None)
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = _("電子郵件的格式不正確，例如 name@example.com。")

    @staticmethod
    def _missing(field: forms.Field) -> Any:
        if isinstance(field, forms.FileField):
            return _("請選擇「%(label)s」的檔案。")
        if isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
            return _("請選擇「%(label)s」。")
        if isinstance(field, forms.BooleanField):
            return _("請勾選「%(label)s」。")
        return _("請填寫「%(label)s」。")


class Select(forms.Select):
    """A drop-down list in one piece: Django renders a template for each option, 10 ms of a page with sixty of them."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                ("" if code is None else code, _SELECTED if str(code) in chosen else "", label)
                for code, label in self.choices
            ),
        )
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>\n{}\n</select>", attributes, options)


class CityForm(CityFormMixin, forms.Form):
    """A plain form in the product's manner."""


class _Cards:
    """Choices with a hint and an icon each; keys are the choices' values as text."""

    def __init__(
        self,
        *args: Any,
        hints: Mapping[str, Any] | None = None,
        icons: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.hints, self.icons = hints or {}, icons or {}
        super().__init__(*args, **kwargs)


class RadioCards(_Cards, forms.RadioSelect):
    """Radio buttons whose whole card is the target."""


class CheckCards(_Cards, forms.CheckboxSelectMultiple):
    """Checkboxes whose whole card is the target."""


class DateBox(forms.DateInput):
    """The browser's own date box, for desks: a date that stands in a calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeBox(forms.DateTimeInput):
    """The browser's own date and time box, on Taipei's clocks."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class RocDateInput(forms.MultiWidget):
    """Year, month and day in three boxes, for a date that a person knows by heart. The year is the Republic's."""

    template_name = "foundation/widgets/roc_date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes = {part: forms.NumberInput(attrs={"inputmode": "numeric"}) for part in ("year", "month", "day")}
        super().__init__(boxes, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        if value is None:
            return [None, None, None]
        return [value.year if reads_english() else value.year - 1911, value.month, value.day]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        labels = (_("民國年"), _("月"), _("日"))
        for box, label, width in zip(
            context["widget"]["subwidgets"], labels, ("chars-4", "chars-2", "chars-2"), strict=True
        ):
            box["label"] = label
            box["attrs"]["class"] = width
        return context


class RocDateField(forms.MultiValueField):
    """A date typed as year of the Republic, month, day; a year of four figures is one of the common era.

    Cleans to a ``datetime.date`` or None.
    """

    widget = RocDateInput
    default_error_messages = {
        "incomplete": _("年、月、日三格都要填。"),
        "invalid": _("沒有這一天，請檢查年、月、日。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        boxes = [forms.IntegerField(), forms.IntegerField(), forms.IntegerField()]
        super().__init__(boxes, require_all_fields=False, **kwargs)
        for box in boxes:
            box.error_messages["incomplete"] = self.error_messages["incomplete"]

    def compress(self, data_list: Sequence[int | None]) -> date | None:
        if not data_list:
            return None
        year, month, day = data_list
        try:
            return date(year if year > 999 else year + 1911, month, day)
        except (ValueError, OverflowError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class FilesInput(forms.ClearableFileInput):
    """A file box that takes several files."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"


class FilesField(forms.FileField):
    """Several files; cleans to a list, empty where none was sent.

    ``check`` sees each file and raises ValidationError (``foundation.files.check_upload``); messages name their file.
    """

    widget = FilesInput

    def __init__(
        self,
        *,
        max_files: int = 5,
        check: Callable[[UploadedFile], Any] | None = None,
        accept: str = "",
        **kwargs: Any,
    ) -> None:
        self.max_files, self.check = max_files, check
        super().__init__(**kwargs)
        if accept:
            self.widget.attrs["accept"] = accept
        self.widget.attrs["data-max"] = max_files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in (data if isinstance(data, (list, tuple)) else [data]) if file]
        if not files:
            if self.required and not initial:
                raise ValidationError(self.error_messages["required"], code="required")
            return []
        if len(files) > self.max_files:
            raise ValidationError(
                ngettext_lazy("最多 %(most)d 個檔案。", "最多 %(most)d 個檔案。", "most") % {"most": self.max_files},
                code="too_many",
            )
        problems: list[ValidationError] = []
        cleaned: list[UploadedFile] = []
        for file in files:
            try:
                cleaned.append(super().clean(file, initial))
                if self.check:
                    self.check(file)
            except ValidationError as error:
                words = _("%(name)s：%(problem)s")
                problems += [ValidationError(words % {"name": file.name, "problem": told}) for told in error.messages]
        if problems:
            raise ValidationError(problems)
        return cleaned


class IdempotencyKeyField(forms.UUIDField):
    """A hidden key made when the form is shown: the same form sent twice (offline.js does) is carried out once."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"initial": uuid.uuid4, **kwargs})
