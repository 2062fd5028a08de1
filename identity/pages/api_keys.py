"""Keys of programs, for who issues them: a list with their use, a new one, one with its last days, other terms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from foundation.clock import today
from foundation.forms import CheckCards, CityForm, DateBox
from identity import actions
from identity.doors import SignedInRequest, door
from identity.models import ApiKey, User
from identity.permissions import KEY_SCOPES, PROVISION, grants_for

A_PAGE = 50
SHOWN_DAYS = 31


class KeyTermsForm(CityForm):
    """What a key is for and how much it may."""

    name = forms.CharField(
        label=gettext_lazy("用途"), max_length=80, help_text=gettext_lazy("程式的名稱與單位，例如「里長通報 App」。")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("可以做的事"),
        choices=[*KEY_SCOPES.items()],
        widget=CheckCards,
        initial=[scope for scope in KEY_SCOPES if scope != PROVISION],
    )
    per_minute = forms.IntegerField(
        label=gettext_lazy("每分鐘上限"), min_value=1, max_value=1_000_000, initial=120,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "chars-10"}),
    )  # fmt: skip
    per_day = forms.IntegerField(
        label=gettext_lazy("每日上限"), min_value=1, max_value=100_000_000, initial=20_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "chars-10"}),
    )  # fmt: skip
    expires_on = forms.DateField(
        label=gettext_lazy("有效至"),
        required=False,
        widget=DateBox,
        help_text=gettext_lazy("最後一個可以使用的日子；空著表示一直有效，直到停用。"),
        error_messages={"invalid": gettext_lazy("日期的格式不正確，例如 2026-07-24。")},
    )

    def clean_expires_on(self) -> date | None:
        day = self.cleaned_data["expires_on"]
        if day and day < today() and day != self.initial.get("expires_on"):
            raise forms.ValidationError(_("「有效至」不能早於今天。"))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"per_minute", "per_day"} <= cleaned.keys() and cleaned["per_day"] < cleaned["per_minute"]:
            self.add_error("per_day", _("每日上限不能小於每分鐘上限。"))
        return cleaned


class ApiKeyForm(KeyTermsForm):
    """A new key: its terms, and who answers for it."""

    owner = forms.CharField(
        label=gettext_lazy("負責人的帳號"),
        max_length=64,
        help_text=gettext_lazy("出了問題要聯絡的人。帳號停用時，金鑰也跟著失效。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ("name", "owner")

    def clean_owner(self) -> User:
        user = User.objects.named(self.cleaned_data["owner"])
        if user is None or not user.is_active:
            raise forms.ValidationError(_("沒有這個使用中的帳號，請先在帳號管理建立。"))
        return user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        owner = cleaned.get("owner")
        if owner and PROVISION in cleaned.get("scopes", ()) and not grants_for(owner).has(PROVISION):
            self.add_error("owner", _("人事系統的金鑰，負責人要有「人事人員」的職務。"))
        return cleaned


@door("city:apikeys:manage")
def api_keys(request: SignedInRequest) -> HttpResponse:
    """All keys, the newest first, with when each was last used."""
    keys = ApiKey.objects.visible_to(request.user).for_list(today())
    page = Paginator(keys, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "identity/api_keys.html", {"page": page})


@door("city:apikeys:manage")
@never_cache
def api_key_new(request: SignedInRequest) -> HttpResponse:
    """Issue a key. The answer shows it, once; going back to it shows an empty form."""
    form = ApiKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key, text = actions.issue_key(request.user, **form.cleaned_data)
        return _key_page(request, key, text=text)
    return render(request, "identity/api_key_new.html", {"form": form}, status=422 if form.errors else 200)


@door("city:apikeys:manage")
def api_key(request: SignedInRequest, pk: int) -> HttpResponse:
    """One key: what it may, and what it did on each of the last days."""
    return _key_page(request, _key(request, pk))


@door("city:apikeys:manage")
def api_key_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Other terms for a key, which its program goes on using. A withdrawn key keeps those that it had."""
    key = _key(request, pk)
    if key.withdrawn_at:
        return redirect("api-key", key.pk)
    form = KeyTermsForm(request.POST or None, initial={name: getattr(key, name) for name in KeyTermsForm.base_fields})
    if request.method == "POST" and form.is_valid():
        if actions.change_key(request.user, key, **form.cleaned_data):
            messages.success(request, _("金鑰的資料已經更新，下一個請求就照新的條件。"))
        return redirect("api-key", key.pk)
    context = {"form": form, "key": key}
    return render(request, "identity/api_key_change.html", context, status=422 if form.errors else 200)


@door("city:apikeys:manage")
@require_POST
def api_key_withdrawal(request: SignedInRequest, pk: int) -> HttpResponse:
    """The key opens nothing from now on."""
    key = _key(request, pk)
    actions.withdraw_key(request.user, key)
    messages.success(request, _("金鑰「%(name)s」已經停用，之後的請求都會被拒絕。") % {"name": key.name})
    return redirect("api-key", key.pk)


def _key(request: SignedInRequest, pk: int) -> ApiKey:
    return get_object_or_404(ApiKey.objects.visible_to(request.user).select_related("owner", "issued_by"), pk=pk)


def _key_page(request: SignedInRequest, key: ApiKey, text: str = "") -> HttpResponse:
    context = {
        "key": key,
        "text": text,
        "scopes": [KEY_SCOPES.get(scope, scope) for scope in key.scopes],
        "uses": key.uses.filter(day__gt=today() - timedelta(days=SHOWN_DAYS)),
    }
    return render(request, "identity/api_key.html", context)
