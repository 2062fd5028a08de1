"""What this desk adds to the page of a case."""

from __future__ import annotations

from cases.models import Case
from servicerequests.models import MaterialUse


def materials_used(case: Case, user) -> dict | None:
    """What crews used on a case, trip by trip; nothing where nothing was. One statement."""
    uses = list(MaterialUse.objects.of(case))
    return {"template": "servicerequests/desk/case_materials.html", "uses": uses} if uses else None
