"""Which kinds of records can be found: declared in ``<app>/search.py``, picked up when the program starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Text = tuple[int, str, str]  # object_id, title, body


@dataclass(frozen=True)
class Searchable:
    """A kind of record that can be found.

    ``kind``      "<app>.<noun>", the same that its actions pass to :func:`search.actions.index`
    ``label``     what people call such records, in both languages
    ``url``       the address of the record with this object_id
    ``texts``     ``texts(after, count)``: object_id, title and body of the first ``count`` records whose object_id is
                  greater than ``after``, in the order of object_id; the index is rebuilt from it
    ``texts_of``  the same of the records with these object_ids; needed by a kind that is ever put off (``index_later``)
    """

    kind: str
    label: str | Promise
    url: Callable[[int], str]
    texts: Callable[[int, int], Sequence[Text]]
    texts_of: Callable[[Sequence[int]], Sequence[Text]] = lambda ids: ()


_searchables: dict[str, Searchable] = {}


def register(searchable: Searchable) -> Searchable:
    """Declare a kind. Two of the same name are a mistake and raise ValueError."""
    if searchable.kind in _searchables:
        raise ValueError(f"search kind declared twice: {searchable.kind}")
    _searchables[searchable.kind] = searchable
    return searchable


def searchable(kind: str) -> Searchable:
    """The declaration of a kind; KeyError if there is none."""
    return _searchables[kind]


def searchables() -> list[Searchable]:
    """All kinds, by name."""
    return [_searchables[kind] for kind in sorted(_searchables)]
