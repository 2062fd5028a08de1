"""The product's program in this process: what it spends on a request, without a network or a web server around it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

WARM = 20  # requests before the count begins


def cpu(wanted: Iterator[WSGIRequest], times: int) -> float:
    """Milliseconds of CPU a request, in what the web server calls: middleware, view, and the database's driver.

    ``wanted`` gives at least ``times`` and ``WARM`` requests. Raises RuntimeError if one is not answered with 200.
    """
    application = get_wsgi_application()
    environments = [request.environ for request in islice(wanted, times + WARM)]
    spent, statuses = 0.0, Counter[str]()
    for number, environment in enumerate(environments):
        if number == WARM:
            spent = 0.0
        began = time.process_time()
        answer = application(environment, lambda status, _headers: statuses.update([status[:3]]))
        b"".join(answer)
        answer.close()
        spent += time.process_time() - began
    if set(statuses) != {"200"}:
        raise RuntimeError(f"not every request was answered: {dict(statuses)}")
    return spent / times * 1000
