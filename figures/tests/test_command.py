"""`manage.py figures ...`, the periodic task and the list of figures as a document."""

from collections.abc import Iterator
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from figures import actions, queries, tasks
from figures.models import Correction, Observation, Touched
from figures.registry import Period, registry
from figures.tests.slips import GROUP, Slip
from foundation.clock import TAIPEI

MOMENT = datetime(2022, 8, 5, 9, tzinfo=TAIPEI)


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("figures", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def summer(slips: None) -> Iterator[None]:
    with time_machine.travel(datetime(2033, 7, 1, 12, tzinfo=TAIPEI), tick=False):
        for year in (2021, 2022):
            moment = MOMENT.replace(year=year)
            Slip.objects.create(kind="light", received_at=moment, received_on=moment.date())
        yield


def test_rebuild_and_show() -> None:
    command("rebuild", "--year", "2022")
    assert command("show", "slips.received", "2022") == "1 件\n"
    assert command("show", "slips.received", "2021") == "0 件\n"
    assert "slips.received" in command("rebuild")
    assert command("show", "slips.received", "2021-08-05") == "1 件\n"
    assert command("show", "slips.on_time_share", "2021") == "－\n"


def test_a_rebuild_forgets_figures_that_are_no_longer_declared() -> None:
    command("rebuild")
    del registry._figures["slips.received"], registry._figures["slips.per_month"]
    command("rebuild")
    assert not Observation.objects.filter(figure="slips.received").exists()
    assert Observation.objects.filter(figure="slips.open").exists()


def test_refresh_and_the_periodic_task() -> None:
    actions.touch(GROUP, {MOMENT.date()})
    assert "1 days counted" in command("refresh")
    assert command("show", "slips.received", "2022-08") == "1 件\n"
    Slip.objects.all().delete()
    actions.touch(GROUP, {MOMENT.date()})
    tasks.refresh(timestamp=0)
    assert queries.value("slips.received", Period.month(2022, 8)).value == 0
    assert not Touched.objects.filter(slow=False).exists()


def test_what_takes_long_is_brought_up_to_date_less_often() -> None:
    Slip.objects.filter(received_on__year=2022).update(done_at=MOMENT.replace(hour=12), done_on=MOMENT.date())
    actions.touch(GROUP, {MOMENT.date()})
    tasks.refresh(timestamp=0)
    assert queries.value("slips.hours", Period.month(2022, 8)).value == 3
    assert queries.value("slips.hours", Period.year(2022)).value is None
    assert queries.up_to_date_at("slips.hours") < queries.up_to_date_at("slips.received") == queries.up_to_date_at()
    tasks.refresh(timestamp=0)  # what is left for later is left alone
    tasks.refresh_slow(timestamp=0)
    assert queries.value("slips.hours", Period.year(2022)).value == 3
    assert not Touched.objects.exists()


def test_touching_no_day_asks_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        actions.touch(GROUP, set())
    with django_assert_num_queries(1):
        actions.touch(GROUP, {date(2022, 8, 5), date(2022, 8, 6), date(2021, 8, 6)})
    assert Touched.objects.count() == 3


def test_marks_of_an_unknown_group_are_taken_and_told(caplog: pytest.LogCaptureFixture) -> None:
    actions.touch("nobody", {MOMENT.date()})
    actions.drain()
    assert "'nobody'" in caplog.text
    assert not Touched.objects.exists()


def test_freeze() -> None:
    command("rebuild")
    assert command("freeze", "2022-08") == "2022-08 is closed with 7 figures.\n"
    assert command("freeze", "2022").startswith("2022 is closed")
    Slip.objects.all().delete()
    command("rebuild", "--reason", "重新匯入")
    assert {c.reason for c in Correction.objects.all()} == {"重新匯入"}
    assert command("show", "slips.received", "2022") == "1 件\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["freeze", "2033"], "尚未終了"),
        (["freeze", "111"], "is not a period"),
        (["show", "slips.nothing", "2022"], "no figure slips.nothing; is it slips"),
        (["show", "slips.per_month", "2022-08"], "no values by month"),
    ],
)
def test_what_is_refused_says_why(arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        command(*arguments)


def test_the_document_is_written_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "figures.md"
    with pytest.raises(CommandError, match="not current"):
        command("doc", str(file), "--check")
    command("doc", str(file))
    text = file.read_text(encoding="utf-8")
    assert "## 期限內完成率 / 期限內完成率\n\n`slips.on_time_share`" in text
    assert "- From: `slips.on_time`, `slips.done`" in text
    assert command("doc", str(file), "--check") == ""
    file.write_text(text.replace("受理", "收件"), encoding="utf-8")
    with pytest.raises(CommandError, match="not current"):
        command("doc", str(file), "--check")
