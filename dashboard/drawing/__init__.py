"""Charts as SVG, drawn by the server: pure, readable without scripts, in the colours of the page that shows them."""

from dashboard.drawing.canvas import Drawing, Mark, number
from dashboard.drawing.courses import columns, lines, spark
from dashboard.drawing.parts import bars, donut, progress
from dashboard.drawing.planes import Area, areas, week
from dashboard.drawing.spots import spots

__all__ = [
    "Area",
    "Drawing",
    "Mark",
    "areas",
    "bars",
    "columns",
    "donut",
    "lines",
    "number",
    "progress",
    "spark",
    "spots",
    "week",
]
