"""Words for the log of disclosures."""

from django import template
from django.utils.translation import gettext as _

from identity.models import AccountEvent, Disclosure
from identity.registry import field_labels
from identity.registry import subject_label as label

register = template.Library()


@register.filter
def subject_label(code: str) -> str:
    """The word for a kind of record that holds personal data."""
    return label(code)


@register.filter
def field_words(entry: Disclosure) -> str:
    """What was shown, in words."""
    return _("、").join(field_labels(entry.subject, entry.fields))


@register.filter
def detail_words(event: AccountEvent) -> str:
    """Which fields of an account were changed, in words; of which key, of which certificate; else nothing."""
    if event.verb.startswith(("key_", "certificate_")):
        return event.detail
    return _("、").join(field_labels("user", event.detail.split()))
