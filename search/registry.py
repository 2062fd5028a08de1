"""Which kinds of records can be found: declared in ``<app>/search.py``, picked up when the program starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from foundation.declared import Declared

Text = tuple[int, str, str]  # object_id, title, body


@dataclass(frozen=True)
class Searchable:
    """A kind of record that can be found.

    ``code``      "<app>.<noun>", the same that its actions pass to :func:`search.actions.index`
    ``label``     what people call such records, in both languages
    ``url``       the address of the record with this object_id
    ``texts``     ``texts(after, count)``: object_id, title and body of the first ``count`` records whose object_id is
                  greater than ``after``, in the order of object_id; the index is rebuilt from it
    ``texts_of``  the same of the records with these object_ids; needed by a kind that is ever put off (``index_later``)
    """

    code: str
    label: str | Promise
    url: Callable[[int], str]
    texts: Callable[[int, int], Sequence[Text]]
    texts_of: Callable[[Sequence[int]], Sequence[Text]] = lambda ids: ()


_searchables = Declared[Searchable]("searchable")
register, searchable, searchables = _searchables.add, _searchables.named, _searchables.in_order
