"""Writers and the job that counts, at the same time, on connections of their own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from figures import actions, queries
from figures.actions import counting
from figures.models import Touched
from figures.registry import Period
from figures.tests.slips import GROUP, Slip, declared
from foundation.clock import TAIPEI

DAY = date(2022, 8, 5)
MOMENT = datetime(2022, 8, 5, 9, tzinfo=TAIPEI)

POOL = ThreadPoolExecutor(8)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    with declared():
        yield
        Slip.objects.all().delete()


def in_thread(function: Callable[[], Any]) -> Future[Any]:
    """Run on another connection, which it closes; whoever has to wait for a lock there fails."""

    def run() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            return function()
        finally:
            connection.close()

    return POOL.submit(run)


def beside(function: Callable[[], Any]) -> Any:
    """The same, and wait for it."""
    return in_thread(function).result(timeout=30)


def file_slip() -> None:
    """What a desk does: the record and the mark, in one transaction."""
    with transaction.atomic():
        Slip.objects.create(kind="light", received_at=MOMENT, received_on=DAY)
        actions.touch(GROUP, {DAY})


def received() -> int:
    return int(queries.value("slips.received", Period.day(DAY)).value)


def marks() -> int:
    return Touched.objects.filter(slow=False).count()


def test_writers_of_one_day_do_not_wait_for_each_other() -> None:
    with transaction.atomic():
        file_slip()
        beside(file_slip)  # while the first has not committed
    actions.drain()
    assert received() == 2


@pytest.mark.parametrize("moment", ["after the marks are taken", "after the count"])
def test_a_writer_that_commits_during_a_drain_is_not_lost(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh = counting._refresh

    def refresh_with_company(*args: Any) -> None:
        if moment == "after the marks are taken":
            beside(file_slip)
        refresh(*args)
        if moment == "after the count":
            beside(file_slip)

    file_slip()
    with monkeypatch.context() as patch:
        patch.setattr(counting, "_refresh", refresh_with_company)
        actions.drain(slow=False)
    assert marks() == 1
    assert received() == (2 if moment == "after the marks are taken" else 1)
    actions.drain()
    assert received() == 2
    assert not Touched.objects.exists()


def test_a_writer_who_is_slow_to_commit_is_counted_afterwards() -> None:
    with transaction.atomic():
        file_slip()
        beside(actions.drain)  # sees neither the slip nor its mark
    assert received() == 0
    actions.drain()
    assert received() == 1


def test_only_one_counts_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    refresh, drained = counting._refresh, []

    def refresh_beside_another(*args: Any) -> None:
        beside(file_slip)
        drained.append(beside(actions.drain))
        refresh(*args)

    file_slip()
    with monkeypatch.context() as patch:
        patch.setattr(counting, "_refresh", refresh_beside_another)
        assert actions.drain(slow=False) == 1
    assert drained == [0]
    assert marks() == 1  # what the other left


def test_many_writers_and_a_drain_that_never_rests() -> None:
    writers, each, stop = 4, 40, threading.Event()

    def write() -> None:
        for _ in range(each):
            file_slip()

    def drain() -> None:
        while not stop.is_set():
            actions.drain()

    drainers = [in_thread(drain), in_thread(drain)]
    for writer in [in_thread(write) for _ in range(writers)]:
        writer.result()
    stop.set()
    for drainer in drainers:
        drainer.result()
    actions.drain()
    assert received() == writers * each == Slip.objects.count()


def test_a_change_that_is_rolled_back_leaves_no_mark() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        file_slip()
        raise RuntimeError
    assert not Touched.objects.exists()
    file_slip()
    assert Touched.objects.count() == 1
