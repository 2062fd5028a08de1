"""What is asked of somebody who says "that is mine too": where to write."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from foundation.forms import CityForm


class FollowForm(CityForm):
    """An address and a language."""

    email = forms.EmailField(
        label=gettext_lazy("電子郵件"),
        help_text=gettext_lazy("只用來告訴您這件的結果；結案後過一段時間就刪除。"),
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("通知信的語言"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
