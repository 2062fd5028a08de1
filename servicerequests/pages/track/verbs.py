"""A citizen acts on their own case: the same engine as the desk, opened by the code in place of a role."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases.actions.files import attach
from cases.actions.performing import Conflict, perform
from cases.models import Case
from foundation.ratelimit import limit
from identity.doors import door
from servicerequests.pages.track.access import find_case, with_code
from servicerequests.pages.track.case import page
from servicerequests.pages.track.forms import FORMS, VerbForm

THANKS = {
    "supply": gettext_lazy("已收到您的補充，計時繼續，承辦單位會接著辦理。"),
    "rate": gettext_lazy("謝謝您的評分。"),
    "reopen": gettext_lazy("已請承辦單位重新處理，期限從現在重新起算。"),
    "withdraw": gettext_lazy("已撤回這件通報。"),
}


@door("public:cases:track")
@limit("track-verb", 60, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
@with_code
def act(request: HttpRequest, case: Case, verb: str) -> HttpResponse:
    """``POST /track/D111-0099781/7K4M9QXR/rate/`` and the like. A GET goes to the page with the form."""
    if verb not in FORMS:
        raise Http404
    if request.method != "POST":
        return redirect("track-case", case.number, case.secret)
    form = FORMS[verb](request.POST, request.FILES, case=case)
    if not form.is_valid():
        return page(request, case, verb, form, status=422)
    try:
        _perform(request, case, form)
    except Conflict as conflict:
        return _ask_again(request, case, form, str(conflict))
    except ValidationError as problem:
        errors = problem.error_dict if hasattr(problem, "error_dict") else {None: problem.error_list}
        for name, messages_of in errors.items():
            form.add_error(name if name in form.fields else None, messages_of)
        return page(request, case, verb, form, status=422)
    messages.success(request, str(THANKS[verb]))
    return redirect("track-case", case.number, case.secret)


@transaction.atomic
def _perform(request: HttpRequest, case: Case, form: VerbForm) -> None:
    """The verb and its photos, together or not at all."""
    actor = request.user if request.user.is_authenticated else None
    version = form.cleaned_data["version"]
    changed = perform(actor, case.pk, form.verb, version=version, by_citizen=True, **form.inputs())
    for file in form.cleaned_data.get("photos", []):
        attach(changed, actor, file, phase="report", by_citizen=True)


def _ask_again(request: HttpRequest, case: Case, form: VerbForm, why: str) -> HttpResponse:
    """The page as it stands now, with why it was not done and what was typed, ready for another try."""
    fresh = find_case(str(case.number)) or case
    form.data = form.data.copy()
    form.data["version"] = str(fresh.version)
    form.add_error(None, why)
    return page(request, fresh, form.verb, form, status=409)
