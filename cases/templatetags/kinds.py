"""Kinds in templates that have only their codes, such as letters: ``{% load kinds %}``."""

from django import template

from cases.registry import kinds

register = template.Library()


@register.filter
def kind_label(code: str) -> str:
    """The label of a kind in the language of the page; the code itself for one that the pack does not know."""
    known = kinds().get(code)
    return known.label if known else code
