"""What other units ask of mine: the list, and the page on which the part is given."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.contributing import contribute
from cases.actions.performing import Conflict
from cases.models import Attachment, Contribution
from cases.pages.queue import rail
from foundation.files import serve
from foundation.forms import CityForm
from identity.doors import door

PAGE = 50


class ContributionForm(CityForm):
    """A unit's part."""

    text = forms.CharField(
        label=gettext_lazy("回復主責單位"),
        help_text=gettext_lazy("這是內部回復，由主責單位彙整後一次答復民眾。"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


@door("unit:contributions:give")
def asked(request: HttpRequest) -> HttpResponse:
    """``/desk/contributions/``: what my units were asked for, the next due on top."""
    open_ = Contribution.objects.visible_to(request.user).open().for_list()
    page = Paginator(open_, PAGE).get_page(request.GET.get("page"))
    return render(request, "cases/contributions.html", rail(request, "contributions") | {"page": page})


@door("unit:contributions:give")
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """``/desk/contributions/7/``: what is asked and what of the case is needed for it, without who reported it."""
    found = get_object_or_404(Contribution.objects.visible_to(request.user).for_list(), pk=pk)
    form = ContributionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                contribute(request.user, pk, form.cleaned_data["text"], declined="decline" in request.POST)
            except Conflict as conflict:
                form.add_error(None, str(conflict))
                status = 409
            else:
                messages.success(request, _("%(number)s：已回復主責單位。") % {"number": found.case.number})
                return redirect("contributions")
    photos = Attachment.objects.for_consulted(found.case_id)
    context = {"asked": found, "case": found.case, "form": form, "photos": photos}
    return render(request, "cases/contribution.html", rail(request, "contributions") | context, status=status)


@door("unit:contributions:give")
def photo(request: HttpRequest, pk: int, token: str, variant: str) -> HttpResponse:
    """A picture of a case that my unit was asked about: ``thumbnail`` or ``shown``."""
    asked = get_object_or_404(Contribution.objects.visible_to(request.user), pk=pk)
    found = get_object_or_404(Attachment.objects.for_consulted(asked.case_id), token=token)
    path = {"thumbnail": found.thumbnail, "shown": found.shown}.get(variant)
    if not path:
        raise Http404
    return serve(path, found.name, "image/jpeg")
