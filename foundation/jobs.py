"""Jobs: work that can wait, in the same database, so that it commits or rolls back with the record that asked for it.

A task is a function in ``<app>/tasks.py``; its name is ``"<app>.<function>"``::

    from foundation.jobs import periodic, task

    @task(gettext_lazy("通知：寄出"))
    def deliver(token: str) -> None: ...

    @periodic("*/5 * * * *", gettext_lazy("流量限制：清除計數"))
    def purge(timestamp: int) -> None: ...

and an action asks for it by name, inside the transaction that writes the record::

    jobs.defer("messages.deliver", token=message.token.hex)

What a task must know:

* It may run twice (a worker can be killed after the work and before the tick): make it idempotent.
* Its arguments are JSON: pass primary keys, not records; dates as ISO text.
* ``lock``: jobs with the same lock run one after the other. ``queueing_lock``: at most one of them waits at a time.
* A task that raises is tried again after 3, 9, 27, 81 and 243 seconds; then it stays as failed, for an operator.
* ``schedule_at`` is for the few: each poll passes over all that wait for later (45 ms for 60,000 of them). What falls
  due in great numbers, such as deadlines, is found by a periodic task that asks its own table.
* A periodic task gets the unix time for which it was due. Times missed while no worker ran come late or not at all.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

from foundation import clock
from foundation.inserting import write

RETRY = RetryStrategy(max_attempts=5, exponential_wait=3)

# Straight into procrastinate's table: 170 microseconds where ``task.defer()`` takes 310 (its function
# procrastinate_defer_jobs_v1 takes 180), and only so can a taken queueing lock be passed over without an error that
# would abort the transaction. tests/test_jobs.py compares the rows that both ways leave, so that an upgrade of
# procrastinate which changes its table is seen.
_COLUMNS = "queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at"
_INSERT = f"INSERT INTO procrastinate_jobs ({_COLUMNS}) VALUES (%s, %s, %s, %s, NULL, %s::jsonb, %s)"

# A job that waits under the same queueing lock makes a second one needless, if it cannot start before this transaction
# commits: it would miss what is being written here. So its row is locked. FOR KEY SHARE keeps the worker away (it takes
# FOR UPDATE SKIP LOCKED) while writers who hold it do not wait for each other. The DO UPDATE serves the one case where
# another transaction has inserted such a job and not committed yet; it changes nothing and locks the row all the same.
_INSERT_ONCE = f"""
WITH wanted AS (
    SELECT {_COLUMNS} FROM jsonb_to_recordset(%s::jsonb) AS job (
        queue_name text, task_name text, priority int, lock text, queueing_lock text, args jsonb,
        scheduled_at timestamptz)
), waiting AS (
    SELECT queueing_lock FROM procrastinate_jobs
    WHERE status = 'todo' AND queueing_lock = ANY(%s)
    ORDER BY id FOR KEY SHARE
)
INSERT INTO procrastinate_jobs AS waiting_job ({_COLUMNS})
SELECT {_COLUMNS} FROM wanted
WHERE queueing_lock IS NULL OR queueing_lock NOT IN (SELECT queueing_lock FROM waiting)
ORDER BY queueing_lock
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO UPDATE SET priority = waiting_job.priority
RETURNING id, xmax = 0
"""

_TAKE = """
UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (
    SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %(now)s)
        AND task_name <> ALL(%(workers)s)
    ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, task_name, args
"""


type Text = str | Promise
_labels: dict[str, Text] = {}  # of the house's own tasks, by name


@dataclass(frozen=True, slots=True)
class Job:
    """A job to defer: the task's name, its arguments, and when and beside what it may run."""

    task_name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    lock: str | None = None
    queueing_lock: str | None = None
    schedule_at: datetime | None = None


def task(label: Text, *, retry: Any = RETRY, **options: Any) -> Callable[[Callable[..., Any]], Task]:
    """Declare a function in ``<app>/tasks.py`` as the task ``"<app>.<function>"``; options as in procrastinate.

    ``label`` is what the pages call it: the area, a colon, what is done.
    """

    def declare(function: Callable[..., Any]) -> Task:
        name = f"{function.__module__.partition('.')[0]}.{function.__name__}"
        _labels[name] = label
        return app.task(name=name, retry=retry, **options)(function)

    return declare


def periodic(cron: str, label: Text, **options: Any) -> Callable[[Callable[..., Any]], Task]:
    """Declare a task that the worker defers by itself at the times of a cron expression (in UTC).

    If the one before still waits, the next is left out: after a night without a worker one run follows, not a hundred.
    """

    def declare(function: Callable[..., Any]) -> Task:
        name = f"{function.__module__.partition('.')[0]}.{function.__name__}"
        return app.periodic(cron=cron)(task(label, queueing_lock=name, lock=name, **options)(function))

    return declare


