"""Signing in and out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from foundation.ratelimit import client_ip, limit
from identity import levels
from identity.actions import Locked, ended, sid_of, try_sign_in
from identity.doors import door
from identity.models import User
from identity.pages.entering import device_of, enter, enter_by_password, locked_words, onward
from identity.pages.forms import SignInForm
from identity.permissions import capacities_of


@door("public:session:start")
@sensitive_post_parameters("password")
@never_cache
@limit("sign-in", 60, methods={"POST"})
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password; in a demo also one button for each demo account."""
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            user = try_sign_in(
                form.cleaned_data["username"], form.cleaned_data["password"], client_ip(request), device_of(request)
            )
        except Locked as locked:
            form.add_error(None, locked_words(locked.minutes))
        else:
            if user is not None:
                return enter_by_password(request, user, onward(request))
            form.add_error(None, _("帳號或密碼不正確，請再試一次。連續錯誤多次會暫停登入 15 分鐘。"))
    context = {"form": form, "next": onward(request), "accounts": _demo_accounts()}
    context["ended"] = request.GET.get("ended", "")
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
    return enter(request, user, [(levels.PASSWORD, "password")], onward(request))


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


def _demo_accounts() -> list[tuple[User, tuple[str, ...]]]:
    """The demo accounts with what each may play. One statement an account, of which a demo has about ten."""
    if not settings.DEMO:
        return []
    return [(user, capacities_of(user)) for user in User.objects.demo()]
