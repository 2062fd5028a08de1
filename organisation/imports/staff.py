"""Staff out of the personnel system's list, one line a person; the same list again changes nothing.

A number that is known is corrected: what the file says takes the place of what was there, and what it leaves empty
stays. Another unit or role ends the membership that an earlier file began and begins one today; memberships that people
gave stay. Who has a last day that is over loses account and memberships; who is not in the file stays, as a file may be
of one agency. A new account has no password: its letter has a link that sets one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_email
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.clock import today
from foundation.imports import Column, Import, Refused, parsers, register
from foundation.imports.registry import Key, Record
from identity.models import User
from identity.models.user import USERNAME_PATTERN
from identity.permissions import ROLES
from organisation import directory
from organisation.actions import personnel
from organisation.actions.personnel import Program, Taken
from organisation.models import StaffRecord, Unit
from organisation.rules import PROVISIONED_ROLES, provisioned_roles

BY: Final = Program(None, "import staff")
# Columns that are texts of the record or the account.
FACTS: Final = ("username", "name", "email", "title", "organization", "department", "since", "until")


@dataclass
class Context:
    """What a run looks up: the units that exist, by their codes and by the names of agency and unit."""

    units: dict[str, Unit]


def begin() -> Context:
    """Once a run."""
    units: dict[str, Unit] = {}
    for unit in directory.units().values():
        units[unit.code] = unit
        units.setdefault(f"{unit.agency.name}{unit.name}", unit)
    return Context(units)


def account_name(value: str) -> str:
    """A user name in its one spelling."""
    name = User.normalize_username(value)
    try:
        RegexValidator(USERNAME_PATTERN)(name)
    except ValidationError:
        message = _("「%(value)s」不能當帳號：請用小寫英文字母、數字與 . @ _ + -，2 至 64 個字")
        raise Refused(message, value=value[:64]) from None
    return name


def address(value: str) -> str:
    """An e-mail address."""
    try:
        validate_email(value)
    except ValidationError:
        raise Refused(_("「%(value)s」不是電子郵件"), value=value[:100]) from None
    return value


def check(record: Record, context: Context) -> Record:
    """Find the unit and the role that it gives; a unit without a role gives its usual one."""
    if record["since"] and record["until"] and record["until"] < record["since"]:
        raise Refused(_("離職日早於到職日"), column="until")
    place = None
    if record["unit"]:
        stated = record["unit"].replace(" ", "")
        place = context.units.get(stated) or context.units.get(f"{record['organization'] or ''}{stated}")
        if place is None:
            raise Refused(_("單位名冊沒有「%(value)s」"), column="unit", value=record["unit"])
        allowed = provisioned_roles(is_crew=place.is_crew, is_contractor=place.is_contractor)
        record["role"] = record["role"] or ("crew" if place.is_crew else "case_officer")
        if record["role"] not in allowed:
            raise Refused(_("這個單位不能有「%(value)s」"), column="role", value=str(ROLES[record["role"]].label))
    elif record["role"]:
        raise Refused(_("有角色就要有單位"), column="unit")
    if record["manager"] == record["employee_number"]:
        raise Refused(_("主管不能是本人"), column="manager")
    return record | {
        "place": place,
        "organization": record["organization"] or (place.agency.name if place else None),
        "department": place.name if place else None,
        "username": record["username"] or account_name(record["employee_number"]),
    }


def existing(records: Mapping[Key, Record], cursor: Any) -> Iterable[Key]:
    """Which of these people are as the file has them; so is who left before the city hall ever knew them."""
    known = _known(records)
    for key, record in records.items():
        staff = known.get(record["employee_number"])
        over = record["until"] is not None and record["until"] < today()
        if staff is None or staff.removed_at is not None:
            if over:
                yield key
        elif not over and _is_so(record, staff):
            yield key


def objections(records: Mapping[Key, Record], cursor: Any) -> dict[Key, list[Refused]]:
    """What of a line cannot be done: a user name that is another's, a manager whom nobody knows."""
    known = _known(records)
    owners = dict(
        User.objects.filter(username__in=[record["username"] for record in records.values()]).values_list(
            "username", "pk"
        )
    )
    managers = {record["manager"] for record in records.values() if record["manager"]}
    there = set(
        StaffRecord.objects.on_the_books()
        .filter(employee_number__in=managers)
        .values_list("employee_number", flat=True)
    ) | {record["employee_number"] for record in records.values()}
    found: dict[Key, list[Refused]] = {}
    for key, record in records.items():
        staff = known.get(record["employee_number"])
        owner = owners.get(record["username"])
        if owner is not None and (staff is None or staff.user_id != owner):
            why = Refused(_("帳號「%(value)s」已經有人使用"), column="username", value=record["username"])
            found.setdefault(key, []).append(why)
        elif staff is not None and _would_enter(record, staff):
            message = _("這個帳號有人事系統不能給的職務，帳號與電子郵件請由系統管理員修改。")
            found.setdefault(key, []).append(Refused(message, column="email"))
        if record["manager"] and record["manager"] not in there:
            why = Refused(_("沒有員工編號「%(value)s」的主管"), column="manager", value=record["manager"])
            found.setdefault(key, []).append(why)
    return found


