"""Charts as SVG, drawn by the server: pure, readable without scripts, in the colours of the page that shows them."""

from foundation.drawing.canvas import Drawing, Mark, number
from foundation.drawing.courses import Expected, columns, lines, spark
from foundation.drawing.parts import bars, donut, progress
from foundation.drawing.planes import Area, areas, week
from foundation.drawing.spots import spots

__all__ = [
    "Area",
    "Drawing",
    "Expected",
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
