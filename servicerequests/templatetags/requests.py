"""Words of citizens' requests in templates: ``{% load requests %}``."""

from django import template

from servicerequests.actions.rating import rating_path
from servicerequests.rules import spell_code

register = template.Library()


@register.filter
def spelled(code: str) -> str:
    """A secret code as people read it out: ``7K4M-9QXR``."""
    return spell_code(code or "")


@register.filter
def rating_address(number: str) -> str:
    """The path that opens the rating of a case without its code: ``/rate/…/``."""
    return rating_path(number)
