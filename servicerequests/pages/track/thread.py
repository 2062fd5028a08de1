"""``/thread/``: all cases of one person, however they reached the city, for whoever reads that person's mail."""

from __future__ import annotations

from django import forms
from django.core import signing
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Case, Contact
from foundation.encryption import decrypt, encrypt
from foundation.forms import CityForm
from foundation.ratelimit import knock, limit, too_many
from identity.doors import door
from messages.actions import send
from servicerequests.pages.track.access import kept_private

SALT = "servicerequests.thread"
SECONDS = 30 * 60
AN_ADDRESS = 3  # letters a minute
PAGE = 20


class AddressForm(CityForm):
    """The address that somebody left with their reports."""

    email = forms.EmailField(
        label=gettext_lazy("電子郵件"),
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("請填電子郵件。")},
    )


def cases_of(address: str):
    """The cases of a proven address, of whichever channel. A telephone number or a LINE account beside it leads no
    further: whoever typed the address may have typed another person's number."""
    mine = Contact.objects.with_email(address)
    return Case.objects.public().filter(contact__in=mine).for_list().order_by("-received_at", "-pk")


@door("public:cases:track")
@limit("thread", 20, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def ask(request: HttpRequest) -> HttpResponse:
    """Have the link sent. The answer is the same whether there are cases or not: nobody learns who has reported."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(
            request, "servicerequests/track/thread_ask.html", {"form": form}, status=422 if form.is_bound else 200
        )
    address = form.cleaned_data["email"]
    if wait := knock("thread-address", address, AN_ADDRESS):
        return too_many(request, wait)
    newest = cases_of(address).first()
    if newest is not None:
        context = {"seal": signing.dumps(encrypt(address), salt=SALT)}
        send("servicerequests.thread", address, get_language() or "zh-hant", context, "cases.case", newest.pk)
    return render(request, "servicerequests/track/thread_ask.html", {"form": form, "sent": True})


@door("public:cases:track")
@limit("thread-list", 60)
@require_safe
def thread(request: HttpRequest, seal: str) -> HttpResponse:
    """The list, each with the way into the whole case. The link is good for half an hour."""
    try:
        address = decrypt(signing.loads(seal, salt=SALT, max_age=SECONDS))
    except signing.BadSignature:
        return render(
            request, "servicerequests/track/thread_ask.html", {"form": AddressForm(), "over": True}, status=404
        )
    page = Paginator(cases_of(address), PAGE).get_page(request.GET.get("page"))
    rows = [(case, case.clock()) for case in page]
    context = {"page": page, "rows": rows}
    return kept_private(render(request, "servicerequests/track/thread.html", context))
