"""The register of relying systems: for agencies that apply, for the office that reviews."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from foundation import clock
from identity.doors import SignedInRequest, door, refused
from singlesignon.actions import register
from singlesignon.actions.register import Conflict, Taken
from singlesignon.claims import WORDS, issuer
from singlesignon.models import Authentication, Client, Environment, Kind, RelyingSystem
from singlesignon.pages.forms import ApplicationForm, ClientForm, MetadataForm, SystemForm, WordsForm
from singlesignon.pages.use import use_of
from singlesignon.permissions import agencies_of, may, verbs_for
from singlesignon.saml.certificates import fingerprint, published
from singlesignon.saml.metadata import entity_id
from singlesignon.states import LIFE

A_PAGE = 50
DAYS = 30


@door("agency:relyingsystems:read")
def systems(request: SignedInRequest) -> HttpResponse:
    """The systems that the reader's roles reach, what waits for the review first."""
    found = RelyingSystem.objects.visible_to(request.user).for_list()
    state = request.GET.get("state", "")
    if state in LIFE.states:
        found = found.filter(state=state)
    context = {
        "page": Paginator(found.waiting_first(), A_PAGE).get_page(request.GET.get("page")),
        "states": LIFE.states.values(),
        "state": state,
        "may_apply": bool(agencies_of(request.user)),
    }
    return render(request, "singlesignon/systems.html", context)


@door("agency:relyingsystems:apply")
def system_new(request: SignedInRequest) -> HttpResponse:
    """An agency applies."""
    agencies = agencies_of(request.user)
    form = ApplicationForm(request.POST or None, agencies=agencies)
    if request.method == "POST" and form.is_valid():
        agency = next(each for each in agencies if str(each.pk) == form.cleaned_data["agency"])
        made = register.apply(request.user, agency, form.terms(), form.cleaned_data["redirect_uris"])
        messages.success(request, _("申請已經送出，審查之後會通知您。"))
        return redirect("relying-system", made.pk)
    return render(request, "singlesignon/system_new.html", {"form": form}, status=422 if form.errors else 200)


@door("agency:relyingsystems:read")
def system(request: SignedInRequest, pk: int) -> HttpResponse:
    """One system: its facts, its credentials, what may be done, what was done, how it is used."""
    return _page(request, _system(request, pk))


@door("agency:relyingsystems:apply")
def system_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Other facts about a system."""
    found = _system(request, pk, "apply")
    if LIFE.transition("change", found.state) is None:
        return redirect("relying-system", pk)
    initial = {"scopes": [scope for scope in found.scopes if scope in WORDS]}
    form = SystemForm(request.POST or None, instance=_system(request, pk, "apply"), initial=initial)
    if request.method == "POST" and form.is_valid():
        register.change(request.user, found, form.terms())
        messages.success(request, _("資料已經更新。"))
        return redirect("relying-system", pk)
    context = {"form": form, "system": found}
    return render(request, "singlesignon/system_change.html", context, status=422 if form.errors else 200)


@door("agency:relyingsystems:read")
def verb(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Move a system along: a page that asks for the reason, or a button."""
    found = _system(request, pk)
    known = LIFE.transitions.get(verb)
    if known is None or verb == "change":
        raise Http404
    if not may(request.user, found.agency_id, known.permission.partition(":")[2]):
        return refused(request, f"city:{known.permission}")
    form = None
    if known.inputs:
        asked = known.inputs[0]
        form = WordsForm(request.POST or None, label=asked.label, hint=asked.hint)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            register.perform(request.user, found, verb, form.cleaned_data["text"] if form else "")
        except Conflict:
            messages.error(request, _("這個系統的狀態已經改變，請看過之後再決定。"))
        else:
            messages.success(request, str(known.told))
        return redirect("relying-system", pk)
    context = {"system": found, "verb": known, "form": form}
    return render(request, "singlesignon/verb.html", context, status=422 if form and form.errors else 200)


