"""The people of the demo: one account per role for visitors, and colleagues so that the units are not empty."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password

from cases.registry import kinds, registry
from figures.registry import registry as registry_of_figures
from foundation.clock import today
from identity.models import User
from identity.permissions import ROLES
from organisation import directory
from organisation.actions import personnel
from organisation.actions.personnel import Program
from organisation.models import Agency, Membership, StaffRecord, Unit

PASSWORD = "cityhall-demo-2022"

SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂"
GIVEN = (
    "佳蓉",
    "志明",
    "淑芬",
    "俊傑",
    "怡君",
    "建宏",
    "雅婷",
    "家豪",
    "美玲",
    "宗翰",
    "欣怡",
    "冠宇",
    "惠雯",
    "柏翰",
    "麗華",
    "彥廷",
)


@dataclass(frozen=True)
class Account:
    """One account that a visitor may play, and where it begins."""

    username: str
    role: str
    name: str
    start: str
    duty: str = ""  # a family of kinds, where the role alone does not say what it is about

    @property
    def label(self) -> str:
        role = str(ROLES[self.role].label)
        return f"{role}（{registry.families[self.duty].label}）" if self.duty in registry.families else role


ACCOUNTS = (
    Account("citizen", "citizen", "林小港", "/report/"),
    Account("agent", "call_agent", "陳話務", "/desk/?list=all"),
    Account("officer", "case_officer", "林佳蓉", "/desk/"),
    Account("builder", "case_officer", "周工程", "/desk/?list=all", duty="supervision"),
    Account("head", "unit_head", "黃科長", "/desk/workload/"),
    Account("director", "agency_head", "張局長", "/desk/workload/"),
    Account("crew", "crew", "王小組", "/crew/"),
    Account("keeper", "figure_keeper", "何統計", "/figures/manual/"),
    Account("controller", "controller", "李研考", "/desk/?list=late"),
    Account("editor", "editor", "吳編輯", "/desk/reports/"),
    Account("auditor", "auditor", "劉稽核", "/disclosures/"),
    Account("systems", "system_manager", "趙資訊", "/relying-systems/"),
    Account("security", "security_officer", "孫資安", "/authentications/"),
    Account("personnel", "personnel_officer", "馮人事", "/personnel/"),
    Account("counter", "counter_officer", "許櫃台", "/recoveries/"),
    Account("admin", "system_administrator", "蔡管理", "/people/"),
)


def busiest_unit() -> Unit:
    """The unit of the first urgent kind: where the demo's officer works."""
    urgent = [kind for kind in kinds().values() if kind.urgent] or list(kinds().values())
    return directory.unit(urgent[0].default_unit)


def keepers_agency() -> Agency | None:
    """The agency that has the most figures to enter; None in a city that has none."""
    owners = Counter(registry_of_figures.owner_of(figure) for figure in registry_of_figures.manual())
    return directory.agency(owners.most_common(1)[0][0]) if owners else None


def unit_for(account: Account, home: Unit) -> Unit:
    """Where an officer of the demo works: with the cases of their duty, else with the urgent ones."""
    kind = next((kind for kind in kinds().values() if account.duty and kind.family.code == account.duty), None)
    return directory.unit(kind.default_unit) if kind else home


def crews_for(unit: Unit) -> list[Unit]:
    """The crews that work for a unit: those below it, else those of its agency, else any."""
    crews = [u for u in directory.units().values() if u.is_crew]
    return [u for u in crews if u.parent_id == unit.pk] or [u for u in crews if u.agency_id == unit.agency_id] or crews


def make_people(rng: Random) -> dict[int, list[int]]:
    """Make the accounts and colleagues, if they are not there yet; returns officers' keys by unit."""
    home = busiest_unit()
    crew = crews_for(home)[0]
    places = {
        "unit_head": {"unit": home}, "agency_head": {"agency": home.agency},
        "crew": {"unit": crew}, "figure_keeper": {"agency": keepers_agency() or home.agency},
        "system_manager": {"agency": home.agency},
    }  # fmt: skip
    password, nobody = make_password(PASSWORD), make_password(None)
    for account in ACCOUNTS:
        user = _person(account.username, account.name, password)
        if account.role == "case_officer":
            _member(user, account.role, unit=unit_for(account, home))
        elif account.role != "citizen":
            _member(user, account.role, **places.get(account.role, {}))
    serving = {kind.unit_for(None) for kind in kinds().values()} | {
        code for kind in kinds().values() for code in kind.unit_by_district.values()
    }
    number = 0
    for unit in sorted((directory.unit(code) for code in serving), key=lambda unit: unit.code):
        for role in ("case_officer", "case_officer", "unit_head"):
            if role == "unit_head" and unit.pk == home.pk:
                continue
            number += 1
            _member(_person(f"staff{number:03d}", _name(rng), nobody), role, unit=unit)
        for team in crews_for(unit):
            if not team.memberships.exists():
                number += 1
                _member(_person(f"staff{number:03d}", _name(rng), nobody), "crew", unit=team)
    _hire(rng, home)
    officers: dict[int, list[int]] = {}
    for unit_id, user_id in (
        Membership.objects.filter(role="case_officer").values_list("unit_id", "user_id").order_by("pk")
    ):
        officers.setdefault(unit_id, []).append(user_id)
    return officers


def _hire(rng: Random, home: Unit) -> None:
    """Some colleagues as the personnel system brought them, one of whom has left again."""
    if StaffRecord.objects.exists():
        return
    by, boss = Program(User.objects.get(username="personnel"), "scim och_demo0000"), None
    for number in range(1, 9):
        facts: dict[str, Any] = {"username": f"p{number:03d}", "employee_number": f"P{number:03d}", "name": _name(rng)}
        facts |= {"language": "zh-hant", "organization": home.agency.name, "department": home.name}
        staff = personnel.hire(by, facts | {"manager": boss})
        boss = boss or staff
        personnel.join(by, staff, home, "case_officer")
    personnel.amend(by, staff, {"title": "工程員"})
    personnel.leave(by, staff)


def _person(username: str, name: str, password: str) -> User:
    """An account; colleagues, who have no password, cannot be signed in to."""
    is_demo = not password.startswith("!")
    email = f"{username}@cityhall.example"
    defaults = {"name": name, "password": password, "is_demo": is_demo, "email": email}
    return User.objects.get_or_create(username=username, defaults=defaults)[0]


def _member(user: User, role: str, **where) -> None:
    Membership.objects.get_or_create(user=user, role=role, **where, defaults={"since": today()})


def _name(rng: Random) -> str:
    return rng.choice(SURNAMES) + rng.choice(GIVEN)
