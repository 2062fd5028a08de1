"""Signing in with 行動自然人憑證, and binding it to an account: ask, wait, arrive.

What a session keeps: ``STATE`` (the ticket under way, where to go afterwards, how it ended) and ``PROOF`` (who was
proven and has no account yet). Signing in is a POST throughout; the app on the phone comes back to the page that waits.
"""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation import clock
from foundation.qr import qr_code
from foundation.ratelimit import client_ip, limit
from identity.actions import certificate as deeds
from identity.citizen_certificate.adapter import (
    LIFE,
    READERS,
    Done,
    Expired,
    NotBegun,
    Outcome,
    Pending,
    Refused,
    Unavailable,
    service,
)
from identity.citizen_certificate.statement import fits, tidy
from identity.citizen_certificate.trust import Fault
from identity.citizen_certificate.wire import Verdict, app_link
from identity.doors import SignedInRequest, door, safe_address
from identity.levels import reached
from identity.models import Certificate, CertificateTicket, User
from identity.pages.certificate_words import CARDS, ending
from identity.pages.entering import enter, onward

STATE: Final = "identity.certificate"
PROOF: Final = "identity.certificate.proof"
LEVEL: Final = 3
METHOD: Final = "fido"


class NumberForm(forms.Form):
    """Whose phone is asked. The number goes to the Ministry's service and is not kept."""

    id_number = forms.CharField(
        label=gettext_lazy("身分證字號或統一證號"),
        max_length=20,
        help_text=gettext_lazy("例如 A123456789。只用來請內政部找到您的憑證，我們不保存。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("請輸入身分證字號或統一證號。")},
    )

    def clean_id_number(self) -> str:
        number = tidy(self.cleaned_data["id_number"])
        if not fits(number):
            raise ValidationError(_("身分證字號不正確，請檢查有沒有打錯：1 個英文字母加 9 個數字。"))
        return number


class NameForm(forms.Form):
    """What a new account is called."""

    name = forms.CharField(
        label=gettext_lazy("姓名"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("請輸入姓名。")},
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


@door("public:session:start")
@sensitive_post_parameters("id_number")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limit("certificate", 20, methods={"POST"})
def certificate_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask whose certificate it is, and begin."""
    address = onward(request)
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _begin(request, form, _("登入市政服務"), None, address):
        return redirect("certificate-waiting")
    context = {"form": form, "next": address, "is_open": service().is_open(), "by_phone": _by_phone(request)}
    return render(request, "identity/certificate/sign_in.html", context, status=422 if form.errors else 200)


@door("public:session:start")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limit("certificate-waiting", 600, methods={"POST"})
def certificate_waiting(request: HttpRequest) -> HttpResponse:
    """Wait for the phone: reading shows how far it is, a POST (by the script every 4 s, or by the button) asks."""
    state: dict[str, Any] = request.session.get(STATE) or {}
    begun = CertificateTicket.objects.begun_by(state.get("ticket", ""))
    if begun is None:
        return _ended(request, state)
    if request.method == "POST":
        outcome = deeds.ask_proof(begun)
        if not isinstance(outcome, Pending):
            return _onward(request, _settle(request, begun, state, outcome))
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("certificate-waiting")
    text = begun.text
    link = app_link(settings.FIDO_APP_URL, text, f"{settings.PUBLIC_URL}{reverse('certificate-waiting')}?back=1")
    left = max(0, int((begun.expires_at - clock.now()).total_seconds()))
    context = {"begun": begun, "minutes": left // 60, "seconds": left % 60, "fraction": left / LIFE.total_seconds()}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "identity/certificate/live.html", context)
    # The simulator's phone is a page; the app of a phone is not.
    context |= {"link": link, "simulated": settings.DEMO and link.startswith("http"), "back": _start(begun)}
    context["asks_at_once"] = "back" in request.GET  # the app has come back: there is something to hear
    if not begun.on_phone:
        context["qr"] = qr_code(text)
    return render(request, "identity/certificate/waiting.html", context)


@door("public:session:start")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limit("certificate-account", 10, methods={"POST"})
def certificate_account(request: HttpRequest) -> HttpResponse:
    """Somebody is proven and has no account: open one, or sign in to the one there is and bind."""
    proof = deeds.Proof.kept(request.session.get(PROOF))
    if proof is None:
        return redirect("certificate-sign-in")
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": proof.name})
    if form.is_bound and form.is_valid():
        del request.session[PROOF]
        address = safe_address(request, (request.session.pop(STATE, None) or {}).get("next"))
        try:
            user = deeds.open_with(proof, form.cleaned_data["name"], get_language() or settings.LANGUAGE_CODE)
        except deeds.Taken:
            request.session[STATE] = {"ended": "taken"}
            return redirect("certificate-waiting")
        response = enter(request, user, [(LEVEL, METHOD)], address)
        messages.success(request, _("帳號已經開好。下次用行動自然人憑證就能登入。"))
        return response
    context = {"form": form, "proof": proof}
    return render(request, "identity/certificate/account.html", context, status=422 if form.errors else 200)


@door("own:account:manage")
@sensitive_post_parameters("id_number")
@require_http_methods(["GET", "HEAD", "POST"])
@limit("certificate", 20, methods={"POST"})
def account_certificate(request: SignedInRequest) -> HttpResponse:
    """The certificate that enters my account; bind it, or renew what is bound."""
    proof = deeds.Proof.kept(request.session.get(PROOF))
    if request.method == "POST" and "proof" in request.POST and proof is not None:
        del request.session[PROOF]
        return redirect(_bind(request, proof))
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _begin(request, form, _("綁定市政服務帳號"), request.user):
        return redirect("certificate-waiting")
    context = {
        "form": form,
        "proof": proof,
        "certificate": Certificate.objects.visible_to(request.user).first(),
        "is_open": service().is_open(),
        "by_phone": _by_phone(request),
    }
    return render(request, "identity/certificate/my_certificate.html", context, status=422 if form.errors else 200)


@door("own:account:manage")
@require_POST
def account_certificate_removal(request: SignedInRequest) -> HttpResponse:
    """Take the certificate off my account; not while it is all that enters it."""
    try:
        deeds.unbind(request.user)
    except ValueError:
        messages.error(request, _("這個帳號只能用行動自然人憑證登入。請先請系統管理員給您設定密碼的連結，再解除綁定。"))
    else:
        messages.success(request, _("已經解除綁定。"))
    return redirect("account-certificate")


@door("public:session:start")
@require_safe
def card_readers(request: HttpRequest) -> HttpResponse:
    """What a card reader would need, and that it is not there yet."""
    return render(
        request, "identity/certificate/cards.html", {"cards": [(reader.code, CARDS[reader.code]) for reader in READERS]}
    )


def _begin(request: HttpRequest, form: NumberForm, hint: str, user: User | None, address: str = "") -> bool:
    """Whether a proof is under way, for the account of ``user`` or to sign in; if not, the form says why."""
    on_phone = request.POST.get("device") == "phone"
    try:
        begun = deeds.begin_proof(form.cleaned_data["id_number"], on_phone, hint, user)
    except NotBegun as refusal:
        form.add_error("id_number", ending(refusal.reason).text)
    except Unavailable:
        form.add_error(None, ending(Verdict.SERVICE).text)
    else:
        request.session[STATE] = {"ticket": str(begun.pk), "next": address}
        return True
    return False


def _settle(request: HttpRequest, begun: CertificateTicket, state: dict[str, Any], outcome: Outcome) -> HttpResponse:
    """Do what the outcome says; the redirect to where that leads."""
    request.session[STATE] = state | {"ticket": "", "bind": begun.user_id is not None}
    if not isinstance(outcome, Done):
        if isinstance(outcome, Refused) and isinstance(outcome.reason, Fault):
            deeds.note_failure(begun, client_ip(request))
        return _end(request, Verdict.EXPIRED if isinstance(outcome, Expired) else outcome.reason)
    proof = deeds.prove(outcome)
    if begun.user is not None:
        if begun.user != request.user:
            return _end(request, "other_session")
        return redirect(_bind(request, proof))
    try:
        user = deeds.enter_with(proof, client_ip(request))
    except deeds.OtherPerson:
        return _end(request, "other_holder")
    except deeds.AccountClosed:
        return _end(request, "closed")
    if user is None:
        request.session[PROOF] = proof.keep()
        # Who is signed in wants it for their own account, and is asked before it is bound.
        return redirect("account-certificate" if request.user.is_authenticated else "certificate-account")
    response = enter(request, user, [(LEVEL, METHOD)], state.get("next", ""))
    request.session.pop(STATE, None)
    return response


def _bind(request: HttpRequest, proof: deeds.Proof) -> str:
    """Bind to the account of who is signed in; the page to go on to."""
    onward = (request.session.get(STATE) or {}).get("next", "")
    try:
        deeds.bind(request.user, proof)  # type: ignore[arg-type]
    except deeds.Taken:
        request.session[STATE] = {"ended": "taken", "bind": True}
        return "certificate-waiting"
    request.session.pop(STATE, None)
    reached(request, LEVEL, METHOD)
    messages.success(request, _("行動自然人憑證已經綁定，下次可以用它登入。"))
    return onward or "account-certificate"


def _end(request: HttpRequest, reason: str) -> HttpResponse:
    request.session[STATE] = request.session[STATE] | {"ended": str(reason)}
    return redirect("certificate-waiting")


def _ended(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    """How it ended and what to do next; without anything under way, back to where one begins."""
    if "ended" not in state:
        return _onward(request, redirect("certificate-sign-in"))
    if request.htmx:  # type: ignore[attr-defined]  # told while it asked once more
        return _onward(request, redirect("certificate-waiting"))
    back = reverse("account-certificate" if state.get("bind") else "certificate-sign-in")
    return render(request, "identity/certificate/ended.html", {"ending": ending(state["ended"]), "back": back})


def _onward(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same redirect, for htmx as a new page instead of a part of this one."""
    if request.htmx:  # type: ignore[attr-defined]
        response.status_code = 200
        response["HX-Redirect"] = response["Location"]
        del response["Location"]
    return response


def _start(begun: CertificateTicket) -> str:
    return reverse("certificate-sign-in" if begun.user_id is None else "account-certificate")


def _by_phone(request: HttpRequest) -> bool:
    """Whether this looks like the phone itself; only which of the two buttons stands first depends on it."""
    return "Mobi" in request.headers.get("User-Agent", "")
