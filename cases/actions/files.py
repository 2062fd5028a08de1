"""Files come in, are checked by their content, and images are stripped of what the public must not see."""

from __future__ import annotations

import uuid
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from cases.actions.performing import record
from cases.models import Attachment, Case
from foundation.clock import now
from foundation.files import DOCUMENT, IMAGE, check_upload, public_image, thumbnail


def keep_file(
    file, *, phase: str = "report", user=None, case: Case | None = None, images_only: bool = False
) -> Attachment:
    """Keep an uploaded file. Images get a copy without position and a thumbnail at once, so that nothing else is ever
    shown. Raises ValidationError that names the problem; nothing is kept then."""
    checked = check_upload(file, allowed=IMAGE if images_only else IMAGE | DOCUMENT)
    file.seek(0)
    content = file.read()
    token = uuid.uuid4()
    folder = f"cases/{now():%Y/%m}/{token}"
    is_image = checked.content_type.startswith("image/")

    def put(name: str, data: bytes) -> str:
        return default_storage.save(f"{folder}/{name}", ContentFile(data))

    return Attachment.objects.create(
        token=token,
        case=case,
        phase=phase,
        name=(file.name or "file")[-200:],
        content_type=checked.content_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        original=put(f"original{checked.extension}", content),
        shown=put("shown.jpg", public_image(content)) if is_image else "",
        thumbnail=put("thumbnail.jpg", thumbnail(content, 480)) if is_image else "",
        is_public=is_image,
        uploaded_at=now(),
        uploaded_by=user if getattr(user, "is_authenticated", False) else None,
    )


@transaction.atomic
def attach(case: Case, actor, file, *, phase: str = "other", by_citizen: bool = False) -> Attachment:
    """Add a file to a case, with a line on its timeline."""
    kept = keep_file(file, phase=phase, user=actor, case=case)
    record(case, "attach", actor, kept.name, data={"token": str(kept.token)}, by_citizen=by_citizen)
    return kept
