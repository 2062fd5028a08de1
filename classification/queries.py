"""What a model says about a text. Nothing here raises because a model is missing or broken: then nothing is said."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import date

from classification.linear import Broken, LinearText
from classification.models import InForce, Version
from classification.registry import classifier
from foundation.clock import today
from organisation.memory import Remembered
from organisation.pack import pack

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Guess:
    """A label with its probability, and the version of the model that says so."""

    label: str
    probability: float
    version: int


# Which version answers, by classifier: one small statement every few seconds in each process. So every process has
# changed over within that time after a training or a roll-back.
_in_force = Remembered(lambda: {line.classifier: line.version_id for line in InForce.objects.now()})
# The weights of that version, by classifier; read once. None: it could not be read.
_loaded: dict[str, tuple[int, int, LinearText | None]] = {}


def forget() -> None:
    """Ask anew which versions are in force: after a change, and between tests."""
    _in_force.forget()
    _loaded.clear()


def guesses(code: str, text: str) -> list[Guess]:
    """All labels of a classifier with their probabilities for a text, the most probable first; none without a model."""
    version = _in_force().get(code)
    if version is None or not text.strip():
        return []
    kept = _loaded.get(code)
    if kept is None or kept[0] != version:
        _loaded[code] = kept = (version, *_load(version))
    _pk, number, model = kept
    return [Guess(label, chance, number) for label, chance in model.guess(text)] if model else []


def suggestion(code: str, text: str, on: date | None = None) -> Guess | None:
    """The first guess, if it is at least as probable as the city's threshold asks; else None, and nothing is said."""
    asked = threshold(code, on or today())
    if asked is None:
        return None
    found = guesses(code, text)
    return found[0] if found and found[0].probability >= asked else None


def threshold(code: str, on: date) -> float | None:
    """The probability from which a guess is said, by the rules of the city pack; None where it has no such rule."""
    try:
        return float(pack().rule(classifier(code).threshold, on).value)
    except LookupError:
        return None


def model_of(version: Version) -> LinearText:
    """The model of a version. Raises Broken for weights that are gone or were altered."""
    stored = bytes(version.weights or b"")
    if hashlib.sha256(stored).hexdigest() != version.weights_digest:
        raise Broken(f"{version}: the weights are not those that were stored")
    return LinearText.from_bytes(stored)


def _load(pk: int) -> tuple[int, LinearText | None]:
    version = Version.objects.get(pk=pk)
    try:
        return version.number, model_of(version)
    except Broken:
        log.exception("model %s cannot be used; nothing is suggested", version)
        return version.number, None