def write(records: list[Record], cursor: Any, context: Context) -> int:
    """People, new, changed or gone, in the batch's transaction; managers last, as they may be of the same batch."""
    by_key: dict[Key, Record] = {(record["employee_number"],): record for record in records}
    refused = objections(by_key, cursor)
    known = _known(by_key)
    written = 0
    for key, record in by_key.items():
        columns = {why.column for why in refused.get(key, ())}
        if "username" in columns:
            continue
        kept = {"username", "email"} if "email" in columns else set()
        try:
            known[record["employee_number"]] = _apply(record, known.get(record["employee_number"]), kept)
        except Taken as taken:  # by another process, a moment ago
            raise IntegrityError(f"{taken.field} is taken") from None
        written += 1
    _name_managers(by_key.values(), known)
    return written


def _apply(record: Record, staff: StaffRecord | None, kept: set[str]) -> StaffRecord:
    facts = {name: record[name] for name in FACTS if record[name] is not None and name not in kept}
    over = record["until"] is not None and record["until"] < today()
    if staff is None or staff.removed_at is not None:
        staff = personnel.hire(BY, facts | {"language": "zh-hant", "employee_number": record["employee_number"]})
    elif over:
        personnel.leave(BY, staff, record["until"])
        return staff
    else:
        personnel.amend(BY, staff, facts)
    if record["place"] is not None:
        personnel.assign(BY, staff, record["place"], record["role"], record["since"], record["until"])
    return staff


def _name_managers(records: Iterable[Record], known: dict[str, StaffRecord]) -> None:
    wanted = {record["employee_number"]: record["manager"] for record in records if record["manager"]}
    others = StaffRecord.objects.on_the_books().filter(employee_number__in=set(wanted.values()) - known.keys())
    managers = known | {each.employee_number: each for each in others}
    for number, manager in wanted.items():
        staff, boss = known.get(number), managers.get(manager)
        if staff is not None and boss is not None and staff.removed_at is None and staff.manager_id != boss.pk:
            personnel.amend(BY, staff, {"manager": boss})


def _known(records: Mapping[Key, Record]) -> dict[str, StaffRecord]:
    numbers = [record["employee_number"] for record in records.values()]
    found = StaffRecord.objects.filter(employee_number__in=numbers).select_related("user", "manager", "post")
    return {staff.employee_number: staff for staff in found}


def _is_so(record: Record, staff: StaffRecord) -> bool:
    """Whether all that a line says is so already."""
    there = {"username": staff.user.username, "name": staff.user.name, "email": staff.user.email}
    for name in FACTS:
        if record[name] is not None and record[name] != there.get(name, getattr(staff, name, None)):
            return False
    if record["manager"] and (staff.manager is None or staff.manager.employee_number != record["manager"]):
        return False
    return record["place"] is None or personnel.holds(staff, record["place"], record["role"], record["until"])


def _would_enter(record: Record, staff: StaffRecord) -> bool:
    ways = {"username": staff.user.username, "email": staff.user.email}
    differs = any(record[name] is not None and record[name] != there for name, there in ways.items())
    return differs and staff.removed_at is None and personnel.is_protected(BY, staff.user)


def export(filters: dict[str, Any]) -> Iterator[Record]:
    """The same columns back, by number: who is on the books."""
    people = StaffRecord.objects.on_the_books().select_related("user", "manager", "post__unit")
    for staff in people.order_by("employee_number").iterator(chunk_size=2000):
        place = staff.post.unit if staff.post else None
        yield {
            "employee_number": staff.employee_number,
            "name": staff.user.name,
            "username": staff.user.username,
            "email": staff.user.email,
            "organization": staff.organization,
            "unit": place.code if place else None,
            "role": staff.post.role if staff.post else None,
            "title": staff.title,
            "manager": staff.manager.employee_number if staff.manager else None,
            "since": staff.since,
            "until": staff.until,
        }


ROLE_NAMES: Final = {"承辦人員": "case_officer", "單位主管": "unit_head", "外勤人員": "crew", "話務人員": "call_agent"}
_number = parsers.source_number(40)

STAFF = register(
    Import(
        code="staff",
        label=gettext_lazy("員工名冊"),
        columns=(
            Column("employee_number", _number, required=True, help=gettext_lazy("員工編號")),
            Column("name", parsers.text(100), required=True, help=gettext_lazy("姓名")),
            Column("username", account_name, help=gettext_lazy("帳號；留空則用員工編號")),
            Column("email", address, help=gettext_lazy("公務電子郵件；新帳號的設定密碼連結寄到這裡")),
            Column("organization", parsers.text(160), help=gettext_lazy("機關名稱；留空則由單位判斷")),
            Column("unit", parsers.text(160), help=gettext_lazy("單位的代碼或名稱；留空則不給職務")),
            Column(
                "role",
                parsers.choice({role: role for role in PROVISIONED_ROLES} | ROLE_NAMES),
                help=gettext_lazy("角色；留空則為承辦人員，外勤隊為外勤人員"),
            ),
            Column("title", parsers.text(80), help=gettext_lazy("職稱")),
            Column("manager", _number, help=gettext_lazy("主管的員工編號")),
            Column("since", parsers.day, help=gettext_lazy("到職日")),
            Column("until", parsers.day, help=gettext_lazy("離職日（最後上班日）；過了就停用帳號、結束職務")),
        ),
        key=("employee_number",),
        begin=begin,
        check=check,
        existing=existing,
        objections=objections,
        write=write,
        export=export,
    )
)
