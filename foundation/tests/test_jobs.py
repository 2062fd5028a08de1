import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from foundation import clock, jobs, tasks
from foundation.jobs import Job, defer, defer_many, perform_waiting
from foundation.models import RateCount
from foundation.tests import worker_tasks

COLUMNS = "queue_name, task_name, priority, lock, queueing_lock, args, status, scheduled_at, attempts, abort_requested"


def rows(columns: str = COLUMNS) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


@pytest.fixture
def committed(transactional_db):
    """Real transactions; procrastinate's tables are not Django's to empty."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


@contextmanager
def second_connection():
    """Another client of the same database, in autocommit."""
    parameters = connection.get_connection_params()
    for django_only in ("cursor_factory", "context"):
        parameters.pop(django_only)
    with psycopg.connect(**parameters, autocommit=True) as other:
        yield other


def fetch_as_worker(other: psycopg.Connection) -> int | None:
    """What a worker's next fetch would bring."""
    worker = other.execute("SELECT worker_id FROM procrastinate_register_worker_v1()").fetchone()[0]
    return other.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", (worker,)).fetchone()[0]


# --- One statement, the same row as procrastinate's own ---------------------------------------------------------------


def test_the_row_is_the_one_procrastinate_would_write(db):
    at = datetime(2022, 3, 5, 6, 7, tzinfo=UTC)
    options = {"lock": "case 7", "schedule_at": at}
    app.configure_task("foundation.mark", **options).defer(key="鍵")
    defer("foundation.mark", **options, key="鍵")
    defer_many([Job("foundation.mark", {"key": "鍵"}, lock="case 7", schedule_at=at)])
    theirs, ours, many = rows()
    assert theirs == ours == many
    with connection.cursor() as cursor:  # and its triggers saw the same
        cursor.execute("SELECT array_agg(type::text ORDER BY type) FROM procrastinate_events GROUP BY job_id")
        assert {tuple(row[0]) for row in cursor.fetchall()} == {("deferred", "scheduled")}


