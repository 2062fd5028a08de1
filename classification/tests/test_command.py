"""``./cityhall model``: measured on real questions of a city, and plain words about files that are none."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from classification.tests.conftest import Sayings


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("model", *map(str, arguments), stdout=out)
    return out.getvalue()


def figure(printed: str, name: str) -> float:
    return float(re.search(rf"^{name}\s+([0-9.]+)$", printed, re.M)[1])


@pytest.mark.slow
def test_real_questions_find_their_agency(shared_data: Path) -> None:
    printed = run("evaluate", shared_data / "kcg-1999-faq" / "kcg_faq_1348.csv")
    assert "1,348 texts (1,338 different) of 33 labels" in printed
    assert figure(printed, "accuracy") >= 0.83
    assert figure(printed, "top-3") >= 0.93
    assert figure(printed, "calibration error") <= 0.08


def test_any_file_of_texts_and_labels_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "said.csv"
    lines = [f"{row.label},{row.text}" for row in Sayings().rows]
    file.write_text("\n".join(["what,said", *lines, ",沒有標籤", "light,"]), encoding="utf-8-sig")
    printed = run("evaluate", file, "--text", "said", "--label", "what", "--folds", 5)
    assert f"{len(lines)} texts" in printed and "of 3 labels; 5 parts" in printed
    assert figure(printed, "accuracy") > 0.5


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        (None, [], "No such file"),
        (b"\xff\xfe", [], "utf-8"),
        (b"a,b\n1,2\n", [], "no column text or question"),
        (b"text,label\n", [], "no line with text and label"),
        (b"text,label\nx,a\ny,a\n", [], "fewer than two labels"),
        (b"text,label\nx,a\ny,b\n", ["--folds", "1"], "--folds"),
        (b"text,label\nx,a\ny,b\n", ["--label", "kind"], "no column kind"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(
    tmp_path: Path, content: bytes | None, arguments: list[str], says: str
) -> None:
    file = tmp_path / "said.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=says):
        run("evaluate", file, *arguments)


def test_train_and_show(city: Any, sayings: Sayings) -> None:
    assert "no version" in run("show")
    assert "version 1, accuracy" in run("train", "test.sayings")
    assert "nothing to learn anew" in run("train", "test.sayings")
    assert re.search(r"test\.sayings: 1 version\n \*   1 ", run("show"))
    with pytest.raises(CommandError, match="no classifier x"):
        run("train", "x")
