"""What is done to boards: each change is written down with what stood before."""

from dashboard.actions.changing import (
    add_chart,
    change_board,
    change_chart,
    make_board,
    move_chart,
    new_screen,
    remove_chart,
)
from dashboard.actions.loading import load_boards

__all__ = [
    "add_chart",
    "change_board",
    "change_chart",
    "load_boards",
    "make_board",
    "move_chart",
    "new_screen",
    "remove_chart",
]
