"""Where SCIM reads and writes: the records of staff, and the memberships that a personnel system may give."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from scim2_models import (
    ForbiddenException,
    InvalidValueException,
    Meta,
    NotFoundException,
    NotImplementedException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage

from foundation import clock
from organisation import directory
from organisation.actions import personnel
from organisation.actions.personnel import Program, Taken
from organisation.api.filtering import USERS, Question, ordered
from organisation.api.resources import (
    LANGUAGES,
    Email,
    EnterpriseUser,
    Group,
    GroupOfUser,
    Manager,
    Member,
    Name,
    Staff,
)
from organisation.models import Membership, StaffRecord, Unit
from organisation.rules import provisioned_roles

# Errors of no field are those of the constraint on user names.
NAMES = {"username": "userName", "__all__": "userName", "name": "name.formatted", "email": "emails.value"}


class Staffbook(ScimStorage):
    """The storage behind SCIM, for one program. A resource's version is a digest of all that it shows."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.shown = ""  # whose data were asked for: the account's number, or "list"

    def operation(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def get(self, resource_type: ResourceType, resource_id: str, *, response_parameters: Any = None) -> Resource[Any]:
        self.shown = "list"
        if resource_type.id == "Group":
            return _group(*_place(resource_id), None)
        staff = _staff(resource_id)
        self.shown = str(staff.user_id)
        return _user(staff)

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        if len(resource_types) != 1:
            raise NotImplementedException(detail="search /Users or /Groups")
        self.shown = "list"
        if resource_types[0].id == "Group":
            return _search_groups(search_request)
        found = StaffRecord.objects.on_the_books()
        if search_request.filter is not None:
            found = found.filter(Question(USERS).visit(search_request.filter.ast))
        page = ordered(found, search_request)[search_request.start_index_0 : search_request.stop_index_0]
        return SearchPage(found.count(), _users(page.select_related("user", "manager")))

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        with _refusals():
            staff = personnel.hire(self.program, _facts(resource))
            if resource.active is False:
                personnel.close(self.program, staff)
        return _user(_staff(str(staff.uid)))

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        if resource_type.id == "Group":
            return self._change_group(resource, expected_version)
        staff = _staff(str(resource.id), lock=True)
        _same(_user(staff), expected_version)
        with _refusals():
            active = resource.active is not False
            if not active and staff.user.is_active:
                personnel.close(self.program, staff)
            elif active and not staff.user.is_active:
                personnel.come_back(self.program, staff)
            personnel.amend(self.program, staff, _facts(resource))
        return _user(_staff(str(staff.uid)))

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        staff = _staff(resource_id, lock=True)
        _same(_user(staff), expected_version)
        with _refusals():
            personnel.leave(self.program, staff)

    def _change_group(self, resource: Resource[Any], expected_version: str | None) -> Resource[Any]:
        unit, role = _place(str(resource.id))
        personnel.hold_unit(unit)
        before = _group(unit, role, None)
        _same(before, expected_version)
        were = {member.value for member in before.members or []}
        become = {member.value for member in resource.members or []}
        known = {str(each.uid): each for each in _locked(were ^ become)}
        if strangers := become - were - known.keys():
            raise InvalidValueException(detail=f"members: there is no User {sorted(map(str, strangers))[0]}")
        with _refusals():
            for uid, staff in known.items():
                change = personnel.join if uid in become else personnel.part
                change(self.program, staff, unit, role)
        return _group(unit, role, None)


class _refusals:
    """Errors of the actions as errors of SCIM."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: Any, problem: BaseException | None, _trace: Any) -> None:
        match problem:
            case Taken():
                name = "userName" if problem.field == "username" else "employeeNumber"
                raise UniquenessException(detail=f"{name} is taken") from None
            case PermissionDenied():
                raise ForbiddenException(detail=str(problem) or "not for this program") from None
            case ValidationError():
                said = "; ".join(
                    f"{NAMES.get(field, field)}: {' '.join(words)}" for field, words in _by_field(problem).items()
                )
                raise InvalidValueException(detail=said) from None


def _by_field(problem: ValidationError) -> dict[str, list[str]]:
    return problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}


def _same(current: Resource[Any], expected_version: str | None) -> None:
    """Refuse a change of what was changed since it was read (RFC 7644, 3.14)."""
    if expected_version is not None and current.meta.version != expected_version:
        raise PreconditionFailedException(detail="the resource has changed")


def _staff(uid: str, lock: bool = False) -> StaffRecord:
    try:
        found = StaffRecord.objects.on_the_books().filter(uid=UUID(uid))
    except ValueError:
        found = StaffRecord.objects.none()
    if lock:
        found = found.select_for_update(of=("self", "user"))
    staff = found.select_related("user", "manager").first()
    if staff is None:
        raise NotFoundException(detail=f"there is no User {uid}")
    return staff


def _locked(uids: Iterable[Any]) -> list[StaffRecord]:
    """Records by their names, locked in one order so that two changes never wait for each other."""
    known = []
    for uid in uids:
        try:
            known.append(UUID(str(uid)))
        except ValueError:
            continue
    found = StaffRecord.objects.on_the_books().filter(uid__in=known).select_related("user")
    return list(found.select_for_update(of=("self",)).order_by("pk"))


def _facts(resource: Resource[Any]) -> dict[str, Any]:
    """What a User says, as the actions take it. Raises InvalidValueException."""
    more = resource[EnterpriseUser] or EnterpriseUser()
    language = (resource.preferred_language or "zh-TW").lower()
    if not language.startswith(("zh", "en")):
        raise InvalidValueException(detail=f"preferredLanguage: use one of {', '.join(LANGUAGES.values())}")
    addresses = sorted(resource.emails or [], key=lambda each: not each.primary)
    manager = None
    if more.manager is not None and more.manager.value:
        try:
            manager = _staff(more.manager.value)
        except NotFoundException:
            raise InvalidValueException(detail=f"manager: there is no User {more.manager.value}") from None
    return {
        "username": (resource.user_name or "").strip().lower(),
        "name": " ".join((resource.name.formatted or "").split()) if resource.name else "",
        "email": (addresses[0].value or "") if addresses else "",
        "language": "en" if language.startswith("en") else "zh-hant",
        "employee_number": more.employee_number or "",
        "external_id": resource.external_id or "",
        "title": resource.title or "",
        "organization": more.organization or "",
        "department": more.department or "",
        "manager": manager,
    }


def _users(staff: Iterable[StaffRecord]) -> list[Resource[Any]]:
    people = list(staff)
    held = Membership.objects.provisioned(clock.today()).filter(user__in=[each.user_id for each in people])
    groups: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for user, unit, role in held.order_by("unit_id", "role").values_list("user_id", "unit_id", "role").distinct():
        groups[user].append((unit, role))
    return [_shown(each, groups[each.user_id]) for each in people]


def _user(staff: StaffRecord) -> Resource[Any]:
    return _users([staff])[0]


def _shown(staff: StaffRecord, groups: list[tuple[int, str]]) -> Resource[Any]:
    user, manager = staff.user, staff.manager
    places = [(directory.unit_by_id(unit), role) for unit, role in groups]
    shown = Staff(
        id=str(staff.uid),
        external_id=staff.external_id or None,
        user_name=user.username,
        name=Name(formatted=user.name),
        display_name=user.name,
        title=staff.title or None,
        preferred_language=LANGUAGES[user.language],
        active=user.is_active,
        emails=[Email(value=user.email, type="work", primary=True)] if user.email else None,
        groups=[
            GroupOfUser(value=_number(*place), ref=f"Groups/{_number(*place)}", display=_name(*place))
            for place in places
        ]
        or None,
    )
    shown[EnterpriseUser] = EnterpriseUser(
        employee_number=staff.employee_number,
        organization=staff.organization or None,
        department=staff.department or None,
        manager=Manager(value=str(manager.uid), ref=f"Users/{manager.uid}") if manager else None,
    )
    return _with_meta(shown, "User", created=staff.created_at, last_modified=staff.changed_at)


def _with_meta(shown: Resource[Any], kind: str, **times: Any) -> Resource[Any]:
    said = json.dumps(shown.model_dump(), sort_keys=True, default=str)
    version = f'W/"{hashlib.sha256(said.encode()).hexdigest()[:20]}"'
    shown.meta = Meta(resource_type=kind, version=version, **times)
    return shown


def _number(unit: Unit, role: str) -> str:
    return f"{unit.code}.{role}"


def _name(unit: Unit, role: str) -> str:
    return f"{unit.agency.name} {unit.name} {role}"


def _places() -> list[tuple[Unit, str]]:
    """All groups that there are, in the order of the directory."""
    return [
        (unit, role)
        for unit in directory.units().values()
        for role in provisioned_roles(is_crew=unit.is_crew, is_contractor=unit.is_contractor)
    ]


def _place(number: str) -> tuple[Unit, str]:
    found = next((place for place in _places() if _number(*place) == number), None)
    if found is None:
        raise NotFoundException(detail=f"there is no Group {number}")
    return found


def _members(places: Iterable[tuple[Unit, str]]) -> dict[tuple[int, str], list[Member]]:
    """Who is in these groups, in one statement."""
    units = {unit.pk for unit, _role in places}
    held = Membership.objects.provisioned(clock.today()).filter(unit__in=units)
    rows = held.values_list("unit_id", "role", "user__staff_record__uid", "user__name").distinct()
    found: dict[tuple[int, str], list[Member]] = defaultdict(list)
    for unit, role, uid, name in rows.order_by("user__staff_record__uid"):
        found[unit, role].append(Member(value=str(uid), ref=f"Users/{uid}", type="User", display=name))
    return found


def _group(unit: Unit, role: str, members: dict[tuple[int, str], list[Member]] | None) -> Resource[Any]:
    members = _members([(unit, role)]) if members is None else members
    shown = Group(id=_number(unit, role), display_name=_name(unit, role), members=members.get((unit.pk, role)))
    return _with_meta(shown, "Group")


def _search_groups(request: SearchRequest[Any]) -> SearchPage:
    """Groups are as many as the directory has units and roles, so they are weighed in memory; members are read for a
    page only, unless the filter asks for them."""
    places = _places()
    asked = f"{request.filter or ''} {request.sort_by or ''}".lower()
    every = _members(places) if "members" in asked or "meta" in asked else {}
    groups = [(place, _group(*place, every)) for place in places]
    if request.filter is not None:
        groups = [each for each in groups if request.filter.match(each[1])]
    by_resource = {id(group): place for place, group in groups}
    found = [by_resource[id(group)] for group in request.sort([group for _place, group in groups])]
    page = found[request.start_index_0 : request.stop_index_0]
    members = every or _members(page)
    return SearchPage(len(found), [_group(*place, members) for place in page])
