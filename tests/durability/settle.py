"""What the periodic jobs would do in the next minutes, done at once: run by the test in the city hall's environment.

Jobs of killed workers go back to the queue, all that waits (also for later) is performed, the figures are counted.
"""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import django

django.setup()

import time_machine  # noqa: E402
from procrastinate.contrib.django import app  # noqa: E402

from figures import actions as figures  # noqa: E402
from foundation import jobs, tasks  # noqa: E402
from foundation.clock import now  # noqa: E402
from messages import batches  # noqa: E402
from search import actions as search  # noqa: E402

tasks.STALLED_AFTER = 1
asyncio.run(tasks.retry_stalled.func(SimpleNamespace(app=app, job=SimpleNamespace(id=0)), 0))
with time_machine.travel(now() + timedelta(minutes=10)):
    jobs.perform_waiting()
    while batches.deliver_batch():  # what a storm put off
        pass
while search.catch_up():
    pass
figures.drain()
