"""What is compared, what is held out, and how good a model is said to be."""

from hypothesis import given
from hypothesis import strategies as st

from classification.rules import BINS, above, fold_of, grams, is_worse, measure, normalise

TEXTS = st.text(alphabet="路燈不亮臺台ＡA a\n1", max_size=30)


@given(TEXTS, st.integers(2, 20))
def test_texts_that_are_the_same_to_a_reader_lie_in_one_part(text: str, folds: int) -> None:
    part = fold_of(text, folds)
    assert 0 <= part < folds
    assert part == fold_of(f"  {text.replace('台', '臺')}\n", folds) == fold_of(normalise(text), folds)


def test_parts_are_of_about_one_size_and_stay_what_they_are() -> None:
    parts = [fold_of(f"第 {number} 件", 5) for number in range(1000)]
    assert all(150 < parts.count(part) < 250 for part in range(5))
    assert parts[:8] == [fold_of(f"第 {number} 件", 5) for number in range(8)]
    assert fold_of("路燈不亮", 5) == 1  # written down: what was held out from an old version must be so for ever


@given(TEXTS)
def test_grams_are_all_runs_of_one_to_three_characters(text: str) -> None:
    n = len(normalise(text))
    assert len(grams(text)) == n + max(n - 1, 0) + max(n - 2, 0)
    assert all(gram in normalise(text) for gram in grams(text))


def test_a_measurement_counts_what_it_says() -> None:
    guessed = [
        [("a", 0.9), ("b", 0.1)],
        [("a", 0.7), ("b", 0.3)],
        [("b", 0.6), ("c", 0.2), ("d", 0.15), ("a", 0.05)],
    ]
    measured = measure(["a", "b", "a"], guessed)
    assert measured["accuracy"] == 1 / 3
    assert measured["top3"] == 2 / 3
    assert round(measured["error"], 6) == round((0.1 + 0.7 + 0.6) / 3, 6)
    assert measured["labels"] == {"a": [2, 2, 1], "b": [1, 1, 0]}
    assert sum(bin_[0] for bin_ in measured["bins"]) == 3 and len(measured["bins"]) == BINS
    assert above(measured, 0.65) == (2, 1)
    assert above(measured, 0.0) == (3, 1)


CHANCES = st.floats(0, 1)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab"), CHANCES), min_size=1, max_size=30))
def test_measures_are_shares_and_no_model_is_worse_than_itself(rows: list[tuple[str, str, float]]) -> None:
    measured = measure([truth for truth, _g, _p in rows], [[(guess, chance)] for _t, guess, chance in rows])
    assert 0 <= measured["accuracy"] <= measured["top3"] <= 1
    assert 0 <= measured["error"] <= 1
    assert not is_worse(measured, measured)


def test_fewer_right_answers_are_worse_and_so_is_more_loss_at_the_same_number() -> None:
    good = measure(["a", "b"], [[("a", 0.9), ("b", 0.1)], [("b", 0.9), ("a", 0.1)]])
    half = measure(["a", "b"], [[("a", 0.9), ("b", 0.1)], [("a", 0.9), ("b", 0.1)]])
    unsure = measure(["a", "b"], [[("a", 0.6), ("b", 0.4)], [("b", 0.6), ("a", 0.4)]])
    assert is_worse(half, good) and not is_worse(good, half)
    assert is_worse(unsure, good) and not is_worse(good, unsure)
