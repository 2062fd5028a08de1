"""The page behind a one-time link: set a password."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from foundation.ratelimit import limit
from identity.actions import change_password, link_holder
from identity.doors import door
from identity.pages.forms import NewPasswordForm


@door("public:session:start")
@sensitive_post_parameters()
@never_cache
@limit("set-password", 20)
def set_password(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Set the password of the account that the link was made for. A used, expired or invented link sets nothing."""
    user = link_holder(pk, token)
    if user is None:
        return render(request, "identity/link_spent.html", status=410)
    form = NewPasswordForm(user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        change_password(user, form.cleaned_data["new_password"])
        messages.success(request, _("密碼已經設定好，請用新密碼登入。"))
        return redirect("sign-in")
    context = {"form": form, "person": user}
    return render(request, "identity/set_password.html", context, status=422 if form.errors else 200)
