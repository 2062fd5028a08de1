"""The outbox: what the city has sent. In the demo a window for everybody, in a city a door for few."""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages as banners
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from foundation import clock
from foundation.forms import CityForm
from foundation.ratelimit import client_ip
from identity.actions import disclose
from identity.doors import door
from identity.grants import grants_for
from identity.models import User
from messages import letters
from messages.actions import send_again
from messages.channels import CHANNELS
from messages.channels.mail import message_id, sender
from messages.models import CHIPS, OVER, Channel, Message, State
from messages.registry import notices
from messages.texting import fitted, length
from organisation.pack import pack

A_PAGE = 50
EVENTS_MOST = 50
LATELY = timedelta(days=30)  # what the counts are of
# What a channel that is not set up waits for.
SETTINGS = {
    "mail": "CITYHALL_MAIL_URL", "line": "CITYHALL_LINE_TOKEN", "sms": "CITYHALL_SMS_URL",
    "push": "CITYHALL_PUSH_SERVICES",
}  # fmt: skip
View = Callable[..., HttpResponseBase]


class OutboxFilter(CityForm):
    """Which messages to list; everything is optional, and what is not understood counts as all."""

    channel = forms.ChoiceField(label=gettext_lazy("管道"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("狀態"), required=False)
    notice = forms.ChoiceField(label=gettext_lazy("通知"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        known: dict[str, list[tuple[str, Any]]] = {
            "channel": list(Channel.choices),
            "state": list(State.choices),
            "notice": [(each.code, str(each.label)) for each in notices()],
        }
        for name, choices in known.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices]

    def conditions(self) -> dict[str, str]:
        """The conditions asked for, as a queryset takes them."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}


class PurposeForm(CityForm):
    """Why somebody wants to see what a message says and to whom."""

    purpose = forms.CharField(
        label=gettext_lazy("為什麼需要查看？"),
        help_text=gettext_lazy("您的姓名、時間與這裡填寫的原因都會留下紀錄。"),
        max_length=300,
        error_messages={"required": gettext_lazy("請填寫查看的原因，例如「民眾來電說沒有收到信」。")},
    )


def open_in_demo(guarded: View) -> View:
    """In the demo, where every person is made up, the view is open to all; in a city its door decides."""

    @functools.wraps(guarded)
    def view(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        inside = guarded.__wrapped__ if settings.DEMO else guarded  # type: ignore[attr-defined]
        return inside(request, *args, **kwargs)

    return view


@open_in_demo
@door("city:messages:read")
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """``/outbox/``: all messages, the newest first, by channel, state and notice, and how many went how lately."""
    form = OutboxFilter(request.GET)
    # The words, which would be decrypted for each line, are not shown here.
    found = Message.objects.visible_to(request.user).filter(**form.conditions()).newest_first().without_words()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    labels = {each.code: each.label for each in notices()}
    context = {
        "form": form,
        "page": page,
        "counts": _counts(request.user),
        "days": LATELY.days,
        "rows": [(message, labels.get(message.notice, message.notice)) for message in page],
        "is_open": CHANNELS["mail"].is_open(),
    }
    return render(request, "messages/outbox.html", context)


def _counts(user: Any) -> list[dict[str, Any]]:
    """By channel, how many of the last days' messages are in which state; one statement."""
    counted = Message.objects.visible_to(user).by_channel_and_state(clock.now() - LATELY)
    found = {(channel, state): n for channel, state, n in counted}
    rows = [
        {
            "channel": channel,
            "label": label,
            "cells": [
                {"state": state, "label": words, "n": found[channel, state], "chip": CHIPS.get(state, "")}
                for state, words in State.choices
                if (channel, state) in found
            ],
        }
        for channel, label in Channel.choices
    ]
    return [row for row in rows if row["cells"]]


@open_in_demo
@door("city:messages:read")
@require_safe
def message(request: HttpRequest, token: UUID) -> HttpResponse:
    """``/outbox/<token>/``: what has become of a message; in the demo also what it says, but not to whom."""
    found = get_object_or_404(Message.objects.visible_to(request.user), token=token)
    return _page(request, found, PurposeForm(), shows_body=settings.DEMO)


@door("city:messages:read")
@require_POST
@transaction.atomic
def disclosure(request: HttpRequest, token: UUID) -> HttpResponse:
    """``POST /outbox/<token>/disclosure/``: the message with its recipient and its words, against a purpose, logged."""
    found = get_object_or_404(Message.objects.visible_to(request.user), token=token)
    form = PurposeForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, shows_body=settings.DEMO, status=422)
    assert isinstance(request.user, User)  # behind the door
    disclose(
        request.user,
        "message",
        found.pk,
        ["recipient", "body"],
        form.cleaned_data["purpose"],
        client=client_ip(request),
    )
    return _page(request, found, None, shows_body=True, shows_recipient=True)


@door("city:messages:resend")
@require_POST
def resending(request: HttpRequest, token: UUID) -> HttpResponse:
    """``POST /outbox/<token>/resending/``: try a message again that failed or was kept."""
    found = get_object_or_404(Message.objects.visible_to(request.user), token=token)
    if send_again(found.pk, by=request.user):
        banners.success(request, _("已重新排入寄送。"))
    elif not CHANNELS[found.channel].is_open():
        words = _("這個管道還沒有設定（%(setting)s），所以無法寄出。訊息會繼續留存。")
        banners.error(request, words % {"setting": SETTINGS[found.channel]})
    else:
        banners.info(request, _("這則訊息已在寄送或已寄出，沒有重複寄送。"))
    return redirect("message", token=token)


def _page(
    request: HttpRequest,
    found: Message,
    form: PurposeForm | None,
    *,
    shows_body: bool,
    shows_recipient: bool = False,
    status: int = 200,
) -> HttpResponse:
    grants = grants_for(request.user)
    # Who reads the outbox must not enter as anybody: what opens an account is shown in a demo alone.
    is_secret = not settings.DEMO and any(each.code == found.notice and each.secret for each in notices())
    labels = {each.code: each.label for each in notices()}
    context = {
        "message": found,
        "label": labels.get(found.notice, found.notice),
        "sender": "{} <{}>".format(*sender(found.language)) if found.channel == Channel.MAIL else "",
        "message_id": message_id(found.token.hex) if found.channel == Channel.MAIL else "",
        "parts": length(_as_text(found)).parts if found.channel == Channel.SMS else 0,
        "recipient": found.recipient if shows_recipient else found.masked_recipient,
        "letter": _shown(found) if shows_body and not is_secret else "",
        "is_secret": is_secret,
        "events": found.events.select_related("by").order_by("pk")[:EVENTS_MOST],
        "replacements": found.replacements.order_by("pk"),
        "form": form if grants.has("city:messages:read") else None,
        "may_resend": bool(found.body) and found.state in OVER and grants.has("city:messages:resend"),
    }
    return render(request, "messages/message.html", context, status=status)


def _as_text(found: Message) -> str:
    """A text message as it goes out."""
    return fitted(found.words, pack().rule("sms_parts_most", clock.today()).value)


def _shown(found: Message) -> SafeString:
    """What the recipient reads, as HTML."""
    return letters.few_words(found.short) if found.short else letters.fragment(found.body, found.language)
