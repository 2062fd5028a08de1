"""Where the person is on the way to, on the pages on which they prove who they are."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils.module_loading import import_string

register = template.Library()


@register.inclusion_tag("identity/parts/bound.html")
def bound_for(address: str | None) -> dict[str, Any]:
    """The system that waits at ``address`` for the person to come in, with its agency; nothing where none does.

    A password is typed for somebody, and the page says for whom. Systems lie above: ``settings.BOUND_FOR`` names who
    knows them.
    """
    return {"system": import_string(settings.BOUND_FOR)(address) if address and settings.BOUND_FOR else None}
