"""Citizen supervision across two desks that do not know each other: the flow of one, the register of the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.registry import kinds
from publicworks.models import CitizenReport, Work
from publicworks.tests.conftest import HERE, work  # noqa: F401  a fixture
from servicerequests.tests.walking import Walker, picture

pytestmark = pytest.mark.django_db

POINT = f"{HERE[1]}, {HERE[0]}"
WHICH, NONE = "是附近的哪一項工程？", "都不是，或不確定"

type Works = Callable[..., Work]


@pytest.fixture
def walker(city: Any) -> Walker:
    """A citizen who has not signed in, with a browser without JavaScript."""
    return Walker()


def to_the_end(walker: Walker) -> Case:
    if "不是同一件" in walker.page:
        walker.send()
    walker.send(files={"photos": [picture()]})
    walker.send(email="a@example.com")
    assert "送出前再看一次" in walker.page
    walker.send()
    assert walker.status == 200, walker.page
    return Case.objects.for_list().get()


def test_from_the_start_the_works_nearby_are_offered_and_decide_who_answers(walker: Walker, work: Works) -> None:  # noqa: F811
    lon, lat = HERE
    near, chosen = work("111-near"), work("111-chosen", at=(lon + 0.003, lat), unit="transport-facilities")
    far = work("111-far", at=(lon + 0.03, lat))
    walker.get("/report/").send("text", text="全民督工：剛鋪好的人行道就龜裂了")
    assert "工程品質" in walker.page
    walker.what(kinds()["works_quality"]).where(point=POINT)
    assert WHICH in walker.page and NONE in walker.page and far.name not in walker.page
    assert walker.page.index(near.name) < walker.page.index(chosen.name)
    assert walker.form("f_work").choices["f_work"] == ["111-near", "111-chosen", ""]
    walker.send(f_work="111-chosen")
    case = to_the_end(walker)
    assert (case.unit.code, case.fields["work"]) == ("transport-facilities", "111-chosen")
    assert CitizenReport.objects.get(case=case).work == chosen and case.attachments.count() == 1
    page = walker.get(f"/track/{case.number}/").page
    assert chosen.name in page


def test_none_of_them_is_an_answer(walker: Walker, work: Works) -> None:  # noqa: F811
    work()
    walker.what(kinds()["works_site"]).where(point=POINT)
    walker.send(f_work="")
    case = to_the_end(walker)
    assert "work" not in case.fields and case.unit.code == "pwb-construction"
    assert not CitizenReport.objects.exists()


def test_where_no_work_is_near_or_the_place_is_in_words_nobody_asks(walker: Walker, work: Works) -> None:  # noqa: F811
    work(at=(HERE[0] + 0.05, HERE[1]))
    walker.what(kinds()["works_site"]).where(point=POINT)
    assert WHICH not in walker.page and "有照片嗎" in walker.page
    walker.what(kinds()["works_site"]).where()
    assert WHICH not in walker.page and "有照片嗎" in walker.page


def test_from_its_own_page_the_work_is_chosen_and_the_place_is_known(walker: Walker, work: Works) -> None:  # noqa: F811
    subject, other = work("111 工/01", address="四維三路 2 號前"), work("111-other")
    page = walker.get(subject.get_absolute_url()).page
    address = next(part for part in page.split('"') if part.startswith("/report/works_safety/?work="))
    walker.get(address).send(f_issue="fence", description="圍籬倒了")
    assert walker.form("address").values["address"] == "四維三路 2 號前"
    assert walker.form("point").values["point"] == "22.620500, 120.312100"
    walker.send()
    assert WHICH not in walker.page
    walker.send()  # no photos
    walker.send(email="a@example.com")
    assert subject.name in walker.page and other.name not in walker.page  # on the page before sending
    walker.send(go="edit:which")
    assert walker.form("f_work").values["f_work"] == subject.tender_number
    walker.send()
    walker.send()
    assert CitizenReport.objects.get().work == subject


def test_another_place_asks_again_and_keeps_the_choice(walker: Walker, work: Works) -> None:  # noqa: F811
    subject = work("111-0001")
    walker.get("/report/works_safety/?work=111-0001").send(f_issue="fence", description="圍籬倒了")
    walker.send(point=f"{HERE[1] + 0.02}, {HERE[0]}", address="")
    assert WHICH in walker.page and walker.form("f_work").values["f_work"] == subject.tender_number
    # A work that nobody has begins an ordinary report.
    assert walker.get("/report/works_safety/?work=nothing").status == 200


def test_a_choice_that_is_not_offered_is_refused_by_name(walker: Walker, work: Works) -> None:  # noqa: F811
    work()
    walker.what(kinds()["works_site"]).where(point=POINT)
    walker.send(f_work="made up")
    assert walker.status == 422 and "請從列出的項目中選一項" in walker.page
    assert WHICH in walker.page


def test_twenty_works_cost_what_one_does(walker: Walker, work: Works) -> None:  # noqa: F811
    counts = []
    for more in (1, 19):
        for number in range(more):
            work(f"111-{more}-{number}")
        walker.what(kinds()["works_site"])
        with CaptureQueriesContext(connection) as queries:
            walker.where(point=POINT)
        counts.append(len(queries))
    assert counts[0] == counts[1]
