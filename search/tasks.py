"""What the worker does for the search."""

from django.utils.translation import gettext_lazy as _

from foundation.jobs import periodic
from organisation import storm
from search import actions

EVERY, MOST = 20, 20  # seconds; batches a turn


@periodic(f"* * * * * */{EVERY}", _("搜尋：補建索引"))
def catch_up(timestamp: int) -> None:
    """Index what was put off in a storm: during one now and then, after it until nothing is left."""
    if storm.is_turn(timestamp, EVERY):
        for _turn in range(MOST):
            if not actions.catch_up():
                break
