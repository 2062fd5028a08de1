"""The photos of a section: for who writes it, and the pictures themselves."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from annualreport.actions import photos as actions
from annualreport.models import Photo, Section
from annualreport.pages.writing import section_of
from annualreport.permissions import may
from annualreport.states import WRITABLE
from foundation.files import IMAGE, serve
from foundation.forms import CityForm
from identity.doors import SignedInRequest, door


class PhotoForm(CityForm):
    """A picture and what is said of it."""

    file = forms.FileField(
        label=gettext_lazy("照片檔"), widget=forms.FileInput(attrs={"accept": IMAGE.accept}),
        help_text=gettext_lazy("JPEG、PNG 或 WebP，最大 10 MB。拍攝地點與相機資料不會留下。"),
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("名稱"), max_length=40, help_text=gettext_lazy("在內容裡用它放照片，例如 opening-day。"),
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", gettext_lazy("「名稱」請用小寫英文字母、數字與「-」。"))],
    )  # fmt: skip
    caption_zh = forms.CharField(label=gettext_lazy("圖說"), max_length=200)
    caption_en = forms.CharField(label=gettext_lazy("英文圖說"), max_length=400)
    alt_zh = forms.CharField(
        label=gettext_lazy("替代文字"), max_length=300,
        help_text=gettext_lazy("照片裡看得到什麼，給看不見照片的人。"),
    )  # fmt: skip
    alt_en = forms.CharField(label=gettext_lazy("英文替代文字"), max_length=600)
    credit = forms.CharField(label=gettext_lazy("攝影或來源"), max_length=120)


def _writable(request: SignedInRequest, pk: int) -> Section:
    """A section that the reader may write now. 404 for one that they may not see."""
    found = section_of(request, pk)
    if found.state not in WRITABLE or not may(request.user, found, "annualreport:write"):
        raise PermissionDenied("annualreport:write")
    return found


@door("unit:annualreport:read")
def photos(request: SignedInRequest, pk: int) -> HttpResponse:
    """``/desk/reports/sections/7/photos/``: the photos of a section, and a form for one more."""
    section = _writable(request, pk)
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            photo = actions.add(request.user, section, facts.pop("file"), facts)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("已加入「%(name)s」。") % {"name": photo.name})
            return redirect("report-photos", section.pk)
    context = {"section": section, "form": form, "photos": Photo.objects.of(section)}
    return render(request, "annualreport/photos.html", context, status=422 if form.errors else 200)


@door("unit:annualreport:read")
@require_POST
def removal(request: SignedInRequest, pk: int, photo: int) -> HttpResponse:
    """``POST /desk/reports/sections/7/photos/3/removal/``: take away a photo that nothing shows."""
    section = _writable(request, pk)
    found = get_object_or_404(Photo.objects.of(section), pk=photo)
    try:
        actions.remove(found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("已移除「%(name)s」。") % {"name": found.name})
    return redirect("report-photos", section.pk)


@door("public:annualreport:read")
@require_safe
def file(request: HttpRequest, token: UUID) -> HttpResponseBase:
    """``/reports/photos/<token>.jpg``: a picture, for everybody once it is published."""
    found = get_object_or_404(Photo.objects.visible_to(request.user), token=token)
    return serve(found.path, f"{found.name}.jpg", "image/jpeg")
