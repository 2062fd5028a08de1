"""Documents that are written by the program are what the program would write now."""

from pathlib import Path

from figures.reference import markdown

ROOT = Path(__file__).resolve().parent.parent


def test_the_list_of_figures_is_current():
    assert (ROOT / "docs" / "figures.md").read_text() == markdown(), "write it anew: ./cityhall figures doc"
