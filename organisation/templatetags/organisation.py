"""Words of memberships in templates."""

from django import template
from django.utils.translation import get_language

from organisation.actions.recording import describe
from organisation.models import Membership, Nomination

register = template.Library()


@register.simple_tag
def office(held: Membership | Nomination) -> str:
    """Role, place and post of a membership, in the language of the page."""
    return describe(held, get_language() or "zh-hant")
