"""Signing in and out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from foundation.ratelimit import client_ip, limit
from identity import levels
from identity.actions import Locked, ended, sid_of, try_sign_in
from identity.doors import door, safe_address
from identity.models import User
from identity.pages.forms import SignInForm
from identity.permissions import capacities_of

BACKEND = "django.contrib.auth.backends.ModelBackend"


@door("public:session:start")
@sensitive_post_parameters("password")
@never_cache
@limit("sign-in", 60, methods={"POST"})
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; in a demo also one button for each demo account."""
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            user = try_sign_in(form.cleaned_data["username"], form.cleaned_data["password"], client_ip(request))
        except Locked as locked:
            form.add_error(None, locked_words(locked.minutes))
        else:
            if user is not None:
                return enter(request, user)
            form.add_error(None, _("帳號或密碼不正確，請再試一次。連續錯誤多次會暫停登入 15 分鐘。"))
    context = {"form": form, "next": _next(request), "accounts": _demo_accounts()}
    return render(request, "identity/sign_in.html", context, status=422 if form.errors else 200)


@door("public:session:start")
@require_POST
@never_cache
@limit("sign-in", 60, methods={"POST"})
def sign_in_to_demo(request: HttpRequest) -> HttpResponse:
    """Enter as a demo account with one click. There is no such page where the city hall is no demo."""
    if not settings.DEMO:
        raise Http404
    user = get_object_or_404(User.objects.demo(), username=request.POST.get("username", ""))
    return enter(request, user)


@door("public:session:start")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session. Reading the address only asks: a link in a mail must not sign anyone out."""
    if request.method != "POST":
        return render(request, "identity/sign_out.html")
    if request.user.is_authenticated:
        sid = sid_of(request)
        logout(request)
        ended(sid)
    messages.success(request, _("您已經登出。"))
    return redirect("sign-in")


def speak(response: HttpResponse, user: User) -> HttpResponse:
    """Make the browser remember the language that the person chose."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        user.language,
        max_age=settings.LANGUAGE_COOKIE_AGE or 365 * 86400,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def enter(request: HttpRequest, user: User, address: str = "", *, method: str = "password") -> HttpResponse:
    """Start a session under a new key and go on to ``address`` or where the person was going, else to their work.

    ``method`` is how they have just proved who they are, where that is worth level 1; empty where the caller says.

    Where work is, the apps above know: ``settings.LANDING`` names who answers, as ``settings.GRANTS`` does.
    """
    login(request, user, backend=BACKEND)
    sid_of(request)
    if method:
        levels.reached(request, levels.PASSWORD, method)
    response = HttpResponseRedirect(
        address or _next(request) or import_string(settings.LANDING)(user) or reverse("account")
    )
    # A stranger who plays many roles keeps the language that they read.
    return response if user.is_demo else speak(response, user)


def _next(request: HttpRequest) -> str:
    return safe_address(request, request.POST.get("next") or request.GET.get("next"))


def locked_words(n: int) -> str:
    """That the account is locked, and for how many minutes."""
    words = ngettext(
        "登入失敗的次數太多，為了保護帳號，請在 %(n)d 分鐘後再試。",
        "登入失敗的次數太多，為了保護帳號，請在 %(n)d 分鐘後再試。",
        n,
    )
    return words % {"n": n}


def _demo_accounts() -> list[tuple[User, tuple[str, ...]]]:
    """The demo accounts with what each may play. One statement an account, of which a demo has about ten."""
    if not settings.DEMO:
        return []
    return [(user, capacities_of(user)) for user in User.objects.demo()]
