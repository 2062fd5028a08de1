"""Pure rules of sorting texts into labels: what is compared, what is held out, how good a model is. No Django here."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from math import log
from typing import Any

LONGEST = 1000  # characters of a text that are read; what a citizen reports is said by then
GRAMS = (1, 2, 3)
TOP = 3
BINS = 20  # of the reliability diagram, each 0.05 wide

type Guesses = Sequence[tuple[str, float]]  # (label, probability), the most probable first


def normalise(text: str) -> str:
    """A text as it is compared: Unicode NFKC, case folded, 臺 as 台, one space for any white space."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().replace("臺", "台")
    return re.sub(r"\s+", " ", folded).strip()


def grams(text: str) -> list[str]:
    """The pieces of a text that a model weighs: every run of one, two and three characters, as often as it occurs."""
    text = normalise(text)
    return [text[start : start + size] for size in GRAMS for start in range(len(text) - size + 1)]


def fold_of(text: str, folds: int) -> int:
    """Which of so many parts a text belongs to, 0 to ``folds`` - 1: the same for identical texts, today and next year.

    So a question that was asked twice never stands on both sides of a measurement, and what is held out from one
    version of a model is held out from all.
    """
    return int.from_bytes(hashlib.sha256(normalise(text).encode()).digest()[:8]) % folds


def measure(truths: Sequence[str], guessed: Sequence[Guesses]) -> dict[str, Any]:
    """How good guesses are, as plain numbers for JSON.

    ``accuracy`` is the share whose first guess is right, ``top3`` that with the truth among the first three, ``loss``
    the mean negative log of the probability given to the truth, ``error`` the expected calibration error: how far, on
    the average, the stated confidence is from the share that is right (Guo et al., 2017; bins of 0.05). ``bins`` holds
    [texts, sum of confidences, right] for each; ``labels`` [texts, guessed first, right] for each label.
    """
    count = len(truths)
    first = in_top = 0
    loss = 0.0
    bins = [[0, 0.0, 0] for _bin in range(BINS)]
    labels: dict[str, list[int]] = {}
    for truth, guesses in zip(truths, guessed, strict=True):
        label, confidence = guesses[0]
        right = label == truth
        first += right
        in_top += truth in [label for label, _p in guesses[:TOP]]
        loss -= log(max(dict(guesses).get(truth, 0.0), 1e-6))
        bin_ = bins[min(int(confidence * BINS), BINS - 1)]
        bin_[0] += 1
        bin_[1] += confidence
        bin_[2] += right
        labels.setdefault(truth, [0, 0, 0])[0] += 1
        labels.setdefault(label, [0, 0, 0])[1] += 1
        labels[truth][2] += right
    return {
        "texts": count,
        "accuracy": first / count if count else 0.0,
        "top3": in_top / count if count else 0.0,
        "loss": loss / count if count else 0.0,
        "error": sum(abs(total - right) for _n, total, right in bins) / count if count else 0.0,
        "bins": bins,
        "labels": labels,
    }


def above(measured: dict[str, Any], threshold: float) -> tuple[int, int]:
    """Of the measured texts: for how many a guess would be said at a threshold, and how many of these are right.

    Thresholds between two edges of bins count from the upper one.
    """
    spoken = [bin_ for number, bin_ in enumerate(measured["bins"]) if number / BINS >= threshold - 1e-9]
    return sum(bin_[0] for bin_ in spoken), sum(bin_[2] for bin_ in spoken)


def is_worse(new: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whether a new model, measured on the same held-out texts as the old one, should not take its place.

    Fewer right answers are worse; with equally many the larger loss is.
    """
    ours, theirs = round(new["accuracy"] * new["texts"]), round(old["accuracy"] * old["texts"])
    return ours < theirs or (ours == theirs and new["loss"] > old["loss"] + 1e-9)