def defer(
    task_name: str,
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    schedule_at: datetime | None = None,
    **arguments: Any,
) -> bool:
    """Have a task performed after the current transaction commits; one SQL statement.

    Returns whether the job is new: False if one with the same queueing lock waits already (it then runs after this
    transaction commits). Raises LookupError for a task that nobody declared, TypeError for arguments that are not JSON.
    """
    declared = _declared(task_name)
    if queueing_lock or declared.queueing_lock:
        return bool(_insert_once([Job(task_name, arguments, lock, queueing_lock, schedule_at)]))
    write(
        _INSERT,
        (declared.queue, task_name, declared.priority, lock or declared.lock, json.dumps(arguments), schedule_at),
    )
    return True


def defer_many(jobs: Iterable[Job]) -> int:
    """Defer many jobs of any tasks in one SQL statement; returns how many were new. See ``defer``."""
    jobs = list(jobs)
    return _insert_once(jobs) if jobs else 0


def _declared(task_name: str) -> Task:
    try:
        return app.tasks[task_name]
    except KeyError:
        known = ", ".join(sorted(name for name in app.tasks if not name.startswith("builtin:")))
        raise LookupError(f"no task {task_name!r} is declared; there are: {known}") from None


def _insert_once(jobs: list[Job]) -> int:
    wanted: dict[object, dict[str, Any]] = {}
    for job in jobs:
        declared = _declared(job.task_name)
        queueing_lock = job.queueing_lock or declared.queueing_lock
        # One statement may not touch a row twice, so of two with one queueing lock the first is taken here already.
        wanted.setdefault(
            queueing_lock or object(),
            {
                "queue_name": declared.queue,
                "task_name": job.task_name,
                "priority": declared.priority,
                "lock": job.lock or declared.lock,
                "queueing_lock": queueing_lock,
                "args": job.arguments,
                "scheduled_at": job.schedule_at.isoformat() if job.schedule_at else None,
            },
        )
    locks = [row["queueing_lock"] for row in wanted.values() if row["queueing_lock"]]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_ONCE, (json.dumps(list(wanted.values())), locks))
        return sum(is_new for _number, is_new in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of one task that wait or are being done: how many are due, how many for later, since when the oldest."""

    task_name: str
    due: int
    later: int
    failed: int
    oldest: datetime | None

    @property
    def label(self) -> Text:
        """What is done, in words; of procrastinate's own jobs the code."""
        return _labels.get(self.task_name, self.task_name)


_WAITING = """
SELECT job.task_name,
    count(*) FILTER (WHERE status <> 'failed' AND (scheduled_at IS NULL OR scheduled_at <= %(now)s)),
    count(*) FILTER (WHERE status <> 'failed' AND scheduled_at > %(now)s),
    count(*) FILTER (WHERE status = 'failed'),
    (SELECT min(event.at) FROM procrastinate_events event WHERE event.job_id = min(job.id) FILTER (
        WHERE status <> 'failed' AND (scheduled_at IS NULL OR scheduled_at <= %(now)s)))
FROM procrastinate_jobs job WHERE status IN ('todo', 'doing', 'failed') GROUP BY job.task_name
ORDER BY 2 DESC, 1
"""


def waiting() -> list[Waiting]:
    """What the workers have before them, by task, the longest queue first; one SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"now": clock.now()})
        return [Waiting(*row) for row in cursor.fetchall()]


# A worker gives a sign of life every ten seconds.
_AWAY = "SELECT coalesce(max(last_heartbeat) < now() - interval '1 minute', true) FROM procrastinate_workers"


def workers_away() -> bool:
    """Whether no worker has given a sign of life for a minute: what waits goes on waiting. One SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(_AWAY)
        return cursor.fetchone()[0]


def perform_waiting(limit: int = 10_000) -> int:
    """Perform what is due, here and now, and the jobs that these ask for; returns how many. For tests and the demo.

    It uses the caller's connection and transaction, so that a test sees everything; an exception is the caller's.
    Jobs that a running worker has taken are left alone, and so are those about the workers themselves
    (``pass_context``): without a worker there is nothing for them to look after.
    """
    workers = [name for name, declared in app.tasks.items() if declared.pass_context]
    for done in range(limit):
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {"now": clock.now(), "workers": workers})
            row = cursor.fetchone()
        if row is None:
            return done
        number, task_name, arguments = row
        _declared(task_name)(**(json.loads(arguments) if isinstance(arguments, str) else arguments))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", (number,))
    raise RuntimeError(f"more than {limit} jobs: does a task ask for itself without end?")
