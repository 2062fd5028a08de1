"""``./cityhall model``: train the models that suggest, measure one on any file, show what is in force."""

from __future__ import annotations

import csv
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classification.actions import train
from classification.models import InForce, Version
from classification.registry import classifiers
from classification.rules import BINS, normalise
from classification.training import TooLittle, cross_validate

TEXTS, LABELS = ("text", "question", "description"), ("label", "agency", "reply_organ", "kind")


class Command(BaseCommand):
    help = "Models that suggest a kind and an agency: train them, measure one on a CSV file, show what is in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
        trains = verbs.add_parser("train", help="train now what the nightly job would train")
        trains.add_argument("code", nargs="*", help="classifiers, e.g. cases.agency (default: all)")
        measures = verbs.add_parser("evaluate", help="measure the method on a CSV file of texts and labels")
        measures.add_argument("file", type=Path, help="CSV with a heading, UTF-8; - for standard input")
        measures.add_argument(
            "--text", default="", help=f"column of the texts (default: the first of {', '.join(TEXTS)})"
        )
        measures.add_argument("--label", default="", help=f"column of the labels (default: of {', '.join(LABELS)})")
        measures.add_argument("--folds", type=int, default=10, help="parts of the cross-validation (default: 10)")
        verbs.add_parser("show", help="which versions there are, and how good")

    def handle(self, *, verb: str, **options: Any) -> None:
        {"train": self._train, "evaluate": self._evaluate, "show": self._show}[verb](**options)

    def _train(self, *, code: list[str], **options: Any) -> None:
        known = [each.code for each in classifiers()]
        if unknown := set(code) - set(known):
            raise CommandError(f"no classifier {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
        for each in code or known:
            started = time.monotonic()
            version = train(each)
            took = f"{time.monotonic() - started:.1f} s"
            if version is None:
                self.stdout.write(f"{each}: nothing to learn anew ({took})")
            else:
                then = f"not in force: {version.refused}" if version.refused else "in force"
                self.stdout.write(f"{each}: version {version.number}, {_in_words(version.measured)}, {then} ({took})")

    def _show(self, **options: Any) -> None:
        now = {line.version_id: line for line in InForce.objects.now()}
        for each in classifiers():
            versions = list(Version.objects.of(each.code).light()[:20])
            self.stdout.write(f"{each.code}: {len(versions) or 'no'} version{'s' if len(versions) != 1 else ''}")
            for version in versions:
                mark = "*" if version.pk in now else " "
                at = f"{version.trained_at:%Y-%m-%d %H:%M}"
                learned = f"{version.own:,} of the city + {version.given:,} of the pack"
                self.stdout.write(f" {mark} {version.number:>3} {at}  {learned}; {_in_words(version.measured)}")

    def _evaluate(self, *, file: Path, text: str, label: str, folds: int, **options: Any) -> None:
        if not 2 <= folds <= 100:
            raise CommandError("--folds: 2 to 100")
        texts, labels = _read(file, text, label)
        started = time.monotonic()
        try:
            measured = cross_validate(texts, labels, folds)
        except (TooLittle, ValueError) as error:
            raise CommandError(f"{file}: {str(error) or 'fewer than two labels'}") from error
        groups = len({normalise(each) for each in texts})
        self.stdout.write(
            f"{len(texts):,} texts ({groups:,} different) of {len(set(labels)):,} labels; {folds} parts, "
            f"identical texts in one part; {time.monotonic() - started:.1f} s\n"
            f"accuracy           {measured['accuracy']:.4f}\n"
            f"top-3              {measured['top3']:.4f}\n"
            f"calibration error  {measured['error']:.4f}\n"
            f"log loss           {measured['loss']:.4f}\n\n"
            "confidence    texts   stated    right"
        )
        for number, (count, total, right) in enumerate(measured["bins"]):
            if count:
                low = number / BINS
                self.stdout.write(
                    f"{low:.2f} to {low + 1 / BINS:.2f} {count:>5}   {total / count:>6.3f}   {right / count:>6.3f}"
                )


def _read(file: Path, text: str, label: str) -> tuple[list[str], list[str]]:
    """The texts and labels of a CSV file; lines without the one or the other are left out. Raises CommandError."""
    try:
        content = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}") from error
    rows = csv.DictReader(content.splitlines(keepends=True))
    usual = csv.field_size_limit(sys.maxsize)  # the library keeps it for the whole process, where imports count on it
    try:
        headings = rows.fieldnames or []
        text, label = _column(headings, text, TEXTS, "--text"), _column(headings, label, LABELS, "--label")
        pairs = [(row[text].strip(), row[label].strip()) for row in rows if row[text] and row[label]]
    except csv.Error as error:
        raise CommandError(f"{file}:{rows.line_num}: {error}") from error
    finally:
        csv.field_size_limit(usual)
    pairs = [(words, name) for words, name in pairs if words and name]
    if not pairs:
        raise CommandError(f"{file}: no line with {text} and {label}")
    texts, labels = zip(*pairs, strict=True)
    return list(texts), list(labels)


def _column(headings, wanted: str, usual: tuple[str, ...], option: str) -> str:
    found = next((name for name in ((wanted,) if wanted else usual) if name in headings), None)
    if found is None:
        raise CommandError(f"{option}: no column {wanted or ' or '.join(usual)}; there are: {', '.join(headings)}")
    return found


def _in_words(measured: dict[str, Any]) -> str:
    return f"accuracy {measured['accuracy']:.3f}, top-3 {measured['top3']:.3f} on {measured['texts']:,} held out"
