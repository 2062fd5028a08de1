"""Tasks that only the tests know. A worker in a subprocess imports them before it starts: see ``start_worker``."""

import os
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

from foundation.jobs import task
from foundation.models import RateCount

ROOT = Path(__file__).resolve().parents[2]


@task("記一筆")
def mark(key: str) -> None:
    """Leave a row that says the job was done, and how often."""
    row, created = RateCount.objects.get_or_create(key=key, defaults={"minute": 2**31 - 1, "count": 1, "previous": 0})
    if not created:
        row.count += 1
        row.save()


@task("記一筆再停住")
def mark_and_hang(key: str) -> None:
    """Leave a row; the first time hang, so that a test can kill the worker."""
    mark(key)
    if RateCount.objects.get(key=key).count == 1:
        time.sleep(600)


@task("失敗", retry=False)
def fail() -> None:
    raise ValueError("as asked")


def start_worker(*arguments: str) -> subprocess.Popen:
    """``manage.py procrastinate worker`` on the test's database, in a process of its own."""
    return start_procrastinate("worker", *arguments)


def start_procrastinate(*arguments: str) -> subprocess.Popen:
    """``manage.py procrastinate ...`` on the test's database, in a process of its own."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}&port={database['PORT'] or 5432}"
    program = (
        "import django; django.setup();"
        "import foundation.tests.worker_tasks;"
        "from django.core.management import call_command;"
        f"call_command('procrastinate', {', '.join(map(repr, arguments))})"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "PGPASSWORD": database["PASSWORD"] or ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
