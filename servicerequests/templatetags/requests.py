"""Words of citizens' requests in templates: ``{% load requests %}``."""

from django import template

from servicerequests.rules import spell_code

register = template.Library()


@register.filter
def spelled(code: str) -> str:
    """A secret code as people read it out: ``7K4M-9QXR``."""
    return spell_code(code or "")
