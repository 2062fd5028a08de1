"""What staff take a report down from, shown beside the form: a mail, or the scans of a letter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from cases.models import Attachment
from messages.models import Inbound
from servicerequests.pages.report.draft import Draft
from servicerequests.permissions import files_for_others


def beside(request: HttpRequest, draft: Draft) -> dict[str, Any] | None:
    """The mail or the scans of a draft that staff take down; None for everybody else's, without a statement."""
    if not draft.taken or not files_for_others(request.user):
        return None
    if "inbound" in draft.taken:
        return {"letter": Inbound.objects.visible_to(request.user).filter(token=UUID(draft.taken["inbound"])).first()}
    return {**draft.taken, "scans": list(Attachment.objects.drafts(draft.scans).order_by("pk"))}
