"""Measuring how long it takes to accept a report: counted in the process, written down every ten seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from threading import Lock
from time import monotonic, perf_counter
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase

from foundation.clock import now
from servicerequests.models import Intake
from servicerequests.rules import BOUNDS, bucket, percentile

log = logging.getLogger(__name__)
SECONDS = 10.0


class Meter:
    """The histogram of one process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts = [0] * (len(BOUNDS) + 1)
        self._since = monotonic()

    def add(self, seconds: float) -> None:
        """Count one request; now and then write down what was counted, one statement."""
        with self._lock:
            self._counts[bucket(seconds * 1000)] += 1
            if monotonic() - self._since < SECONDS:
                return
            counts, self._counts, self._since = self._counts, [0] * (len(BOUNDS) + 1), monotonic()
        try:
            Intake.objects.create(at=now(), counts=counts)
        except DatabaseError as problem:  # the report is filed; what it took matters less
            log.warning("the time that intake took was not written down: %s", problem)


meter = Meter()


def measured(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """View decorator: count how long each POST takes that was carried out (a redirect follows it)."""

    @wraps(view)
    def timed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        began = perf_counter()
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 302:
            meter.add(perf_counter() - began)
        return response

    return timed


def within(since: datetime, share: float = 0.99) -> tuple[int | None, int]:
    """Within how many milliseconds this share of the reports since a moment was accepted, and how many there were."""
    total = [0] * (len(BOUNDS) + 1)
    for counts in Intake.objects.filter(at__gte=since).values_list("counts", flat=True):
        total = [mine + theirs for mine, theirs in zip(total, counts, strict=True)]
    return percentile(total, share), sum(total)
