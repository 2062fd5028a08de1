"""Which cases: by who may see them, by where they stand, by where they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from math import cos, radians
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.db.models.query import ModelIterable

from cases.registry import kinds
from cases.rules import METRES_A_DEGREE
from foundation.clock import now
from organisation import directory
from organisation.permissions import grants_of

if TYPE_CHECKING:
    from cases.models import Case


def within(scope) -> Q:
    """The condition that a case lies in a scope of the reader's permissions; nothing for an empty scope."""
    if scope.city:
        return Q()
    reach = Q(pk__in=[])
    if scope.agencies:
        reach |= Q(unit__agency_id__in=scope.agencies)
    if scope.units:
        reach |= Q(unit_id__in=scope.units)
    return reach


# What no list shows: long texts, and what would have to be decrypted.
NOT_LISTED = (
    "description", "fields", "rating_note", "secret", "submission", "source", "source_number", "village",
    "officer__password", "officer__email",
)  # fmt: skip


BEGINNING = 61  # characters of the description: one more than a list shows


class CountOf(models.Subquery):
    """How many rows another query has, beside the counts of an aggregate: in the same statement, whatever it counts."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = models.IntegerField()
    contains_aggregate = True
    empty_result_set_value = NotImplemented  # where the cases are none by their condition, this still is asked


class ListOf(ArraySubquery):
    """The rows of another query, of one column, in the same way."""

    contains_aggregate = True
    empty_result_set_value = NotImplemented


class Moments(NamedTuple):
    """What the conditions of a tally are relative to: points in time, and who asks."""

    now: datetime
    soon: datetime  # in an hour
    tomorrow: datetime  # the end of today
    me: int  # the reader's key


# Stand for them in the SQL that a tally keeps; nothing else has these values.
_MARKS = Moments(
    datetime(1001, 1, 1, tzinfo=UTC), datetime(1002, 1, 1, tzinfo=UTC), datetime(1003, 1, 1, tzinfo=UTC), -1001
)


class Tally(models.Expression):
    """How many rows meet each of some conditions, as ``{name: number}``; the base table has to bear its own name.

    The conditions are functions of `Moments`. Their SQL is made when first asked for: made each time, it would cost
    more than all else of the statement together.
    """

    contains_aggregate = True
    output_field = models.JSONField()

    def __init__(self, conditions: Mapping[str, Callable[[Moments], Q]], at: Moments) -> None:
        super().__init__()
        self.conditions, self.at = conditions, at

    @staticmethod
    @lru_cache(maxsize=20)
    def _sql(
        model: type[models.Model], names: tuple[str, ...], conditions: tuple[Callable[[Moments], Q], ...]
    ) -> tuple[str, list]:
        parts: list[str] = []
        params: list[Any] = []
        for name, condition in zip(names, conditions, strict=True):
            query = models.QuerySet(model).filter(condition(_MARKS)).query
            if query.where:
                where, values = query.where.as_sql(query.get_compiler(connection=connection), connection)
                parts.append(f"'{name}', count(*) FILTER (WHERE {where})")
                params += values
            else:
                parts.append(f"'{name}', count(*)")
        return f"jsonb_build_object({', '.join(parts)})", params

    def as_sql(self, compiler, connection) -> tuple[str, Any]:
        """The JSON object, with the moments in their places."""
        sql, marked = self._sql(compiler.query.model, tuple(self.conditions), tuple(self.conditions.values()))
        values = dict(zip(_MARKS, self.at, strict=True))
        return sql, [values.get(value, value) for value in marked]


# What stands in the place of a text whose term is over, behind what the case was about (`servicerequests.retention`).
FORGOTTEN = "（內容已依個人資料保存期限刪除）"


class _Placed(ModelIterable):
    """Cases with their units and districts out of the directory in memory: joins would make them anew for each row."""

    def __iter__(self) -> Iterator[Case]:
        units, districts = directory.units_by_id(), directory.districts()
        for case in super().__iter__():
            if case.unit_id in units:  # one that the directory does not remember yet is fetched when it is asked for
                case.unit = units[case.unit_id]
            if case.district_id in districts:
                case.district = districts[case.district_id]
            yield case


class CaseQuerySet(models.QuerySet):
    """Cases."""

    def visible_to(self, user, permission: str = "cases:read") -> CaseQuerySet:
        """The cases that a person's roles reach; for a citizen, those that they reported signed in.

        Whoever works in a unit does not get their private reports mixed into the desk: these are under "my cases".
        """
        scope = grants_of(user).scope(permission)
        if scope.city:
            return self
        if scope.own and not (scope.units or scope.agencies):
            return self.reported_by(user)
        return self.filter(within(scope))

    def reported_by(self, user) -> CaseQuerySet:
        """The cases that a person reported while signed in."""
        return self.filter(contact__reporter_id=user.pk)

    def public(self) -> CaseQuerySet:
        """What anybody may know of: not the sensitive kinds' contents, which pages leave out by themselves."""
        return self

    def from_source(self, source: str, number: str) -> CaseQuerySet:
        """The case that another register knows by a number, if it is here."""
        return self.filter(source=source, source_number=number)

    def unsettled(self) -> CaseQuerySet:
        """Not yet closed, merged or withdrawn: what still stands in somebody's queue."""
        return self.filter(closed_at__isnull=True)

    def open(self) -> CaseQuerySet:
        """The work is not done yet."""
        return self.filter(closed_at__isnull=True, done_at__isnull=True)

    def overdue(self, on: datetime | None = None) -> CaseQuerySet:
        """Open, running and past the deadline at a moment."""
        return self.open().filter(paused_at__isnull=True, due_at__lt=on or now())

    def waiting(self) -> CaseQuerySet:
        """The clock stands still: the city waits for the citizen."""
        return self.open().filter(paused_at__isnull=False)

    def running(self) -> CaseQuerySet:
        """Open and the clock runs."""
        return self.open().filter(paused_at__isnull=True)

    def by_deadline(self) -> CaseQuerySet:
        """What is late on top, then by due time; without a deadline last."""
        return self.order_by(F("due_at").asc(nulls_last=True), "pk")

    def for_list(self) -> CaseQuerySet:
        """With what a line of a list shows, in one query; units and districts come from the directory in memory."""
        found = self.select_related("officer")
        found._iterable_class = _Placed
        return found

    def page(self, first: int, last: int, *joined: str) -> list[Case]:
        """Rows ``first`` to ``last`` of an ordered list, as a list shows them, in one query.

        They are chosen by their keys first: of a unit's thousands of open cases only these are joined to anything.
        ``joined`` names what a list shows besides.
        """
        chosen = self.values("pk")[first:last]
        rows: CaseQuerySet = CaseQuerySet(self.model, using=self.db).filter(pk__in=chosen)
        rows = rows.order_by(*self.query.order_by).for_list().select_related("officer", *joined)
        hidden = set(NOT_LISTED) - set(joined)
        return list(rows.defer(*hidden).annotate(beginning=Left("description", BEGINNING)))

    def arrived(self, since: datetime, until: datetime) -> CaseQuerySet:
        """What people reported between two moments; what an import brought did not arrive then."""
        return self.filter(received_at__gte=since, received_at__lt=until).exclude(channel="import")

    def settled_texts(self, most: int) -> list[tuple[str, str, str]]:
        """The newest cases that were settled by whom they belonged to, as (text, kind, agency), to learn from.

        Not what was withdrawn, merged, or passed on outside the city.
        """
        settled = self.filter(closed_at__isnull=False, outcome__in=("fixed", "answered", "not_found", "declined"))
        told = settled.exclude(description="").exclude(description__endswith=FORGOTTEN)
        texts = told.order_by("-received_at", "-pk")
        return list(texts.values_list("description", "kind_code", "unit__agency__code")[:most])

    def routed_since(self, since: datetime, most: int) -> Iterator[tuple]:
        """The newest cases received since a moment, as what routing rules ask of them:
        (number, kind, district, address, text, received_at)."""
        rows = (
            self.filter(received_at__gte=since)
            .order_by("-received_at", "-pk")
            .values_list("number", "kind_code", "district_id", "address", "description", "place_note", "received_at")
        )
        for number, kind, district, address, description, note, at in rows[:most].iterator(chunk_size=5000):
            if kind in kinds():
                yield number, kind, district or "", address, f"{description}\n{note}", at

    def joined_to(self, case) -> CaseQuerySet:
        """What was merged into a case or split off from it."""
        return self.filter(Q(merged_into=case) | Q(split_from=case))

    def untouched_parts_of(self, case) -> CaseQuerySet:
        """What was split off from a case and nobody has begun with: it waits where it was filed."""
        return self.filter(split_from=case, state="received", officer=None, transfers=0)

    def near(self, lon: float, lat: float, metres: float) -> CaseQuerySet:
        """Within a square around a point, which an index serves; callers sort by true distance."""
        dlat = metres / METRES_A_DEGREE
        dlon = dlat / cos(radians(lat))
        return self.filter(lat__range=(lat - dlat, lat + dlat), lon__range=(lon - dlon, lon + dlon))


