"""Numbers in the running text of a chapter."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from figures.queries import Reading

register = template.Library()


@register.simple_tag(takes_context=True)
def number(context: template.Context, name: str) -> SafeString | str:
    """A computed number by the figure's short name, dotted, leading to its definition, sums and records."""
    reading: Reading = context["readings"][name]
    return dotted(context, reading)


@register.simple_tag(takes_context=True)
def dotted(context: template.Context, reading: Reading) -> SafeString | str:
    """A reading as a dotted number; on paper the link is the whole address."""
    address = (context.get("PUBLIC_URL", "") if context.get("printed") else "") + reading.url
    title: Any = _("這個數字怎麼算的")
    return format_html(
        '<a class="figure" href="{}" title="{}"><span class="figure-number">{}</span></a>', address, title, reading.text
    )
