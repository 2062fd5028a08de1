"""The verbs: mark days as changed and count them again, close a period, enter what has no records, check."""

from figures.actions.checking import check
from figures.actions.counting import drain, freeze, rebuild, refresh, touch
from figures.actions.entering import aim, enter

__all__ = ["aim", "check", "drain", "enter", "freeze", "rebuild", "refresh", "touch"]
