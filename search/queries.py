"""Asking the index."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import BooleanField, F, OuterRef, Q, Subquery, Value
from django.db.models.lookups import Lookup

from search.models import Entry
from search.rules import FINE_BITS
from search.rules import query as tsquery

__all__ = ["CAP", "Found", "ids", "matching", "tsquery"]

CAP = 2000
DENSE = 400  # so many hits in the two newest blocks make a word common: fifty are found by testing 8,000 records


@dataclass(frozen=True)
class Found:
    """``ids``: what was found, newest (highest object_id) first. ``more``: there is more than these."""

    ids: list[int]
    more: bool


def ids(kind: str, text: str, cap: int = CAP) -> Found:
    """The newest ``cap`` records of a kind that hold every word of the text as a substring. One statement.

    For lists that a person reads from the top. Who sees only some of the records wants :func:`matching`: here the cap
    falls before any other filter. A text without a word finds nothing.
    """
    asked = tsquery(text)
    found = _newest(kind, asked, cap + 1, cap + 1) if asked else []
    return Found(found[:cap], more=len(found) > cap)


def _newest(kind: str, asked: str, cap: int, dense: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_newest(%s, %s::tsquery, %s, %s)", [kind, asked, cap, dense])
        return [object_id for (object_id,) in cursor.fetchall()]


def matching(kind: str, text: str, object_id: str = "pk") -> Q:
    """A condition for a queryset of records: every word of the text is a substring of the record. Exact, without a cap.

    One statement here looks the words up. If few records hold them the condition is the list of their numbers, and
    every other filter and order of the queryset is as fast as ever. If many do, each record that the queryset meets in
    its own order is tested, at about 2 µs a record: a first page comes soon, a count takes as long as counting.

    ``object_id`` is the field of the queryset that holds the record's number. A text without a word narrows nothing.
    """
    asked = tsquery(text)
    if not asked:
        return Q()
    found = _newest(kind, asked, CAP + 1, DENSE)
    common = len(found) > CAP or (len(found) >= DENSE and found[0] - found[-1] < 2 << FINE_BITS)
    if not common:
        return Q(_AnyOf(F(object_id), found))
    # A scalar subquery and not EXISTS, which the planner would turn into a join and begin with all that match.
    entry = Entry.objects.filter(kind=kind, object_id=OuterRef(object_id))
    hit = Subquery(entry.values(hit=_Matches(F("vector"), Value(asked))), output_field=BooleanField())
    # The newest hit is known, so a walk from the newest record need not test those above it.
    return Q(**{f"{object_id}__lte": found[0]}) & Q(hit)


class _AnyOf(Lookup):
    """``number = ANY (array)``: one parameter, where IN wants one a number and a hundred times as long to parse."""

    prepare_rhs = False

    def as_sql(self, compiler, connection):
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY (%s::bigint[])", (*parameters, self.rhs)


class _Matches(Lookup):
    """``vector @@ tsquery``, where Django would quote the words again."""

    prepare_rhs = False

    def as_sql(self, compiler, connection):
        left, parameters = self.process_lhs(compiler, connection)
        right, asked = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", (*parameters, *asked)
