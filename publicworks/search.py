"""What the search finds of works."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from publicworks.actions.finding import TOPIC, body_of, title_of
from publicworks.models import Work
from search.registry import Searchable, Text, register


def _texts(after: int, count: int) -> list[Text]:
    """The next works by key, as (key, title, body)."""
    works = Work.objects.filter(pk__gt=after).order_by("pk")[:count]
    return [(w.pk, title_of(w.tender_number, w.name), body_of(w.agency_name, w.contractor, w.address)) for w in works]


register(Searchable(code=TOPIC, label=_("工程"), url=lambda pk: reverse("work", args=[pk]), texts=_texts))