@door("agency:relyingsystems:apply")
def client_change(request: SignedInRequest, pk: int, environment: str) -> HttpResponse:
    """The addresses of one environment."""
    client = _client(request, pk, environment)
    if client.system.kind == Kind.SAML:
        return _metadata(request, client)
    form = ClientForm(
        request.POST or None, instance=_client(request, pk, environment), live=environment == Environment.LIVE,
        native=client.system.kind == Kind.NATIVE,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        register.change_client(request.user, client, {name: form.cleaned_data[name] for name in form.Meta.fields})
        messages.success(request, _("網址已經更新，下一次登入就照新的。"))
        return redirect("relying-system", pk)
    context = {"form": form, "client": client, "system": client.system}
    return render(request, "singlesignon/client_change.html", context, status=422 if form.errors else 200)


def _metadata(request: SignedInRequest, client: Client) -> HttpResponse:
    """The metadata of one environment, for a system that speaks SAML 2.0."""
    form = MetadataForm(request.POST or None, request.FILES or None, live=client.environment == Environment.LIVE)
    if request.method == "POST" and form.is_valid():
        try:
            register.describe(request.user, client, form.described)
        except Taken:
            form.taken()
        else:
            messages.success(request, _("metadata 已經更新，下一次登入就照新的。"))
            return redirect("relying-system", client.system.pk)
    context = {"form": form, "client": client, "system": client.system}
    return render(request, "singlesignon/client_change.html", context, status=422 if form.errors else 200)


@door("agency:relyingsystems:apply")
@never_cache
@require_POST
def secret(request: SignedInRequest, pk: int, environment: str) -> HttpResponse:
    """A new secret, shown once; or the end of the old ones."""
    client = _client(request, pk, environment)
    if "end_old" in request.POST:
        register.end_old_secrets(request.user, client)
        messages.success(request, _("舊的密鑰已經失效。"))
        return redirect("relying-system", pk)
    try:
        text = register.issue_secret(request.user, client)
    except Conflict:
        raise Http404 from None
    return _page(request, client.system, shown=(client, text))


def _system(request: SignedInRequest, pk: int, deed: str = "read") -> RelyingSystem:
    known = RelyingSystem.objects.visible_to(request.user, f"relyingsystems:{deed}")
    return get_object_or_404(known.for_list(), pk=pk)


def _client(request: SignedInRequest, pk: int, environment: str) -> Client:
    found = _system(request, pk, "apply")
    client = get_object_or_404(found.clients.select_related("system__agency"), environment=environment)
    return client


def _page(request: SignedInRequest, found: RelyingSystem, shown: tuple[Client, str] | None = None) -> HttpResponse:
    now, today = clock.now(), clock.today()
    since = now - timedelta(days=DAYS)
    clients = found.clients.select_related("provider").prefetch_related("secrets").order_by("-environment")
    context: dict[str, Any] = {
        "system": found,
        "state": LIFE.states[found.state],
        "health": getattr(found, "health", None),
        "verbs": verbs_for(request.user, found),
        "may_apply": may(request.user, found.agency_id, "apply"),
        "clients": [
            (client, Environment(client.environment).label, [s for s in client.secrets.all() if s.expires_at > now])
            for client in clients
        ],
        "shown": shown,
        "words": [WORDS[scope] for scope in found.scopes if scope in WORDS],
        "events": found.events.select_related("by")[:30],
        "told": {verb: transition.told for verb, transition in LIFE.transitions.items()},
        "use": Authentication.objects.summary(found, since),
        "course": use_of(found, today - timedelta(days=DAYS - 1), today),
        "days": DAYS,
        "discovery": f"{issuer()}/.well-known/openid-configuration",
    }
    if found.kind == Kind.SAML:
        context["ours"] = _ours(now)
    return render(request, "singlesignon/system.html", context)


def _ours(now: datetime) -> dict[str, Any]:
    """What a system that speaks SAML 2.0 has to be set to."""
    return {
        "metadata": entity_id(),
        "sso": issuer() + reverse("saml-sso"),
        "slo": issuer() + reverse("saml-slo"),
        "certificates": [
            (
                certificate,
                certificate.public_bytes(Encoding.PEM).decode(),
                fingerprint(certificate),
                key.signs_from > now,
            )
            for key, certificate in published()
        ],
    }
