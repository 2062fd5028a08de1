"""Charts as pages show them: words, picture, table and the card of them. What has the same values is not made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from dashboard import tabling, words
from dashboard.choosing import Choice
from dashboard.models import Board, Chart, Kind
from dashboard.picturing import MOST_BARS, picture
from dashboard.reading import tell
from dashboard.rules import TIME
from dashboard.told import Told
from figures.registry import Stock, figure
from foundation.drawing import Drawing
from organisation.pack import pack

MOST_MADE = 500


@dataclass(frozen=True)
class Shown:
    """A chart as it stands on a page."""

    chart: Chart
    told: Told
    sentence: str
    drawing: Drawing | None
    table: SafeString
    chosen: Choice

    @property
    def query(self) -> str:
        """The part of an address that chooses the same."""
        return self.chosen.query()

    @cached_property
    def card(self) -> SafeString:
        """The chart as it stands on a board."""
        part = "number" if self.chart.kind == Kind.NUMBER else "figure"
        return render_to_string(f"dashboard/parts/{part}.html", {"part": self})

    @property
    def note(self) -> str:
        return self.chart.in_language("note")

    @property
    def source(self) -> str:
        return self.chart.in_language("source")

    @property
    def use_case(self) -> str:
        return self.chart.in_language("use_case")

    @property
    def is_alarm(self) -> bool:
        """Whether the number itself is bad news: a stock that should be nothing is not."""
        is_stock = isinstance(figure(self.chart.figures[0]), Stock)
        return is_stock and self.chart.better == "less" and bool(self.told.value)

    @property
    def is_good(self) -> bool | None:
        """Whether the change is good news; None where it is neither."""
        if not self.chart.better or not self.told.change:
            return None
        return (self.told.change > 0) == (self.chart.better == "more")

    @property
    def corrected(self) -> SafeString:
        """The mark beside a number that was published and corrected since."""
        total = self.told.total[0] if self.told.total else None
        return tabling.corrected_mark(total) if total and total.now is not None else SafeString()

    @property
    def direction(self) -> str:
        return words.direction(self.told)

    @property
    def left_out(self) -> int:
        """How many lines the picture leaves to the table."""
        is_lying = self.chart.kind == Kind.BAR and self.chart.by != TIME
        return max(len(self.told.lines) - MOST_BARS, 0) if is_lying else 0


_made: dict[tuple[str, str, str, str], Shown] = {}


def shown(charts: Sequence[Chart], chosen: Choice) -> list[Shown]:
    """Charts with all that a page says of them, in a fixed number of statements.

    The values are read each time. What this process made of a chart before stands if they are the same, as it depends
    on nothing else than the chart, the choice, the language and the city pack.
    """
    return [_shown(chart, told, chosen) for chart, told in zip(charts, tell(charts, chosen), strict=True)]


def _shown(chart: Chart, told: Told, chosen: Choice) -> Shown:
    key = (declared(chart), chosen.query(), get_language() or "", pack().digest)
    last = _made.get(key)
    if last is not None and last.told == told:
        return last
    if len(_made) >= MOST_MADE:
        _made.clear()
    made = Shown(
        chart, told, words.sentence(chart, told), picture(chart, told, chosen), tabling.table(chart, told), chosen
    )
    _made[key] = made
    return made


def declared(record: Board | Chart) -> str:
    """All that is stored of a board or a chart, to keep by it what was made of it."""
    return repr([getattr(record, field.attname) for field in record._meta.concrete_fields])
