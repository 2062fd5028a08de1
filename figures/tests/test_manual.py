"""Figures without records: what their owners enter, how it is read, and that nothing of it is lost."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from unittest.mock import patch

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils.translation import override

from figures import actions, queries
from figures.checks import missing
from figures.models import Correction, ManualEntry, Observation, Target
from figures.registry import KINDS, Manual, Period, registry
from figures.registry.city import said
from figures.rules import reached
from foundation.clock import TAIPEI
from identity.factories import person
from identity.models import User
from organisation import directory
from organisation.models import Agency, Membership

YEAR = Period.year(2022)


@pytest.fixture
def visits(slips: None):
    with time_machine.travel(datetime(2023, 7, 1, 12, tzinfo=TAIPEI), tick=False):
        yield registry.figure("slips.visits")


def test_a_value_is_entered_with_evidence_and_read_like_any_other(visits: Manual) -> None:
    assert queries.value("slips.visits", YEAR).value is None
    entry = actions.enter(visits, YEAR, Decimal(12), "查訪紀錄表")
    reading = queries.value("slips.visits", YEAR)
    assert (reading.value, reading.is_manual, reading.is_corrected) == (12, True, False)
    assert queries.recount("slips.visits", YEAR).value == 12  # there is nothing to count
    assert ManualEntry.objects.get() == entry
    assert not queries.value("slips.done", YEAR).is_manual


def test_what_is_computed_from_something_typed_is_marked_too(visits: Manual) -> None:
    assert queries.value("slips.visits_share", YEAR).is_manual
    assert registry.grains_of(registry.figure("slips.visits_share")) == ("year",)


@pytest.mark.parametrize(
    "field, given",
    [
        ("evidence", {"evidence": " "}),
        ("value", {"value": Decimal("1.5")}),
        ("value", {"value": Decimal(10) ** 14}),
        ("value", {"value": Decimal("NaN")}),
        ("period", {"period": Period.month(2022, 8)}),
        ("period", {"period": Period.year(2024)}),
    ],
)
def test_what_cannot_be_entered_is_refused_by_field_and_changes_nothing(visits, field, given) -> None:
    facts = {"period": YEAR, "value": Decimal(12), "evidence": "查訪紀錄表"} | given
    with pytest.raises(ValidationError) as refused:
        actions.enter(visits, **facts)
    assert list(refused.value.message_dict) == [field]
    assert not ManualEntry.objects.exists() and not Observation.objects.filter(figure="slips.visits").exists()


def test_a_correction_takes_a_reason_and_keeps_what_was_there(visits: Manual) -> None:
    actions.enter(visits, YEAR, Decimal(12), "查訪紀錄表")
    with pytest.raises(ValidationError) as refused:
        actions.enter(visits, YEAR, Decimal(13), "查訪紀錄表")
    assert "reason" in refused.value.message_dict
    actions.enter(visits, YEAR, Decimal(13), "查訪紀錄表", reason="漏列一個機關")
    assert [entry.value for entry in ManualEntry.objects.of("slips.visits", YEAR)] == [13, 12]
    assert queries.value("slips.visits", YEAR).value == 13
    assert not Correction.objects.exists()  # nothing was published yet


def test_after_the_closing_both_values_stay_visible(visits: Manual) -> None:
    actions.enter(visits, YEAR, Decimal(12), "查訪紀錄表")
    actions.freeze(YEAR)
    actions.enter(visits, YEAR, Decimal(13), "查訪紀錄表", reason="漏列一個機關")
    reading = queries.value("slips.visits", YEAR)
    assert (reading.value, reading.now.value, reading.is_corrected) == (12, 13, True)
    correction = Correction.objects.get()
    assert (correction.published, correction.before, correction.after, correction.reason) == (
        12,
        12,
        13,
        "漏列一個機關",
    )


def test_what_was_missing_at_the_closing_is_a_correction_when_it_comes(visits: Manual) -> None:
    actions.freeze(YEAR)
    actions.enter(visits, YEAR, Decimal(12), "查訪紀錄表")
    reading = queries.value("slips.visits", YEAR)
    assert (reading.value, reading.now.value, reading.is_corrected) == (None, 12, True)
    actions.rebuild()
    assert queries.value("slips.visits", YEAR) == reading


def test_the_database_refuses_to_change_or_remove_an_entry(visits: Manual) -> None:
    actions.enter(visits, YEAR, Decimal(12), "查訪紀錄表")
    for change in (lambda: ManualEntry.objects.update(value=9), lambda: ManualEntry.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert ManualEntry.objects.get().value == 12


def test_a_rebuild_keeps_what_was_entered_and_brings_back_what_was_forgotten(visits: Manual) -> None:
    actions.enter(visits, YEAR, Decimal(12), "查訪紀錄表")
    actions.rebuild()
    assert queries.value("slips.visits", YEAR).value == 12
    Observation.objects.all().delete()
    actions.rebuild()
    assert queries.value("slips.visits", YEAR).value == 12


# What the pack declares.


def test_the_figures_of_the_pack_are_complete_in_both_languages() -> None:
    declared = said().figures
    assert len(declared) > 120
    for figure in declared.values():
        assert missing(figure) == []
        assert registry.owner_of(figure) and registry.chapter_of(figure), figure.code
        for name in ("label", "unit", "definition", "law"):
            with override("zh-hant"):
                zh = str(getattr(figure, name))
            with override("en"):
                en = str(getattr(figure, name))
            assert bool(zh) == bool(en) and en.isascii(), (figure.code, name)
        assert isinstance(figure, Manual) is (figure.kind == "manual") and str(figure.kind_label) == str(
            KINDS[figure.kind]
        )
        assert all(registry.figure(part) for part in figure.parts)


def test_a_desk_goes_before_the_pack_and_every_desk_figure_of_the_report_has_its_chapter() -> None:
    assert not set(said().figures) & set(registry._figures), "a desk counts it now: take it out of figures.toml"
    assert registry.chapter_of(registry.figure("servicerequests.dispatches")) == "5.1"
    assert set(said().chapters) <= {figure.code for figure in registry.figures()}


def test_entries_that_hold_are_found_once_each(visits: Manual) -> None:
    for number, year in ((1, 2021), (2, 2022)):
        actions.enter(visits, Period.year(year), Decimal(number), "表")
        actions.enter(visits, Period.year(year), Decimal(number + 5), "表", reason="更正")
    latest = ManualEntry.objects.that_hold(["slips.visits"], date(2021, 1, 1), date(2022, 12, 31))
    assert sorted(entry.value for entry in latest) == [6, 7]


# The pages of those who enter.


@pytest.fixture
def keeper(visits: Manual) -> User:
    agency = Agency.objects.get(code="pwb")
    user = person("keeper")
    Membership.objects.create(user=user, role="figure_keeper", agency=agency, since=date(2020, 1, 1))
    directory.forget()
    yield user
    directory.forget()


def test_a_keeper_enters_corrects_and_sees_what_is_missing(client: Client, keeper: User) -> None:
    client.force_login(keeper)
    assert "還缺 1 項" in client.get("/figures/manual/?year=2022").text
    form = "/figures/slips.visits/2022/entry/"
    refused = client.post(form, {"value": "十二", "evidence": "查訪紀錄表"})
    assert refused.status_code == 422 and "「數值」請填數字" in refused.text and "查訪紀錄表" in refused.text
    assert not ManualEntry.objects.exists()
    assert client.post(form, {"value": "1,012", "evidence": "查訪紀錄表"}).status_code == 302
    without_reason = client.post(form, {"value": "13", "evidence": "查訪紀錄表"})
    assert without_reason.status_code == 422 and "請填寫「更正原因」" in without_reason.text
    client.post(form, {"value": "13", "evidence": "新表", "address": "https://example.com/", "reason": "多打了"})
    assert [(e.value, e.entered_by) for e in ManualEntry.objects.of("slips.visits", YEAR)] == [
        (13, keeper),
        (1012, keeper),
    ]
    assert "還沒填報的" in client.get("/figures/manual/?year=2022&only=missing").text
    page = Client().get("/figures/slips.visits/2022/").text  # to everybody
    for word in ("人工填報", "1,012", "新表", "多打了"):
        assert word in page
    assert "/entry/" not in page
    assert "人工填報" in Client().get("/figures/?year=2022").text
    assert "人工填報" in Client().get("/figures/slips.visits/?year=2022").text
    assert "含人工填報" in Client().get("/figures/slips.visits_share/2022/").text


def test_others_figures_are_not_entered(client: Client, keeper: User) -> None:
    other = replace(registry.figure("slips.visits"), code="slips.others", owner="rdec")
    with patch.dict(registry._figures, {"slips.others": other}):
        client.force_login(keeper)
        assert client.get("/figures/slips.others/2022/entry/").status_code == 404
        assert client.post("/figures/slips.others/2022/entry/", {"value": 1, "evidence": "表"}).status_code == 404
        answer = client.post("/figures/manual/import/", {"file": csv_file("slips.others,2022,3,表")})
        assert "不是您的機關主管" in answer.text
        assert not ManualEntry.objects.exists()
        assert client.get("/figures/slips.visits/2022/entry/").status_code == 200


def csv_file(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("values.csv", "\n".join(["code,period,value,evidence", *lines]).encode())


def test_a_file_brings_many_and_says_what_it_does_not_take(client: Client, keeper: User) -> None:
    client.force_login(keeper)
    lines = ("slips.visits,2022,12,表", "slips.visits,2021,1.5,表", "slips.done,2022,3,表", "slips.visits,2020,4,")
    answer = client.post("/figures/manual/import/", {"file": csv_file(*lines)})
    assert "小數超過 0 位" in answer.text and "是系統算出的" in answer.text and "沒有填" in answer.text
    assert [(e.value, e.entered_by) for e in ManualEntry.objects.all()] == [(12, keeper)]
    client.post("/figures/manual/import/", {"file": csv_file("slips.visits,2022,12,表")})
    assert ManualEntry.objects.count() == 1  # as it was
    assert client.post("/figures/manual/import/", {"file": csv_file()}).status_code == 200
    assert client.post("/figures/manual/import/", {}).status_code == 422
    assert "不認識這些欄位" in client.post(
        "/figures/manual/import/", {"file": SimpleUploadedFile("x.csv", b"code,period,value,evidence,nonsense\n")}
    ).text  # fmt: skip


def test_the_list_asks_as_often_for_many_figures_as_for_one(client, keeper, django_assert_max_num_queries) -> None:
    client.force_login(keeper)

    def count() -> int:
        with django_assert_max_num_queries(16) as asked:
            client.get("/figures/manual/?year=2022")
        return len(asked)

    count()  # the directory is remembered from here on
    at_one = count()
    visits = registry.figure("slips.visits")
    more = {f"slips.v{n}": replace(visits, code=f"slips.v{n}") for n in range(20)}
    with patch.dict(registry._figures, more):
        for figure in more.values():
            actions.enter(figure, YEAR, Decimal(1), "表")
        assert count() == at_one


# Targets.


def test_the_owner_sets_a_target_and_what_was_set_before_stays(client: Client, keeper: User) -> None:
    client.force_login(keeper)
    address = "/figures/slips.visits/2023/target/"
    refused = client.post(address, {"value": "很多", "reason": "施政計畫"})
    assert refused.status_code == 422 and "「目標」請填數字" in refused.text and "施政計畫" in refused.text
    assert client.post(address, {"value": "20", "reason": "施政計畫"}).status_code == 302
    actions.enter(registry.figure("slips.visits"), Period.year(2023), Decimal(15), "表")
    assert "還沒達成" in client.get("/figures/slips.visits/2023/").text
    client.post(address, {"value": "14", "reason": "期中檢討"})
    assert [target.value for target in Target.objects.of("slips.visits", Period.year(2023))] == [14, 20]
    page = Client().get("/figures/slips.visits/2023/").text
    assert "目標：至少" in page and "期中檢討" in page and "達成" in page and "/target/" not in page
    assert "施政計畫" in client.get(address).text
    over = client.post("/figures/slips.visits/2022/target/", {"value": "9", "reason": "事後"})
    assert over.status_code == 422 and "不能再訂目標" in over.text
    assert client.get("/figures/slips.limit/2023/target/").status_code == 404  # another agency's, or nobody's
    with pytest.raises(DatabaseError), transaction.atomic():
        Target.objects.update(value=1)
    assert reached(Decimal(4), Decimal(4), at_most=True) and not reached(Decimal(5), Decimal(4), at_most=True)
