"""Kinds and units in templates that have only what a record keeps of them, such as letters: ``{% load kinds %}``."""

from django import template

from cases.registry import kinds
from cases.wording import doer_in_words

register = template.Library()


@register.filter
def kind_label(code: str) -> str:
    """The label of a kind in the language of the page; the code itself for one that the pack does not know."""
    known = kinds().get(code)
    return known.label if known else code


@register.filter
def doer(kept: str) -> str:
    """A unit by its Chinese name, or another doer that a timeline keeps, in the language of the page."""
    return doer_in_words(kept)
