"""The rule on real clusters: what docs/duplicates.md says is what comes out; and the arithmetic of the measure."""

import re
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases.management.commands.measure_duplicates import Spot, measure, read
from cases.rules import Likeness

RULE = Likeness(200, 60, 0.6, 0.2, 0.2, 0.3)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "duplicates.md"
AT = datetime(2018, 8, 1)


@pytest.fixture
def clusters(shared_data):
    folder = shared_data / "kcg-1999-potholes"
    files = [folder / "822before.json", folder / "822after.json"]
    if not all(file.is_file() for file in files):
        pytest.skip("the pothole clusters are not there")
    return files


def test_the_measure_counts_what_it_says():
    here, far = (120.3, 22.6), (120.31, 22.6)
    spots = [
        Spot(1, AT, *here), Spot(1, AT + timedelta(days=1), *here), Spot(2, AT + timedelta(days=2), *here),
        Spot(2, AT + timedelta(days=3), *far),
    ]  # fmt: skip
    score = measure(spots, RULE)
    # The second finds the first; the third finds two of another matter; the fourth, a twin far away, finds nothing.
    assert (score.right, score.shown, score.pairs, score.found, score.asked) == (1, 3, 2, 1, 2)
    assert (score.precision, score.recall, score.helped) == (1 / 3, 1 / 2, 1 / 2)
    nothing = measure(spots[:1], RULE)
    assert nothing.precision == nothing.recall == nothing.helped == 1


@pytest.mark.parametrize("content", ["", "{", "[{}]", '[{"clusterId": "x"}]'])
def test_a_file_of_something_else_is_refused_by_name(tmp_path, content):
    path = tmp_path / "clusters.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=r"clusters\.json"):
        read(path)


def test_the_rule_on_the_real_clusters(clusters):
    for file in clusters:
        score = measure(read(file), RULE)
        assert score.precision >= 0.98 and score.helped >= 0.9, file.name
    with pytest.raises(CommandError):
        read(clusters[0].parent / "no-such.json")


def test_the_documents_say_what_comes_out(clusters):
    out = StringIO()
    call_command("measure_duplicates", *clusters, stdout=out)
    said = re.findall(r"^\| .*the rule.*$", out.getvalue(), re.M)
    assert len(said) == 2
    assert all(line in DOCS.read_text("utf-8") for line in said)
