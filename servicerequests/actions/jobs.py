"""From the desk to the crew and back: performers of the verbs dispatch, accept, arrive, finish and hand over.

What they put on a record is in Chinese, whatever the language of whoever acts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import wraps

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.actions import closing
from cases.actions.performing import Said
from cases.models import Case
from cases.models.case import Outcome
from foundation.clock import TAIPEI
from organisation.models import Unit
from servicerequests.models import Job, MaterialUse
from servicerequests.registry import materials as materials_of


def dispatch(case: Case, actor, crew: Unit, text: str = "") -> Said:
    """Send a crew. A crew that already had the case is relieved of it."""
    if not crew.is_crew:
        raise ValidationError({"crew": _("%(unit)s不是外勤隊，請從名單中選擇。") % {"unit": crew}})
    _end(case, Job.State.HANDED_OVER, f"改派{crew.name}")
    Job.objects.create(case=case, crew=crew, note=text, sent_by=actor, sent_at=case.moment)
    if case.officer_id is None:
        case.officer = actor
    return Said("", {"crew": crew.code, "crew_name": crew.name, "note": text})


def accept(case: Case, actor) -> Said:
    """A member of the crew is on the way."""
    job = _active(case)
    job.state, job.accepted_by, job.accepted_at = Job.State.ACCEPTED, actor, case.moment
    job.save()
    return Said(by=job.crew.name)


def arrive(case: Case, actor) -> Said:
    """The crew stands at the place; one that came without accepting has accepted by that."""
    job = _active(case)
    job.accepted_by = job.accepted_by or actor
    job.accepted_at = job.accepted_at or case.moment
    job.state, job.arrived_at = Job.State.ON_SITE, case.moment
    job.save()
    return Said(by=job.crew.name)


def done(
    case: Case, actor, text: str, outcome: str = Outcome.FIXED, materials: Mapping[str, Decimal] | None = None
) -> Said:
    """The crew has done the work: this is the moment that keeps the promise. The officer reads it and closes.

    ``materials`` is what it used, an amount by the material's code. Raises ValidationError without the photo that an
    urgent case needs, and for a material that the pack does not list for this kind.
    """
    if case.kind.urgent and outcome == Outcome.FIXED and not case.attachments.filter(phase="after").exists():
        raise ValidationError({"photos": _("請附一張完工後的照片，再回報完成。")})
    job = _active(case)
    crew = job.crew.name
    _use(job, case, materials or {})
    _end(case, Job.State.DONE, text)
    if case.kind.approval.answer:  # the citizen's answer needs signatures: what the crew found goes to the officer
        return Said(text, {"outcome": outcome}, public=False, target="assigned", tell=False, by=crew)
    return replace(closing.finish(case, actor, text, outcome), by=crew)


def hand_over(case: Case, actor, text: str) -> Said:
    """The crew cannot do it: the case returns to the desk with the reason, and the clock runs on."""
    crew = _active(case).crew.name
    _end(case, Job.State.HANDED_OVER, text)
    return Said(text, public=False, by=crew)


def _use(job: Job, case: Case, used: Mapping[str, Decimal]) -> None:
    listed = {
        material.code: material for material in materials_of(case.kind_code, case.moment.astimezone(TAIPEI).date())
    }
    if unknown := sorted(set(used) - set(listed)):
        raise ValidationError({"materials": _("這類案件沒有「%(code)s」這項材料。") % {"code": unknown[0]}})
    MaterialUse.objects.bulk_create(
        MaterialUse(
            job=job, material=code, amount=amount, label_zh=listed[code].label_zh, label_en=listed[code].label_en,
            unit_zh=listed[code].unit_zh, unit_en=listed[code].unit_en,
        )
        for code, amount in used.items()
    )  # fmt: skip


def _active(case: Case) -> Job:
    job = Job.objects.active().select_related("crew").filter(case=case).first()
    if job is None:
        raise ValidationError(_("這件案件目前沒有派工。"))
    return job


def _end(case: Case, state: str, text: str) -> None:
    Job.objects.active().filter(case=case).update(state=state, ended_at=case.moment, result=text)


def recalling(performer: Callable[..., Said]) -> Callable[..., Said]:
    """The same verb, which also calls back the crew that is on its way."""

    @wraps(performer)
    def perform(case: Case, actor, **inputs) -> Said:
        said = performer(case, actor, **inputs)
        _end(case, Job.State.HANDED_OVER, "承辦單位收回")
        return said

    return perform
