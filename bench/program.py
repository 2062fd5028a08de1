"""The product's program in this process: what it spends on a request, without a network or a web server around it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

WARM = 20  # requests before the count begins, where at least as many are counted


def cpu(
    wanted: Iterator[WSGIRequest], times: int, *, good: str = "200", heads: Callable[[Any], None] = lambda _head: None
) -> float:
    """Milliseconds of CPU a request, in what the web server calls: middleware, view, and the database's driver.

    ``wanted`` gives at least ``times`` and ``WARM`` requests; ``heads`` gets the headers of each answer. Raises
    RuntimeError if one is not answered with ``good``.
    """
    application, warm = get_wsgi_application(), min(times, WARM)
    environments = [request.environ for request in islice(wanted, times + warm)]
    spent, statuses = 0.0, Counter[str]()

    def told(status: str, head: Any) -> None:
        statuses.update([status[:3]])
        heads(head)

    for number, environment in enumerate(environments):
        if number == warm:
            spent = 0.0
        began = time.process_time()
        answer = application(environment, told)
        b"".join(answer)
        answer.close()
        spent += time.process_time() - began
    if set(statuses) != {good}:
        raise RuntimeError(f"not every request was answered: {dict(statuses)}")
    return spent / times * 1000
