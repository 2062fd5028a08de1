"""What a crew reports from the field, perhaps hours later: photos, words and verb in one transaction, and once.

A report may meet a case that others have changed since the phone last saw it. Nothing is overwritten then: ``Changed``
says what the city hall has, and the crew decides. What can no longer be done can always be left as a note.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.files import keep_file
from cases.actions.performing import Conflict, locked, perform, record
from cases.models import Case, CaseEvent
from cases.states import STAY
from cases.wording import doer_in_words
from servicerequests.models import Job
from servicerequests.permissions import allows

NOTE, PHOTOS = "note", "photos"  # reports that leave the case in its state


@dataclass(frozen=True)
class Meanwhile:
    """What the city hall has: state, what was done last, by which unit and when, which crew has the job now.

    ``seen`` is the timeline's last entry; ``possible`` says whether the report could be sent on the strength of it.
    """

    state: str
    who: str
    what: str
    at: datetime
    crew: str
    seen: int
    possible: bool


class Changed(Conflict):
    """The case is not as the crew saw it. Carries both words and facts; nothing has changed."""

    def __init__(self, meanwhile: Meanwhile) -> None:
        self.meanwhile = meanwhile
        super().__init__(
            _(
                "這件案件剛由%(who)s更新（%(what)s），目前狀態是「%(state)s」。您回報的內容沒有遺失，請看過再決定怎麼辦。"
            )
            % {"who": meanwhile.who, "what": meanwhile.what, "state": meanwhile.state}
        )


@transaction.atomic
def report(
    user,
    job: Job,
    verb: str,
    *,
    photos: Iterable[Any] = (),
    key: str = "",
    at: datetime | None = None,
    seen: int | None = None,
    **inputs: Any,
) -> None:
    """Carry out what a crew reports of a job: accept, arrive, photos, finish, hand_over, note.

    ``key``: the same report twice is done once. ``at``: when it happened, as ``perform`` takes it. ``seen``: the last
    entry of the timeline that the phone knew of (a primary key); what others did to the case after it makes a conflict.
    Raises Changed, PermissionDenied, or ValidationError by field; nothing is kept then.
    """
    case = locked(job.case_id)  # so that of two that come at once the second sees what the first has done
    if key and CaseEvent.objects.of(case).filter(data__key=key).exists():
        return
    job.refresh_from_db()
    said = {"key": key} if key else {}
    if verb == NOTE:
        _keep(photos, case, user, "other")
        record(case, "comment", user, inputs["text"], data=said, by=job.crew.name, deed="jobs:finish")
        return
    if job.ended_at or _moved_by_others(case, user, seen):
        raise Changed(meanwhile(user, job, case, verb))
    _keep(photos, case, user, "after" if verb == "finish" else "before")
    if verb == PHOTOS:
        if not Job.objects.active().visible_to(user, "jobs:finish").filter(pk=job.pk).exists():
            raise PermissionDenied("jobs:finish")
        # A record keeps its words in Chinese, whatever the language of whoever acts.
        record(case, "attach", user, f"施作前照片 {len(list(photos))} 張", public=True, data=said, deed="jobs:finish")
        return
    try:
        perform(user, case.pk, verb, key=key, at=at, **inputs)
    except Conflict as conflict:
        raise Changed(meanwhile(user, job, case, verb)) from conflict


def _keep(photos: Iterable[Any], case: Case, user, phase: str) -> None:
    for photo in photos:
        keep_file(photo, phase=phase, user=user, case=case, images_only=True)


def _moved_by_others(case: Case, user, seen: int | None) -> bool:
    """Whether somebody else led the case to another state since; notes, photos and extensions take nothing away."""
    if seen is None:
        return False
    since = CaseEvent.objects.of(case).filter(pk__gt=seen).exclude(actor=user)
    verbs = case.kind.lifecycle.transitions
    return any(verb in verbs and verbs[verb].target != STAY for verb in since.values_list("verb", flat=True))


def meanwhile(user, job: Job, case: Case, verb: str) -> Meanwhile:
    """What the city hall has of a job's case, for a phone that has something else."""
    last = CaseEvent.objects.of(case).latest("at", "pk")
    last.case = case
    now_with = Job.objects.active().select_related("crew").filter(case=case).first()
    transition = case.kind.lifecycle.transition(verb, case.state)
    return Meanwhile(
        state=str(case.now_in.label),
        who=doer_in_words(last.actor_label),
        what=last.label,
        at=last.at,
        crew=str(now_with.crew) if now_with else "",
        seen=last.pk,
        possible=job.ended_at is None and (verb == PHOTOS or bool(transition and allows(user, case, transition))),
    )
