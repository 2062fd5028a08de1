"""Words for what is kept as data: promises, and who did what."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from cases.models.clock import amount_in_words
from cases.registry import Kind
from organisation import directory
from organisation.models import Unit


def promise_in_words(kind: Kind, on: date) -> str:
    """``4 小時內處理``: what a kind promises on a day; empty where nothing is promised."""
    promise = kind.promise(on)
    return _("%(amount)s內處理") % {"amount": amount_in_words(promise.amount, promise.unit)} if promise else ""


def doer_in_words(kept: str) -> str:
    """Who did it, in the reader's language. The timeline keeps it in Chinese: a unit, the citizen or the system."""
    unit = next((unit for unit in directory.units().values() if unit.name == kept), None)
    return str(unit) if unit else _(kept) if kept else ""


def unit_in_full(unit: Unit) -> str:
    """A unit with its agency: ``工務局 養護工程處道路養護科``; in English the other way round."""
    return _("%(agency)s %(unit)s") % {"agency": unit.agency, "unit": unit}