def test_the_interface_of_procrastinate_that_this_builds_on_is_there(db):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT to_regproc('procrastinate_defer_jobs_v1'), to_regproc('procrastinate_fetch_job_v2'),
                      pg_get_indexdef('procrastinate_jobs_queueing_lock_idx_v1'::regclass)"""
        )
        defer_function, fetch_function, index = cursor.fetchone()
        assert defer_function and fetch_function
        assert "UNIQUE" in index and "(queueing_lock)" in index and "'todo'" in index
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'procrastinate_fetch_job_v2'")
        assert "FOR UPDATE OF jobs SKIP LOCKED" in cursor.fetchone()[0]  # what the queueing lock relies on


@pytest.mark.parametrize(
    "call",
    [
        lambda: defer("foundation.mark", key="a"),
        lambda: defer("foundation.mark", queueing_lock="q", key="a"),
        lambda: defer_many([Job("foundation.mark", {"key": str(i)}, queueing_lock=str(i % 3)) for i in range(20)]),
    ],
)
def test_one_statement(db, django_assert_num_queries, call):
    with django_assert_num_queries(1):
        call()


def test_an_undeclared_task_is_refused_where_it_is_asked_for(db):
    with pytest.raises(LookupError, match=r"there are: .*foundation\.mark"):
        defer("foundation.marc", key="a")
    with pytest.raises(LookupError):
        defer_many([Job("foundation.marc")])
    assert rows() == []


def test_arguments_that_are_not_json_are_refused(db):
    with pytest.raises(TypeError):
        defer("foundation.mark", key=datetime.now(UTC))


def test_defer_many(db):
    assert defer_many([]) == 0
    assert defer("foundation.mark", queueing_lock="b", key="old")
    new = defer_many(
        [
            Job("foundation.mark", {"key": "1"}),
            Job("foundation.mark", {"key": "2"}),
            Job("foundation.mark", {"key": "3"}, queueing_lock="a"),
            Job("foundation.mark", {"key": "4"}, queueing_lock="a"),
            Job("foundation.mark", {"key": "5"}, queueing_lock="b"),
        ]
    )
    assert new == 3
    kept = sorted(json.loads(args)["key"] if isinstance(args, str) else args["key"] for (args,) in rows("args"))
    assert kept == ["1", "2", "3", "old"]


def deferred(task_name: str, **how) -> int:
    """Defer a job that is new; its number."""
    assert defer(task_name, **how)
    return max(number for (number,) in rows("id"))


# --- With its record --------------------------------------------------------------------------------------------------


def test_a_job_commits_and_rolls_back_with_its_record(committed):
    with transaction.atomic():
        RateCount.objects.create(key="kept", minute=0, count=0, previous=0)
        defer("foundation.mark", key="kept")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        RateCount.objects.create(key="lost", minute=0, count=0, previous=0)
        defer("foundation.mark", key="lost")
        _ = 1 / 0
    with second_connection() as other:
        assert other.execute("SELECT args->>'key' FROM procrastinate_jobs").fetchall() == [("kept",)]
        assert other.execute("SELECT key FROM foundation_ratecount").fetchall() == [("kept",)]


def test_a_taken_queueing_lock_leaves_the_transaction_usable(committed):
    with transaction.atomic():
        assert defer("foundation.mark", queueing_lock="q", key="1")
        assert not defer("foundation.mark", queueing_lock="q", key="2")
        assert defer("foundation.mark", queueing_lock="other", key="3")
        RateCount.objects.create(key="after", minute=0, count=0, previous=0)
    assert RateCount.objects.filter(key="after").exists()
    assert len(rows()) == 2


def test_a_job_that_runs_does_not_stand_in_for_one_that_is_asked_for_now(committed):
    defer("foundation.mark", queueing_lock="q", key="1")
    with second_connection() as other:
        assert fetch_as_worker(other)
    assert defer("foundation.mark", queueing_lock="q", key="2")


def test_the_job_that_stands_in_starts_only_after_this_transaction(committed):
    first = deferred("foundation.mark", queueing_lock="q", key="1")
    with second_connection() as other:
        with transaction.atomic():
            assert not defer("foundation.mark", queueing_lock="q", key="2")
            assert fetch_as_worker(other) is None  # it would not see what this transaction writes
        assert fetch_as_worker(other) == first


def test_two_writers_with_one_queueing_lock_do_not_wait_for_each_other(committed):
    first = deferred("foundation.mark", queueing_lock="q", key="1")
    with second_connection() as other:
        sql = jobs._INSERT_ONCE
        row = {"queue_name": "default", "task_name": "foundation.mark", "priority": 0, "queueing_lock": "q", "args": {}}
        with transaction.atomic():
            assert not defer("foundation.mark", queueing_lock="q", key="2")
            with other.transaction():
                other.execute("SET LOCAL lock_timeout = '1s'")
                assert other.execute(sql, (json.dumps([row]), ["q"])).fetchall() == []
                with second_connection() as worker:
                    assert fetch_as_worker(worker) is None
        assert fetch_as_worker(other) == first


def test_a_second_writer_sees_the_job_of_a_first_that_has_not_committed(committed):
    """Both ask at the same moment for the first job: one row, and it cannot start before both have committed."""
    asked, result = threading.Event(), []
    row = {"queue_name": "default", "task_name": "foundation.mark", "priority": 0, "queueing_lock": "q", "args": {}}

    with second_connection() as other, second_connection() as worker:

        def second() -> None:
            with other.transaction():
                asked.set()
                result.extend(other.execute(jobs._INSERT_ONCE, (json.dumps([row]), ["q"])).fetchall())
                result.append(fetch_as_worker(worker))

        thread = threading.Thread(target=second)
        with transaction.atomic():
            first = deferred("foundation.mark", queueing_lock="q", key="1")
            thread.start()
            asked.wait(5)
            time.sleep(0.2)
            assert result == []  # it waits for the first
        thread.join(5)
        assert result == [(first, False), None]
        assert fetch_as_worker(worker) == first


def test_no_commit_queues_behind_a_notify(committed):
    """NOTIFY takes a lock of the whole server until the commit is on the disk: see migration 0003."""
    with second_connection() as other:
        other.execute("LISTEN procrastinate_any_queue_v1")
        defer("foundation.mark", key="1")
        defer_many([Job("foundation.mark", {"key": "2"})])
        assert list(other.notifies(timeout=0.2)) == []


# --- Performed --------------------------------------------------------------------------------------------------------


def test_perform_waiting(db):
    defer("foundation.mark", key="now")
    defer("foundation.mark", key="later", schedule_at=clock.now() + timedelta(hours=1))
    assert perform_waiting() == 1
    assert perform_waiting() == 0
    assert [row.key for row in RateCount.objects.all()] == ["now"]
    defer("foundation.retry_stalled", timestamp=0)  # looks after workers, and this is none
    assert perform_waiting() == 0
    defer("foundation.fail")
    with pytest.raises(ValueError, match="as asked"):
        perform_waiting()


def test_a_worker_that_waits_sees_a_new_job_within_seconds(committed):
    worker = worker_tasks.start_worker()
    try:
        deadline = time.monotonic() + 60
        with connection.cursor() as cursor:
            while not cursor.execute("SELECT 1 FROM procrastinate_workers").fetchone():
                assert worker.poll() is None, worker.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        time.sleep(0.3)
        deferred = time.monotonic()
        defer("foundation.mark", key="seen")
        while not RateCount.objects.filter(key="seen").exists():
            assert time.monotonic() - deferred < 10  # half a second on an idle machine
            time.sleep(0.02)
        worker.terminate()
        _, log = worker.communicate(timeout=30)
        assert worker.returncode == 0, log  # told to stop, it stops cleanly
    finally:
        worker.kill()
        worker.communicate()


def test_a_worker_in_a_process_of_its_own_performs_the_job(committed):
    defer("foundation.mark", key="done by a worker")
    defer("foundation.fail")
    worker = worker_tasks.start_worker("--one-shot")
    _, log = worker.communicate(timeout=60)
    assert worker.returncode == 0, log
    assert RateCount.objects.get(key="done by a worker").count == 1
    assert "ValueError: as asked" in log
    left = [row for row in rows("task_name, status") if row[0].startswith("foundation.") and row[1] == "failed"]
    assert left == [("foundation.fail", "failed")]  # the one that succeeded is deleted, the failed one stays


def test_the_job_of_a_killed_worker_is_done_by_the_next(committed):
    number = deferred("foundation.mark_and_hang", key="twice")
    worker = worker_tasks.start_worker()
    try:
        deadline = time.monotonic() + 60
        while not RateCount.objects.filter(key="twice").exists():
            assert worker.poll() is None, worker.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        worker.kill()
        worker.communicate()
    assert (number, "doing") in rows("id, status")

    with connection.cursor() as cursor:  # a minute passes
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id <> %s", [number])
    # The periodic task itself, as its deferrer would ask for it.
    defer("foundation.retry_stalled", timestamp=0)
    worker = worker_tasks.start_worker("--one-shot")
    _, log = worker.communicate(timeout=60)
    assert worker.returncode == 0, log
    if (number, "todo") in rows("id, status"):  # given back after the last fetch
        worker_tasks.start_worker("--one-shot").communicate(timeout=60)
    assert RateCount.objects.get(key="twice").count == 2
    assert number not in [row[0] for row in rows("id")]


def test_a_job_that_kills_its_worker_each_time_is_given_up(committed):
    number = deferred("foundation.mark", key="poison")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE id = %s",
            [tasks.GIVE_UP_AFTER - 1, number],
        )
    defer("foundation.retry_stalled", timestamp=0)
    worker = worker_tasks.start_worker("--one-shot")
    _, log = worker.communicate(timeout=60)
    assert worker.returncode == 0, log
    assert (number, "failed") in rows("id, status")


def test_a_job_of_a_dead_worker_gives_way_to_one_that_waits_for_the_same(committed):
    """And those behind it are given back all the same."""
    name = "foundation.purge_rate_counts"
    dead, other = deferred(name, timestamp=0), deferred("foundation.mark", key="other")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = ANY(%s)", [[dead, other]])
    waiting = deferred(name, timestamp=0)
    defer("foundation.retry_stalled", timestamp=0)
    worker = worker_tasks.start_worker("--one-shot")
    _, log = worker.communicate(timeout=60)
    assert worker.returncode == 0, log
    left = dict(rows("id, status"))
    assert dead not in left, left
    assert {left.get(waiting), left.get(other)} <= {None, "todo", "succeeded"}, left  # gone: performed since


def test_periodic_tasks_do_not_pile_up(db):
    """Each periodic task waits at most once and never runs beside itself."""
    for declared in app.periodic_registry.periodic_tasks.values():
        assert declared.task.queueing_lock == declared.task.lock == declared.task.name


def test_the_healthcheck_of_procrastinate_passes(committed):
    check = worker_tasks.start_procrastinate("healthchecks")
    _, log = check.communicate(timeout=60)
    assert check.returncode == 0, log
