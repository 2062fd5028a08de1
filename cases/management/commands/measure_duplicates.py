"""``manage.py measure_duplicates FILE ...``: how the city's rule of duplicates fares on clusters that somebody drew.

The files are JSON lists of reports with ``clusterId``, ``cre_Date``, ``lat`` and ``lng`` (as the pothole clusters
before and after a flood, NoobTW/kcg-rain-hole). Two reports are one matter if they are in one cluster. Each report in
the order of time asks for what came before it, as a citizen's report does; what is shown is right if it is of the same
cluster. There are no words in this data, so distance and age decide alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases.duplicates import SHOWN, likeness
from cases.rules import Likeness, metres_apart
from foundation.clock import now

THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
REACHES = (50, 100, 150, 200, 250)


@dataclass(frozen=True)
class Spot:
    """A report of the data."""

    cluster: int
    at: datetime
    lon: float
    lat: float


@dataclass(frozen=True)
class Score:
    """How a rule fared. Pairs: of each report and an earlier one; asked: of the reports that have an earlier twin."""

    right: int
    shown: int
    pairs: int
    found: int
    asked: int

    @property
    def precision(self) -> float:
        """Of what was shown, the share that is the same matter."""
        return self.right / self.shown if self.shown else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs that are one matter, the share that counts as alike."""
        return self.right / self.pairs if self.pairs else 1.0

    @property
    def helped(self) -> float:
        """Of the reports of a matter that was reported before, the share that is shown it among the first five."""
        return self.found / self.asked if self.asked else 1.0


def read(path: Path) -> list[Spot]:
    """The reports of a file in the order of time. CommandError for what is no such file."""
    try:
        rows = json.loads(path.read_text("utf-8"))
        spots = [
            Spot(int(row["clusterId"]), datetime.fromisoformat(row["cre_Date"]), float(row["lng"]), float(row["lat"]))
            for row in rows
        ]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CommandError(f"{path}: {type(error).__name__}: {error}") from error
    return sorted(spots, key=lambda spot: spot.at)


def measure(spots: list[Spot], rule: Likeness) -> Score:
    """Ask for each report in the order of time, as the pages do."""
    right = shown = pairs = found = asked = 0
    for index, spot in enumerate(spots):
        earlier = spots[:index]
        twins = sum(other.cluster == spot.cluster for other in earlier)
        scored = sorted(_alike(spot, earlier, rule), key=lambda pair: -pair[0])
        right += sum(other.cluster == spot.cluster for _score, other in scored)
        shown += len(scored)
        pairs += twins
        asked += bool(twins)
        found += any(other.cluster == spot.cluster for _score, other in scored[:SHOWN])
    return Score(right, shown, pairs, found, asked)


def _alike(spot: Spot, earlier: list[Spot], rule: Likeness) -> Iterator[tuple[float, Spot]]:
    for other in earlier:
        metres = metres_apart(spot.lon, spot.lat, other.lon, other.lat)
        days = (spot.at - other.at).total_seconds() / 86_400
        score = rule.score(metres, days, None)
        if score > 0 and score >= rule.enough:
            yield score, other


class Command(BaseCommand):
    help = "Precision and recall of the rule of duplicates on files of clusters."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, help="JSON files of reports with their clusters")

    def handle(self, *, files: list[Path], **options: object) -> None:
        rule = likeness(now())
        if rule is None:
            raise CommandError("the city pack has no rule named duplicate")
        for path in files:
            spots = read(path)
            clusters = len({spot.cluster for spot in spots})
            self.stdout.write(f"\n{path.name}: {len(spots)} reports, {clusters} clusters\n")
            self.stdout.write(
                "| metres | enough | precision | recall of pairs | shown among five |\n|---|---|---|---|---|"
            )
            for metres in sorted({*REACHES, int(rule.metres)}):
                for enough in THRESHOLDS if metres == rule.metres else (rule.enough,):
                    score = measure(spots, replace(rule, metres=metres, enough=enough))
                    mark = " (the rule)" if (metres, enough) == (rule.metres, rule.enough) else ""
                    shares = f"{score.precision:.3f} | {score.recall:.3f} | {score.helped:.3f}"
                    self.stdout.write(f"| {metres} | {enough}{mark} | {shares} |")
