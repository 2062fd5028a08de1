"""Photos of a section: checked and made anew on their way in, taken away while nothing shows them."""

from __future__ import annotations

import base64
import io
import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image

from annualreport import markup
from annualreport.models import Photo, Section, Version
from foundation.files import IMAGE, check_upload, delete, no_room, public_image, read, store

log = logging.getLogger(__name__)

SIDE = 1600  # pixels of the longer side: 16 cm of paper at 250 dpi


def add(actor: Any, section: Section, file: UploadedFile, facts: dict[str, str]) -> Photo:
    """Add a photo to a section. Only its pixels are kept: upright, in sRGB, at most SIDE pixels long.

    Raises ValidationError by field: for what is no sound picture, too large, or a name that is taken.
    """
    try:
        check_upload(file, IMAGE)
        picture = public_image(file, SIDE)
    except ValidationError as error:
        raise ValidationError({"file": error}) from error
    with Image.open(io.BytesIO(picture)) as opened:
        width, height = opened.size
    try:
        path = store(picture, ".jpg")
    except OSError as error:
        raise ValidationError({"file": no_room()}) from error
    try:
        with transaction.atomic():
            return Photo.objects.create(section=section, path=path, width=width, height=height, by=actor, **facts)
    except IntegrityError as error:
        delete(path)
        if "photo_name_once_a_section" not in str(error):
            raise
        told = _("這一節已經有照片叫「%(name)s」。") % {"name": facts["name"]}
        raise ValidationError({"name": told}) from error


@transaction.atomic
def remove(photo: Photo) -> None:
    """Take a photo away. Raises ValidationError where a publication or the section's text shows it."""
    if photo.is_published:
        raise ValidationError(_("「%(name)s」已經公布，要留著。") % {"name": photo.name})
    newest = Version.objects.of(photo.section)[:1].get()
    if photo.name in named_in(newest.text_zh) | named_in(newest.text_en):
        raise ValidationError(_("內容裡還放著「%(name)s」，請先從內容拿掉。") % {"name": photo.name})
    photo.delete()
    transaction.on_commit(lambda: delete(photo.path))


def named_in(text: str) -> set[str]:
    """The names of the photos that a text places."""
    return {block.name for block in markup.parse(text).blocks if isinstance(block, markup.Photo)}


def publish(document: dict[str, Any]) -> None:
    """Let everybody see the photos of a document that is published."""
    tokens = [block["token"] for section in document["sections"] for block in section["blocks"] if "token" in block]
    Photo.objects.filter(token__in=tokens).update(is_published=True)


def embedded(token: str) -> str:
    """A picture inside a file that must be whole by itself, as a ``data:`` address; empty if it is lost."""
    try:
        content = read(Photo.objects.get(token=token).path)
    except (Photo.DoesNotExist, FileNotFoundError):
        log.warning("the photo %s of a report is lost", token)
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
