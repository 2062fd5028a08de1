"""The verbs: mark days as changed and count them again, close a period, enter what has no records."""

from figures.actions.counting import drain, freeze, rebuild, refresh, touch
from figures.actions.entering import enter

__all__ = ["drain", "enter", "freeze", "rebuild", "refresh", "touch"]
