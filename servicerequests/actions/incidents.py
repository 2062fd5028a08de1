"""The verbs of an incident: declare, change, note, add and remove cases, close. Each leaves a line in its log."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case
from foundation.clock import now
from organisation.permissions import grants_of
from servicerequests.actions import gathering
from servicerequests.actions.counting import Sums
from servicerequests.models import Incident, IncidentCase, IncidentEvent

FIELDS = (
    "name", "name_en", "event", "districts", "lon", "lat", "metres", "polygon", "kind_codes", "since", "until", "lead",
    "public_zh", "public_en",
)  # fmt: skip
# A change of one of these changes which cases belong to it.
SCOPE = ("districts", "lon", "lat", "metres", "polygon", "kind_codes", "since", "until")


def log(incident: Incident, verb: str, actor, text: str = "", **data: Any) -> None:
    """Add a line to the log."""
    IncidentEvent.objects.create(incident=incident, at=now(), verb=verb, actor=actor, text=text, data=data)


def _remembered_no_more() -> None:
    """This process reads the open incidents anew, now and once others may see the change; the others within seconds."""
    gathering.forget()
    transaction.on_commit(gathering.forget)


def check(actor) -> None:
    """Raises PermissionDenied unless this person may steer incidents."""
    if not grants_of(actor).everywhere("city:incidents:declare"):
        raise PermissionDenied("city:incidents:declare")


def locked(actor, pk: int, version: int | None = None) -> Incident:
    """The open incident, locked until the transaction ends, for somebody who may steer it.

    Raises PermissionDenied; ValidationError when it is closed, or has changed since the version looked at.
    """
    check(actor)
    incident = Incident.objects.select_for_update(of=("self",)).select_related("lead").get(pk=pk)
    if incident.closed_at:
        raise ValidationError(_("這個事件已經結束，不能再變更。"))
    if version is not None and version != incident.version:
        raise ValidationError(_("這個事件剛才由別人更新過。請看過最新內容再送出；您填寫的內容仍在下方。"))
    return incident


@transaction.atomic
def declare(actor, **facts: Any) -> Incident:
    """Declare an incident and take in the cases that it already has.

    ``facts`` are the fields of ``FIELDS``. Raises PermissionDenied, and ValidationError by field.
    """
    check(actor)
    incident = Incident(declared_by=actor, declared_at=now(), **facts)
    incident.full_clean()
    incident.save()
    log(incident, "declare", actor, incident.name, cases=gathering.gather(incident))
    _remembered_no_more()
    return incident


@transaction.atomic
def change(actor, pk: int, version: int, **facts: Any) -> Incident:
    """Change what an incident is; a new scope lets go of cases that only the old one took and takes in new ones."""
    incident = locked(actor, pk, version)
    changed = [name for name in FIELDS if name in facts and getattr(incident, name) != facts[name]]
    if not changed:
        return incident
    for name in changed:
        setattr(incident, name, facts[name])
    incident.version += 1
    incident.full_clean()
    incident.save()
    data: dict[str, Any] = {"changed": changed}
    if set(changed) & set(SCOPE):
        mine = gathering.gathered(Case.objects.public(), incident.gathering).order_by().values("pk")
        outside = incident.members.filter(by=IncidentCase.By.RULE, removed_at__isnull=True).exclude(case__in=mine)
        data["gone"] = outside.delete()[0]
        data["new"] = gathering.gather(incident)
    log(incident, "change", actor, "", **data)
    _remembered_no_more()
    return incident


@transaction.atomic
def note(actor, pk: int, text: str) -> None:
    """Write a line into the log."""
    if not text.strip():
        raise ValidationError({"text": _("請填寫紀事內容。")})
    log(locked(actor, pk), "note", actor, text.strip())


@transaction.atomic
def add(actor, pk: int, case: Case, reason: str) -> None:
    """Add a case by hand, also one that was taken out before."""
    incident = locked(actor, pk)
    if not reason.strip():
        raise ValidationError({"reason": _("請填寫原因。")})
    member, made = IncidentCase.objects.get_or_create(
        incident=incident,
        case=case,
        defaults={"by": IncidentCase.By.HAND, "added_at": now(), "added_by": actor},
    )
    if not made:
        if member.removed_at is None:
            raise ValidationError({"number": _("%(number)s 已經在這個事件裡。") % {"number": case.number}})
        member.by, member.added_at, member.added_by, member.removed_at = IncidentCase.By.HAND, now(), actor, None
        member.save()
    log(incident, "add", actor, reason.strip(), number=str(case.number))


@transaction.atomic
def remove(actor, pk: int, case: Case, reason: str) -> None:
    """Take a case out; the rule will not bring it back."""
    incident = locked(actor, pk)
    if not reason.strip():
        raise ValidationError({"reason": _("請填寫原因。")})
    if not incident.members.filter(case=case, removed_at__isnull=True).update(removed_at=now()):
        raise ValidationError({"number": _("%(number)s 不在這個事件裡。") % {"number": case.number}})
    log(incident, "remove", actor, reason.strip(), number=str(case.number))


@transaction.atomic
def close(actor, pk: int, version: int, lessons: str) -> Incident:
    """End the incident: its text leaves the public pages, its sums are kept as they are now, with what was learned."""
    incident = locked(actor, pk, version)
    if not lessons.strip():
        raise ValidationError({"lessons": _("請寫下處置經過與檢討，報告會以這段文字開頭。")})
    gathering.gather(incident)
    incident.until = incident.until or max(now(), incident.since + gathering.SHORTEST)
    incident.closed_at, incident.closed_by, incident.lessons = now(), actor, lessons.strip()
    incident.figures = Sums.of(incident).plain
    incident.version += 1
    incident.save()
    log(incident, "close", actor, cases=incident.figures["received"])
    _remembered_no_more()
    return incident
