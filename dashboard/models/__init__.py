"""The nouns: a board, a chart on it, and what was changed."""

from dashboard.models.board import Audience, Board
from dashboard.models.change import BoardChange
from dashboard.models.chart import ON_DISTRICTS, Chart, Kind, Span

__all__ = ["ON_DISTRICTS", "Audience", "Board", "BoardChange", "Chart", "Kind", "Span"]
