"""A promise in words, for pages that show kinds."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from cases.models.clock import amount_in_words
from cases.registry import Kind


def promise_in_words(kind: Kind, on: date) -> str:
    """``4 小時內處理``: what a kind promises on a day; empty where nothing is promised."""
    promise = kind.promise(on)
    return _("%(amount)s內處理") % {"amount": amount_in_words(promise.amount, promise.unit)} if promise else ""
