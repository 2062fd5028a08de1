"""Fixtures with a city in them: the pack of the settings, loaded, and people in their roles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection


@pytest.fixture
def city(db: None) -> Any:
    """The Kaohsiung pack, which every test's database holds."""
    from organisation.pack import pack

    return pack()


@pytest.fixture
def no_city(db: None) -> None:
    """A city hall on its first day: no pack is loaded."""
    with connection.cursor() as cursor:
        take_city_out(cursor)


def take_city_out(cursor: Any) -> None:
    """Delete what the loading of the pack left in a database: ``cursor`` is Django's or a connection of psycopg."""
    from organisation.models import Agency, CalendarOverride, City, District, Post, Unit, Village

    for model in (City, CalendarOverride, Village, District, Post, Unit, Agency):
        cursor.execute(f"DELETE FROM {model._meta.db_table}")


@pytest.fixture
def staff(city: Any) -> Callable[..., Any]:
    """``staff("case_officer", "pwb-roads")``: a person with a role in a unit (by code), an agency, or the city."""
    from identity.models import User
    from organisation import directory
    from organisation.models import Agency, Membership

    def make(role: str, unit: str = "", agency: str = "", name: str = "") -> User:
        user = User.objects.create_user(
            username=f"{role}-{User.objects.count()}",
            name=name or role,
            email=f"{role}@cityhall.example",
            password=None,
        )
        if role != "citizen":
            Membership.objects.create(
                user=user,
                role=role,
                unit=directory.unit(unit) if unit else None,
                agency=Agency.objects.get(code=agency) if agency else None,
                since=date(2020, 1, 1),
            )
        return user

    return make


@pytest.fixture
def report(city: Any) -> Callable[..., Any]:
    """``report("pothole", email="a@example.com")``: a case, filed as the doors file it."""
    from cases.actions.filing import Filing, Reporter, file_case
    from cases.models import Case

    def make(kind: str = "pothole", *, email: str = "", phone: str = "", user: Any = None, **facts: Any) -> Case:
        from cases.registry import kinds

        fields = {f.name: f.choices[0].value for f in kinds()[kind].fields if f.required and f.type == "choice"}
        fields |= {f.name: "測試" for f in kinds()[kind].fields if f.required and f.type == "text"}
        facts = {
            "description": "路面破一個洞。",
            "lon": 120.3121,
            "lat": 22.6205,
            "address": "苓雅區四維三路2號",
        } | facts
        filed = file_case(
            Filing(
                kind_code=kind,
                fields=facts.pop("fields", fields),
                reporter=Reporter(email=email, phone=phone, user=user),
                **facts,
            )
        )
        return Case.objects.for_list().get(pk=filed.pk)

    return make
