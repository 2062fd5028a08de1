"""The model in use: TF-IDF of character grams times one matrix. NumPy alone; scikit-learn is needed to train it only.

A stored model is an ``.npz`` of plain arrays, read with ``allow_pickle=False``: reading one can run no code, whoever
wrote it.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classification.rules import grams

FORMAT = 1
MOST_FEATURES = 50_000
MOST_LABELS = 200
MOST_BYTES = 64 * 1024 * 1024  # unpacked; the largest that `training` makes has 40 MB


class Broken(Exception):
    """Stored bytes that are not a model."""


@dataclass(frozen=True, eq=False)
class LinearText:
    """Weights of every gram for every label, and how sharply scores become probabilities.

    A text becomes a vector of (1 + ln count) * idf of its grams, of length one; times ``weights`` plus ``intercept`` it
    gives a score for each label, and softmax(sharpness * scores) their probabilities.
    """

    labels: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: np.ndarray  # (features,)
    weights: np.ndarray  # (features, labels)
    intercept: np.ndarray  # (labels,)
    sharpness: float = 1.0

    def scores(self, text: str) -> np.ndarray:
        """The score of each label; of a text without a known gram only the intercepts."""
        found = Counter(filter(self.vocabulary.__contains__, grams(text)))
        if not found:
            return self.intercept
        rows = np.fromiter((self.vocabulary[gram] for gram in found), np.int64, len(found))
        values = (1 + np.log(np.fromiter(found.values(), np.float32, len(found)))) * self.idf[rows]
        return values @ self.weights[rows] / np.linalg.norm(values) + self.intercept

    def guess(self, text: str) -> list[tuple[str, float]]:
        """The labels with their probabilities, the most probable first; nothing for a text without a known gram."""
        if not any(gram in self.vocabulary for gram in grams(text)):
            return []
        chances = softmax(self.sharpness * self.scores(text)[None, :])[0]
        return [(self.labels[i], float(chances[i])) for i in np.argsort(-chances, kind="stable")]

    def to_bytes(self) -> bytes:
        """The model as it is stored."""
        ordered = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        stored = io.BytesIO()
        np.savez_compressed(
            stored,
            format=np.int64(FORMAT),
            labels=_packed(self.labels),
            vocabulary=_packed(ordered),
            idf=self.idf.astype(np.float32),
            weights=self.weights.astype(np.float32),
            intercept=self.intercept.astype(np.float32),
            sharpness=np.float64(self.sharpness),
        )
        return stored.getvalue()

    @classmethod
    def from_bytes(cls, stored: bytes) -> LinearText:
        """The model that was stored. Raises Broken for anything else, without unpacking more than MOST_BYTES."""
        try:
            with zipfile.ZipFile(io.BytesIO(stored)) as archive:
                if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
                    raise Broken("too large")
            with np.load(io.BytesIO(stored), allow_pickle=False) as parts:
                if int(parts["format"]) != FORMAT:
                    raise Broken(f"format {parts['format']}")
                labels, words = _unpacked(parts["labels"]), _unpacked(parts["vocabulary"])
                model = cls(
                    tuple(labels),
                    {word: number for number, word in enumerate(words)},
                    parts["idf"],
                    parts["weights"],
                    parts["intercept"],
                    float(parts["sharpness"]),
                )
        except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, UnicodeError) as error:
            raise Broken(str(error)) from error
        shape = (len(model.vocabulary), len(model.labels))
        fits = model.weights.shape == shape and model.idf.shape == shape[:1] and model.intercept.shape == shape[1:]
        numbers: Sequence[Any] = (model.idf, model.weights, model.intercept, model.sharpness)
        if not fits or not model.labels or not all(np.isfinite(each).all() for each in numbers):
            raise Broken("its parts do not fit together")
        return model


def softmax(scores: np.ndarray) -> np.ndarray:
    """Scores as probabilities, row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _packed(words: Sequence[str]) -> np.ndarray:
    """Texts without line breaks as bytes."""
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def _unpacked(stored: np.ndarray) -> list[str]:
    return stored.tobytes().decode().split("\n")
