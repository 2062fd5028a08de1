"""Photos of a report before it is sent: kept as drafts under tokens that only their uploader holds."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.actions.files import keep_file
from cases.models import Attachment
from foundation.files import read_position, serve
from identity.doors import door
from organisation import directory
from organisation.geography import locate
from servicerequests.pages.report.draft import MAX_PHOTOS, Draft
from servicerequests.rules import read_point, write_point


def kept(draft: Draft) -> list[Attachment]:
    """The photos that are still there, in the order of uploading; no statement without photos."""
    if not draft.photos:
        return []
    found = {str(photo.token): photo for photo in Attachment.objects.drafts(draft.tokens)}
    return [found[token] for token in draft.photos if token in found]


def context(draft: Draft) -> dict[str, Any]:
    """What the page shows: thumbnails, how many more there may be, and a place that a photo offers."""
    photos = kept(draft)
    return {"photos": photos, "room": MAX_PHOTOS - len(photos), "offer": _offer(draft)}


def _offer(draft: Draft) -> str:
    """The district where a photo was taken, if the citizen has not put a point on the map; else nothing."""
    if draft.photo_point is None or draft.point is not None:
        return ""
    place = locate(*draft.photo_point)
    district = directory.district(place.district_code) if place else None
    return str(district) if district else ""


def take(request: HttpRequest, draft: Draft, form: forms.Form, go: str) -> bool:
    """Add, remove, or take the place that a photo offers. What is good is kept even when another file is refused."""
    if go.startswith("remove:"):
        draft.photos = [token for token in draft.photos if token != go.removeprefix("remove:")]
        return False
    if go == "use-position" and draft.photo_point:
        where = draft.answers.get("where", {})
        place = locate(*draft.photo_point)
        draft.keep(
            "where",
            {**where, "point": write_point(*draft.photo_point), "in_district": place.district_code if place else ""},
            accepted=place is not None,
        )
        draft.ask_again("nearby")
        return False
    offered = _offer(draft)
    if form.is_valid():
        _add(request, draft, form, form.cleaned_data["photos"])
    draft.keep("photos", {}, accepted=form.is_valid())
    # A place that has just been offered is worth a look before going on.
    return form.is_valid() and go not in {"add", "stay"} and not (_offer(draft) and not offered)


def _add(request: HttpRequest, draft: Draft, form: forms.Form, files: list[Any]) -> None:
    known = {photo.sha256 for photo in kept(draft)} if files else set()
    for file in files:
        digest = sha256(file.read()).hexdigest()
        if digest in known:  # a page that was reloaded sends its files again
            continue
        if len(draft.photos) >= MAX_PHOTOS:
            form.add_error(
                "photos", _("最多 %(most)d 張照片，「%(name)s」沒有加入。") % {"most": MAX_PHOTOS, "name": file.name}
            )
            continue
        try:
            photo = keep_file(file, images_only=True, user=request.user)
        except ValidationError as problem:
            for message in problem.messages:
                form.add_error(
                    "photos", _("「%(name)s」沒有加入：%(problem)s") % {"name": file.name, "problem": message}
                )
            continue
        known.add(digest)
        draft.photos.append(str(photo.token))
        _note_position(draft, read_position(file))
    if files:
        # A browser that made the photo smaller took the position out of it, and says it here.
        _note_position(draft, _typed_position(request.POST.get("position", "")))


def _note_position(draft: Draft, position: tuple[float, float] | None) -> None:
    """Remember the first place in the city that a photo names."""
    if position and draft.photo_point is None and locate(*position):
        draft.photo_point = list(position)


def _typed_position(text: str) -> tuple[float, float] | None:
    try:
        return read_point(text)
    except ValueError:
        return None


@door("public:cases:file")
@require_safe
def thumbnail(request: HttpRequest, token: str) -> HttpResponse:
    """The small picture of a photo that is not filed yet, for whoever holds its token."""
    photo = Attachment.objects.drafts([token]).first()
    if photo is None or not photo.thumbnail:
        raise Http404
    return serve(photo.thumbnail, photo.name, "image/jpeg")
