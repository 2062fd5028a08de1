"""Saved views: a filter under a name."""

from urllib.parse import parse_qsl, urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cases.models import SavedView
from cases.pages.filters import CaseFilter
from identity.doors import door
from organisation.permissions import grants_of


class SavedViewForm(forms.Form):
    """A name, what is kept, and whether the unit sees it too."""

    name = forms.CharField(label=gettext_lazy("名稱"), max_length=40)
    query = forms.CharField(max_length=500, required=False)
    shared = forms.BooleanField(label=gettext_lazy("與本單位共用"), required=False)

    def clean_query(self) -> str:
        """Only what the queue knows is kept, so that a view can never lead elsewhere."""
        known = {"list", *CaseFilter.base_fields}
        return urlencode([(k, v) for k, v in parse_qsl(self.cleaned_data["query"]) if k in known])


@door("own:views:save")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name; the same name again replaces it."""
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("請替這個檢視取一個名稱（最多 40 個字）。"))
        return redirect("/desk/?" + request.POST.get("query", "")[:500])
    kept = form.cleaned_data
    units = sorted(grants_of(request.user).scope("cases:read").units)
    SavedView.objects.visible_to(request.user).update_or_create(
        owner=request.user,
        name=kept["name"],
        defaults={"query": kept["query"], "unit_id": units[0] if kept["shared"] and units else None},
    )
    messages.success(request, _("已儲存檢視「%(name)s」。") % {"name": kept["name"]})
    return redirect("/desk/?" + kept["query"])


@door("own:views:save")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view of one's own."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user).filter(owner_id=request.user.pk), pk=pk)
    view.delete()
    messages.success(request, _("已刪除檢視「%(name)s」。") % {"name": view.name})
    return redirect("queue")