# What only some cases have. Asked for at once, so that a page need not ask for each and get nothing.
_EXTRAS = """
SELECT array_remove(ARRAY[
    CASE WHEN EXISTS (SELECT FROM cases_attachment WHERE case_id = %(case)s) THEN 'attachments' END,
    CASE WHEN EXISTS (SELECT FROM cases_proposal WHERE case_id = %(case)s) THEN 'proposals' END,
    CASE WHEN EXISTS (SELECT FROM cases_contribution WHERE case_id = %(case)s) THEN 'contributions' END,
    CASE WHEN EXISTS (SELECT FROM cases_case WHERE merged_into_id = %(case)s)
        OR EXISTS (SELECT FROM cases_case WHERE split_from_id = %(case)s) THEN 'joined' END,
    CASE WHEN EXISTS (SELECT FROM cases_case WHERE split_from_id = %(case)s
        AND state = 'received' AND officer_id IS NULL AND transfers = 0) THEN 'untouched parts' END
], NULL)
"""


def extras_of(case_id: int) -> frozenset[str]:
    """Which of ``attachments``, ``proposals``, ``contributions``, ``joined`` cases and ``untouched parts``
    (`CaseQuerySet.untouched_parts_of`) there are; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_EXTRAS, {"case": case_id})
        return frozenset(cursor.fetchone()[0])


NEAR_DEGREES = 0.0009  # about 100 m of latitude: close enough to be the same hole in the road

# Counted for each row by the index of points; as a join, every open case of the kind would be compared with every row.
_NEAR = """
SELECT here.id, (
    SELECT count(*) FROM cases_case there
    WHERE there.kind_code = here.kind_code AND there.id <> here.id
        AND there.closed_at IS NULL AND there.done_at IS NULL
        AND there.lat BETWEEN here.lat - %(near)s AND here.lat + %(near)s
        AND there.lon BETWEEN here.lon - %(near)s AND here.lon + %(near)s)
FROM cases_case here WHERE here.id = ANY(%(ids)s)
"""


def near_counts(ids: list[int]) -> dict[int, int]:
    """How many open cases of the same kind lie close to each of these, in one statement."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"near": NEAR_DEGREES, "ids": ids})
        return dict(cursor.fetchall())
