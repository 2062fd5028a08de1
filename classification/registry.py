"""What texts are sorted into: declared in ``<app>/classifiers.py``, picked up when the program starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise as LazyText

from foundation.declared import Declared


class Example(NamedTuple):
    """A text whose label is known: from the city pack or from a record of the city."""

    text: str
    label: str
    own: bool


@dataclass(frozen=True)
class Classifier:
    """A question that a model answers about a text.

    ``code``        "<app>.<noun>"
    ``label``       what the question is, in both languages
    ``definition``  what it is asked for, and what it learns from
    ``examples``    all that is known, in any order
    ``words``       a label of the model in words
    ``threshold``   name of the rule of the city pack: below this probability nothing is said
    """

    code: str
    label: str | LazyText
    definition: str | LazyText
    examples: Callable[[], Sequence[Example]]
    words: Callable[[str], str]
    threshold: str


_classifiers = Declared[Classifier]("classifier")
register, classifier, classifiers = _classifiers.add, _classifiers.named, _classifiers.in_order
