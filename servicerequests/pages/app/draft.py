"""A report begun in the app, perhaps without a net: one page that the phone keeps, and the way from it into the flow.

The page asks for little, and nothing in it counts until the flow's own forms have taken it: what they accept is passed,
what they do not is asked again, with what was typed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from foundation.files import IMAGE, check_upload
from foundation.forms import CityForm, FilesField
from foundation.ratelimit import limit
from identity.doors import door
from servicerequests.pages.report.catalogue import reportable
from servicerequests.pages.report.draft import MAX_PHOTOS, Draft, channel_of, seal_of_app
from servicerequests.pages.report.flow import show
from servicerequests.pages.report.forms import DESCRIPTION_MAX
from servicerequests.pages.report.steps import STEPS, next_step


class DraftForm(CityForm):
    """What one can say on the spot. ``submission`` is the draft's name in the phone; sent twice it makes one case."""

    kind = forms.ChoiceField(label=gettext_lazy("要通報什麼"))
    description = forms.CharField(
        label=gettext_lazy("發生了什麼事"), max_length=DESCRIPTION_MAX, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    photos = FilesField(
        label=gettext_lazy("照片"), max_files=MAX_PHOTOS, required=False, accept="image/*",
        check=lambda file: check_upload(file, allowed=IMAGE),
    )  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("地址或怎麼找到那裡"), help_text=gettext_lazy("沒有網路時，也可以先記下附近的店家或路口。"),
        max_length=200, required=False,
    )  # fmt: skip
    point = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput(attrs={"data-point": ""}))
    submission = forms.UUIDField(required=False, widget=forms.HiddenInput(attrs={"data-submission": ""}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("請選擇")), *((code, kind.label) for code, kind in reportable().items())]


@door("public:cases:file")
@limit("report", 240, methods={"POST"})
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """``/app/draft/``: GET asks, POST goes on in the flow at the first page that still wants something."""
    form = DraftForm(request.POST, request.FILES) if request.method == "POST" else DraftForm()
    if not form.is_valid():
        return _page(request, form, 422 if form.is_bound else 200)
    begun = Draft(
        form.cleaned_data["kind"],
        submission=str(_version_4(form.cleaned_data["submission"])),
        channel=channel_of(request),
    )
    for name in ("what", "where"):
        step = STEPS[name]
        step.take(request, begun, step.form(request, begun, data=request.POST), "next")
    photos = STEPS["photos"]
    if request.FILES:
        chosen = photos.form(request, begun, data=request.POST, files=request.FILES)
        photos.take(request, begun, chosen, "next")
        if chosen.errors:
            return show(request, begun, photos, chosen, status=422)
    return show(request, begun, next_step(begun))


def _version_4(given: UUID | None) -> UUID:
    """The phone's own name for the draft, if it is one that nobody can guess."""
    return given if given and given.version == 4 else uuid4()


def _page(request: HttpRequest, form: DraftForm, status: int) -> HttpResponse:
    return render(request, "servicerequests/app/draft.html", {"form": form, "app": seal_of_app()}, status=status)
