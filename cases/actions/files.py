"""Files come in, are checked by their content, and images are stripped of what the public must not see."""

from __future__ import annotations

import uuid
from hashlib import sha256

from django.db import transaction

from cases.actions.performing import record
from cases.models import Attachment, Case
from foundation.clock import now
from foundation.files import DOCUMENT, IMAGE, check_upload, public_image, store, thumbnail


def keep_file(
    file, *, phase: str = "report", user=None, case: Case | None = None, images_only: bool = False, public: bool = True
) -> Attachment:
    """Keep an uploaded file. Images get a copy without position and a thumbnail at once, so that nothing else is ever
    shown. Without ``public`` an image is for the desk alone. Raises ValidationError that names the problem; nothing is
    kept then."""
    checked = check_upload(file, allowed=IMAGE if images_only else IMAGE | DOCUMENT)
    file.seek(0)
    content = file.read()
    is_image = checked.content_type.startswith("image/")
    return Attachment.objects.create(
        token=uuid.uuid4(),
        case=case,
        phase=phase,
        name=(file.name or "file")[-200:],
        content_type=checked.content_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        original=store(content, checked.extension),
        shown=store(public_image(content), ".jpg") if is_image else "",
        thumbnail=store(thumbnail(content), ".jpg") if is_image else "",
        is_public=is_image and public,
        uploaded_at=now(),
        uploaded_by=user if getattr(user, "is_authenticated", False) else None,
    )


@transaction.atomic
def attach(case: Case, actor, file, *, phase: str = "other", by_citizen: bool = False) -> Attachment:
    """Add a file to a case, with a line on its timeline."""
    kept = keep_file(file, phase=phase, user=actor, case=case)
    record(case, "attach", actor, kept.name, data={"token": str(kept.token)}, by_citizen=by_citizen)
    return kept
