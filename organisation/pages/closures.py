"""Declaring that a day differs from the calendar, and withdrawing it. The calendar itself is ``pages/calendar.py``."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from foundation.clock import today
from identity.doors import SignedInRequest, door
from organisation import directory
from organisation.actions import declare_closure, revoke_closure
from organisation.models import CalendarOverride
from organisation.pages.forms import CITY, ClosureForm, RevocationForm
from organisation.pages.year import closures_of, in_words


@door("city:calendar:declare")
def closure_new(request: SignedInRequest) -> HttpResponse:
    """Declare: the form, then a page that says what it will do, then the deed. Nothing is kept in between."""
    form = ClosureForm(request.POST or None, initial={"day": today(), "where": CITY})
    if form.is_bound and form.is_valid():
        step = request.POST.get("step")
        if step == "declare" and _declared(request, form):
            return redirect("calendar-year", form.cleaned_data["day"].year)
        if step == "check":
            return render(request, "organisation/closure_check.html", _preview(form))
    return render(request, "organisation/closure_new.html", {"form": form}, status=422 if form.errors else 200)


def _declared(request: SignedInRequest, form: ClosureForm) -> bool:
    said = form.cleaned_data
    try:
        new = declare_closure(request.user, said["day"], form.codes, said["kind"], said["reason"], said["source"])
    except ValidationError as refusal:
        form.refuse(refusal)
        return False
    if new:
        messages.success(request, _("已經宣告。進行中案件的期限會在一分鐘內重算，有變動的案件都會寫明理由。"))
    else:
        messages.info(request, _("同樣的宣告本來就在，沒有任何改變。"))
    return True


def _preview(form: ClosureForm) -> dict:
    """What a declaration will do: what it takes the place of, and which districts' own declarations stay."""
    codes, known = form.codes, directory.districts()
    places = codes if codes is not None else [None]
    for row in form.standing.values():
        row.district = known.get(row.district_id)
    return {
        "form": form,
        "said": form.cleaned_data,
        "day": in_words(form.cleaned_data["day"]),
        "kind_label": CalendarOverride.Kind(form.cleaned_data["kind"]).label,
        "districts": [known[code] for code in codes] if codes is not None else [],
        "replaced": closures_of(row for row in form.standing.values() if row.district_id in places),
        "kept": closures_of(row for row in form.standing.values() if codes is None and row.district_id),
    }


@door("city:calendar:declare")
def closure_revocation(request: SignedInRequest, pk: int) -> HttpResponse:
    """Withdraw what was declared in one go, or a part of its districts."""
    closures = CalendarOverride.objects.visible_to(request.user).select_related("district")
    row = get_object_or_404(closures, pk=pk)
    if row.revoked_at:
        messages.info(request, _("這項宣告已經撤回。"))
        return redirect("calendar-year", row.date.year)
    same = {"date": row.date, "kind": row.kind, "reason": row.reason, "source": row.source, "from_pack": row.from_pack}
    whole = row.district_id is None
    rows = list(closures.in_force().filter(**same, district__isnull=whole).order_by("district__order"))
    form = RevocationForm(request.POST or None, rows=rows)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            for each in form.chosen:
                revoke_closure(request.user, each, form.cleaned_data["reason"])
        messages.success(request, _("已經撤回。進行中案件的期限會在一分鐘內重算，有變動的案件都會寫明理由。"))
        return redirect("calendar-year", row.date.year)
    (closure,) = closures_of(rows)
    context = {"form": form, "closure": closure}
    return render(request, "organisation/closure_revocation.html", context, status=422 if form.errors else 200)
