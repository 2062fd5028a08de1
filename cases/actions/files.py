"""Files come in, are checked by their content, and images are stripped of what the public must not see."""

from __future__ import annotations

import logging
import uuid
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction

from cases.actions.performing import record
from cases.models import Attachment, Case
from foundation.clock import now
from foundation.files import (
    DOCUMENT,
    IMAGE,
    check_upload,
    delete,
    no_room,
    public_image,
    read,
    store,
    thumbnail,
)
from organisation import storm

log = logging.getLogger(__name__)


def keep_file(
    file, *, phase: str = "report", user=None, case: Case | None = None, images_only: bool = False, public: bool = True
) -> Attachment:
    """Keep an uploaded file. Images get a copy without position and a thumbnail, so that nothing else is ever shown: at
    once, or in a storm by a job (``make_copies``). Without ``public`` an image is for the desk alone.

    Raises ValidationError that names the problem, a full disk too; nothing is kept then."""
    checked = check_upload(file, allowed=IMAGE if images_only else IMAGE | DOCUMENT)
    file.seek(0)
    content = file.read()
    is_image = checked.content_type.startswith("image/")
    at_once = is_image and not storm.is_on()
    awaits = ("public" if public else "desk") if is_image and not at_once else ""
    paths = _stored(content, checked.extension, at_once)
    return Attachment.objects.create(
        token=uuid.uuid4(),
        case=case,
        phase=phase,
        name=(file.name or "file")[-200:],
        content_type=checked.content_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        **paths,
        awaits=awaits,
        is_public=at_once and public,
        uploaded_at=now(),
        uploaded_by=user if getattr(user, "is_authenticated", False) else None,
    )


def _stored(content: bytes, extension: str, copies: bool) -> dict[str, str]:
    """The file on the disk, for an image with its copies; all of them or none."""
    paths: dict[str, str] = {}
    try:
        paths["original"] = store(content, extension)
        if copies:
            paths["shown"] = store(public_image(content), ".jpg")
            paths["thumbnail"] = store(thumbnail(content), ".jpg")
    except OSError as problem:
        for path in paths.values():
            delete(path)
        log.error("an upload could not be kept: %s", problem)
        raise no_room() from problem
    return paths


def make_copies(batch: int = 20) -> int:
    """Make the copies of the next pictures that were put off, and show them to whom they are for; returns how many.

    A picture that turns out to be damaged stays for the desk as a file. With a full disk everything stays as it is.
    """
    made = 0
    for number in list(Attachment.objects.awaiting().values_list("pk", flat=True)[:batch]):
        with transaction.atomic():
            picture = Attachment.objects.select_for_update(skip_locked=True).awaiting().filter(pk=number).first()
            if picture is None:
                continue
            try:
                content = read(picture.original)
                picture.shown, picture.thumbnail = (
                    store(public_image(content), ".jpg"),
                    store(thumbnail(content), ".jpg"),
                )
                picture.is_public = picture.awaits == Attachment.Awaits.PUBLIC
            except (ValidationError, FileNotFoundError) as problem:
                log.error("no copies of attachment %s: %s", picture.pk, problem)
            except OSError as problem:
                log.error("copies of pictures have to wait: %s", problem)
                return made
            picture.awaits = ""
            picture.save(update_fields=["shown", "thumbnail", "is_public", "awaits"])
            made += 1
    return made


@transaction.atomic
def attach(case: Case, actor, file, *, phase: str = "other", by_citizen: bool = False) -> Attachment:
    """Add a file to a case, with a line on its timeline."""
    kept = keep_file(file, phase=phase, user=actor, case=case)
    record(
        case, "attach", actor, kept.name, data={"token": str(kept.token)}, by_citizen=by_citizen, deed="cases:comment"
    )
    return kept
