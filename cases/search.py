"""What the search finds of cases."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.actions.filing import search_body, search_title
from cases.actions.performing import TOPIC
from cases.models import Case
from search.registry import Searchable, Text, register


def _texts(after: int, count: int) -> list[Text]:
    """The next cases by key, as (key, title, body)."""
    cases = Case.objects.filter(pk__gt=after).for_list().order_by("pk")[:count]
    return [(case.pk, search_title(case), search_body(case)) for case in cases]


def _texts_of(ids) -> list[Text]:
    cases = Case.objects.filter(pk__in=ids).for_list()
    return [(case.pk, search_title(case), search_body(case)) for case in cases]


def _url(pk: int) -> str:
    return reverse("case", args=[Case.objects.values_list("number", flat=True).get(pk=pk)])


register(Searchable(code=TOPIC, label=_("案件"), url=_url, texts=_texts, texts_of=_texts_of))
