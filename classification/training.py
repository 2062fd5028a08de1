"""Training and measuring a model, with scikit-learn: character 1 to 3-gram TF-IDF, a linear model, calibrated.

The weights are those of a linear support vector machine with balanced classes plus a share of a complement naive
Bayes: the first draws the borders, the second orders what lies beyond them (a better second and third guess). Both are
linear in the same vector, so that their sum is one matrix. Scores become probabilities by one number, the temperature
(Guo et al., 2017), fitted on texts that the scoring model had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from classification.linear import MOST_FEATURES, MOST_LABELS, LinearText, softmax
from classification.rules import Guesses, fold_of, grams, measure

BAYES_SHARE = 0.2
# A piece of text that only one record has, such as somebody's name, is not learned: it would be kept in the model.
FEWEST_TEXTS = 2
CALIBRATION_FOLDS = 5


class TooLittle(Exception):
    """There is not enough to learn from: fewer than two labels, or nothing that two texts have in common."""


def fit(texts: Sequence[str], labels: Sequence[str]) -> LinearText:
    """A calibrated model of these texts. Raises TooLittle; ValueError for more than MOST_LABELS labels."""
    classes = sorted(set(labels))
    scores = _held_out_scores(texts, labels, classes, CALIBRATION_FOLDS)
    model = _weigh(texts, labels)
    sharpness = _sharpness(scores, _numbers(labels, classes))
    return LinearText(model.labels, model.vocabulary, model.idf, model.weights, model.intercept, sharpness)


def cross_validate(
    texts: Sequence[str], labels: Sequence[str], folds: int = 10, progress: Callable[[int], Any] = lambda done: None
) -> dict[str, Any]:
    """``rules.measure`` of guesses that were each made by a model which had not seen the text, nor one like it.

    Texts are divided by ``rules.fold_of``, so identical ones stay together. The temperature of a part is fitted on the
    other parts. Raises TooLittle.
    """
    classes = sorted(set(labels))
    scores = _held_out_scores(texts, labels, classes, folds, progress)
    parts, truths = np.array([fold_of(text, folds) for text in texts]), _numbers(labels, classes)
    chances = np.zeros_like(scores)
    for part in range(folds):
        here = parts == part
        if here.any():
            chances[here] = softmax(_sharpness(scores[~here], truths[~here]) * scores[here])
    return measure(labels, [_in_order(classes, row) for row in chances])


def measure_model(model: LinearText, texts: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    """``rules.measure`` of a model on texts that it has not seen."""
    nothing: Guesses = [("", 0.0)]
    return measure(labels, [model.guess(text) or nothing for text in texts])


def _in_order(classes: Sequence[str], chances: np.ndarray) -> Guesses:
    return [(classes[i], float(chances[i])) for i in np.argsort(-chances, kind="stable")]


def _numbers(labels: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    number = {label: i for i, label in enumerate(classes)}
    return np.array([number[label] for label in labels])


def _weigh(texts: Sequence[str], labels: Sequence[str]) -> LinearText:
    """A model without a temperature yet."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    count = len(set(labels))
    if count < 2:
        raise TooLittle
    if count > MOST_LABELS:
        raise ValueError(f"{count} labels; at most {MOST_LABELS}")
    vectors = TfidfVectorizer(
        analyzer=grams, sublinear_tf=True, min_df=FEWEST_TEXTS, max_features=MOST_FEATURES, dtype=np.float32
    )
    try:
        counted = vectors.fit_transform(texts)
    except ValueError as error:  # an empty vocabulary
        raise TooLittle from error
    borders = LinearSVC(C=1.0, class_weight="balanced", random_state=0).fit(counted, labels)
    order = ComplementNB(alpha=0.3).fit(counted, labels)
    weights, intercept = borders.coef_, borders.intercept_
    if count == 2:  # scikit-learn keeps one row then: how far a text lies on the second label's side
        weights, intercept = np.vstack([-weights, weights]), np.concatenate([-intercept, intercept])
    bayes = order.feature_log_prob_ - order.feature_log_prob_.mean(axis=0)
    return LinearText(
        tuple(str(label) for label in borders.classes_),
        {str(word): int(number) for word, number in vectors.vocabulary_.items()},
        vectors.idf_.astype(np.float32),
        np.ascontiguousarray((weights + BAYES_SHARE * bayes).T, np.float32),
        intercept.astype(np.float32),
    )


def _held_out_scores(
    texts: Sequence[str],
    labels: Sequence[str],
    classes: Sequence[str],
    folds: int,
    progress: Callable[[int], Any] = lambda done: None,
) -> np.ndarray:
    """The scores of each text by a model of the other parts; a label that these do not have scores lowest there."""
    if len(classes) < 2:
        raise TooLittle
    parts = np.array([fold_of(text, folds) for text in texts])
    scores = np.zeros((len(texts), len(classes)))
    columns = {label: i for i, label in enumerate(classes)}
    for part in range(folds):
        here, there = np.flatnonzero(parts == part).tolist(), np.flatnonzero(parts != part).tolist()
        if len(here) and len({labels[i] for i in there}) > 1:
            model = _weigh([texts[i] for i in there], [labels[i] for i in there])
            known = [columns[label] for label in model.labels]
            for i in here:
                row = model.scores(texts[i])
                scores[i] = row.min() - 1
                scores[i, known] = row
        progress(part + 1)
    return scores


def _sharpness(scores: np.ndarray, truths: np.ndarray) -> float:
    """The factor that makes softmax(factor * scores) most probable for what is true, between 0.05 and 50."""
    from scipy.optimize import minimize_scalar

    def loss(log_factor: float) -> float:
        chances = softmax(np.exp(log_factor) * scores)[np.arange(len(truths)), truths]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.05), np.log(50)), method="bounded").x))
