"""What the personnel system changed, as its officer and the administrator see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.clock import today
from identity.actions.linking import link_accounts, offer_link
from identity.models import Disclosure
from organisation import directory
from organisation.actions import appoint, personnel
from organisation.actions.personnel import Program

pytestmark = pytest.mark.django_db
BY = Program(None, "import staff")


def hire(number: int) -> Any:
    facts = {"username": f"a{number}", "employee_number": f"A{number}", "name": f"王{number}", "language": "zh-hant"}
    staff = personnel.hire(BY, facts)
    personnel.join(BY, staff, directory.unit("pwb-roads"), "case_officer")
    return staff


def test_the_changes_are_listed_found_and_the_look_is_written_down(staff: Callable[..., Any]) -> None:
    officer, client = staff("personnel_officer"), Client()
    client.force_login(officer)
    assert "人事系統還沒有異動" in client.get("/personnel/").text and not Disclosure.objects.exists()
    first = hire(1)
    personnel.amend(BY, first, {"title": "工程員"})

    def asked(query: str = "") -> tuple[str, int]:
        with CaptureQueriesContext(connection) as said:
            page = client.get(f"/personnel/{query}")
        assert page.status_code == 200
        return page.text, len(said)

    text, one = asked()
    assert "王1" in text and "A1" in text and "import staff" in text and "職稱" in text and "承辦人員" in text
    assert Disclosure.objects.filter(actor=officer, subject="user").exists() and "/people/" not in text
    for number in range(2, 30):
        hire(number)
    assert asked()[1] == one
    assert asked("?q=A7")[0].count("王7") and "王8" not in asked("?q=A7")[0]
    assert "沒有符合的異動" in asked("?q=nobody")[0]
    assert "工程員" not in asked("?verb=joined")[0] and asked("?verb=nothing")[0]
    assert "page=2" in asked()[0]


def test_the_administrator_goes_on_to_the_account_and_others_stay_out(staff: Callable[..., Any]) -> None:
    who, client = hire(1), Client()
    client.force_login(staff("system_administrator"))
    assert f"/people/{who.user_id}/" in client.get("/personnel/").text
    assert "import staff" in client.get(f"/people/{who.user_id}/").text
    client.force_login(staff("case_officer", "pwb-roads"))
    assert client.get("/personnel/").status_code == 403


def test_the_citizens_half_of_somebody_gets_no_office(staff: Callable[..., Any]) -> None:
    officer, citizen, admin = staff("case_officer", "pwb-roads"), staff("citizen"), staff("system_administrator")
    link_accounts(citizen, offer_link(officer))
    with pytest.raises(Exception, match="市民帳號"):
        appoint(admin, citizen, "editor", since=today())
