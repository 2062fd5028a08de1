"""The model in use: it agrees with scikit-learn, survives being stored, and what is no model is refused."""

import io
import pickle

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from classification.linear import MOST_FEATURES, Broken, LinearText
from classification.rules import grams
from classification.tests.conftest import Sayings
from classification.training import FEWEST_TEXTS, TooLittle, fit


@pytest.fixture(scope="module")
def learned() -> tuple[list[str], LinearText]:
    rows = Sayings().rows
    return [row.text for row in rows], fit([row.text for row in rows], [row.label for row in rows])


def test_scores_are_those_of_scikit_learns_vectors(learned: tuple[list[str], LinearText]) -> None:
    texts, model = learned
    vectors = TfidfVectorizer(analyzer=grams, sublinear_tf=True, min_df=FEWEST_TEXTS, max_features=MOST_FEATURES)
    vectors.fit(texts)
    asked = [*texts[:20], "門口的路燈不亮不亮", "完全 別的 ABC 路燈"]
    theirs = vectors.transform(asked) @ model.weights + model.intercept
    ours = np.array([model.scores(text) for text in asked])
    assert np.allclose(ours, theirs, atol=1e-4)


def test_probabilities_are_whole_and_ordered_and_what_was_learned_comes_back(
    learned: tuple[list[str], LinearText],
) -> None:
    _texts, model = learned
    guessed = model.guess("學校前面的路燈壞了")
    assert guessed[0][0] == "light" and guessed[0][1] > 0.6
    assert abs(sum(chance for _l, chance in guessed) - 1) < 1e-6
    assert [chance for _l, chance in guessed] == sorted((chance for _l, chance in guessed), reverse=True)
    assert model.guess("") == model.guess("Ω") == []


def test_a_stored_model_says_the_same(learned: tuple[list[str], LinearText]) -> None:
    texts, model = learned
    again = LinearText.from_bytes(model.to_bytes())
    assert [again.guess(text) for text in texts[:10]] == [model.guess(text) for text in texts[:10]]


def test_two_labels_work_and_one_is_too_little() -> None:
    model = fit(["路燈不亮", "路燈壞", "很吵", "太吵了"] * 5, ["light", "light", "noise", "noise"] * 5)
    assert model.guess("路燈")[0][0] == "light" and model.guess("好吵")[0][0] == "noise"
    with pytest.raises(TooLittle):
        fit(["路燈不亮"], ["light"])


class Bomb:
    """Would end the test run if anything unpickled it."""

    def __reduce__(self) -> tuple:
        return (pytest.exit, ("a pickle was loaded",))


def _with(model: LinearText, **parts: object) -> bytes:
    with np.load(io.BytesIO(model.to_bytes())) as stored:
        whole = {name: stored[name] for name in stored.files} | parts
    out = io.BytesIO()
    np.savez_compressed(out, **whole)
    return out.getvalue()


def test_what_is_no_model_is_refused_and_runs_nothing(learned: tuple[list[str], LinearText]) -> None:
    _texts, model = learned
    whole = model.to_bytes()
    broken = {
        "empty": b"",
        "text": b"not a model",
        "cut off": whole[: len(whole) // 2],
        "a pickle": pickle.dumps(Bomb()),
        "a pickle inside": _with(model, labels=np.array([Bomb()], dtype=object)),
        "another format": _with(model, format=np.int64(99)),
        "weights of another shape": _with(model, weights=np.zeros((2, 2), np.float32)),
        "not a number": _with(model, intercept=np.array([np.nan] * len(model.labels), np.float32)),
        "too large": _with(model, weights=np.zeros((5000, 4000), np.float32)),
    }
    for name, stored in broken.items():
        with pytest.raises(Broken):
            LinearText.from_bytes(stored)
            pytest.fail(f"{name} was read")
    assert LinearText.from_bytes(_with(model)).labels == model.labels
