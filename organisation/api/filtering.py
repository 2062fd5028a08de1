"""Filters and orders of SCIM as questions to the database (RFC 7644, 3.4.2.2 and 3.4.2.3).

What each means is said by ``scim2_models``, which can also ask one resource whether it matches: the tests hold the two
against each other. Texts compare by code point, without their case unless the attribute says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Collate, Concat, Lower, NullIf
from django.db.models.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
    StartsWith,
)
from scim2_models import InvalidFilterException, ScimFilter, SearchRequest
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)
from scim2_models.path.resolution import AttributeBinding, coerce_value

from foundation import clock
from organisation.api.resources import EnterpriseUser, GroupOfUser, Staff
from organisation.models import Membership

type Path = tuple[str, ...]

LOOKUPS: Mapping[CompareOperator, Any] = {
    CompareOperator.eq: Exact,
    CompareOperator.co: Contains,
    CompareOperator.sw: StartsWith,
    CompareOperator.ew: EndsWith,
    CompareOperator.gt: GreaterThan,
    CompareOperator.ge: GreaterThanOrEqual,
    CompareOperator.lt: LessThan,
    CompareOperator.le: LessThanOrEqual,
}


def _text(column: str) -> Any:
    return NullIf(Cast(column, TextField()), Value("", TextField()))


@dataclass(frozen=True)
class Columns:
    """Where the attributes of a model lie: expressions that are NULL where there is no value, and lists of entries.

    ``entries`` of an attribute are a query for those of one row; an attribute with one entry at most has expressions
    of its own and stands in ``single`` with that which says whether there is one.
    """

    model: Any
    values: Mapping[Path, Any]
    single: Mapping[str, Path] = field(default_factory=dict)
    entries: Mapping[str, Callable[[], tuple[QuerySet, Columns]]] = field(default_factory=dict)


def _groups() -> tuple[QuerySet, Columns]:
    held = Membership.objects.provisioned(clock.today()).filter(user_id=OuterRef("user_id"))
    name = Concat("unit__agency__name", Value(" "), "unit__name", Value(" "), "role", output_field=TextField())
    number = Concat("unit__code", Value("."), "role", output_field=TextField())
    reference = Concat(Value("Groups/"), number, output_field=TextField())
    return held, Columns(GroupOfUser, {("value",): number, ("display",): name, ("ref",): reference})


_HAS_EMAIL = ~Q(user__email="")


def _if_email(value: Any, kind: Any) -> Any:
    return Case(When(_HAS_EMAIL, then=Value(value)), default=None, output_field=kind())


USERS = Columns(
    Staff,
    {
        ("id",): Cast("uid", TextField()),
        ("external_id",): _text("external_id"),
        ("user_name",): _text("user__username"),
        ("name", "formatted"): _text("user__name"),
        ("display_name",): _text("user__name"),
        ("title",): _text("title"),
        ("preferred_language",): Case(
            When(user__language="en", then=Value("en")), default=Value("zh-TW"), output_field=TextField()
        ),
        ("active",): Cast("user__is_active", BooleanField()),
        ("emails", "value"): _text("user__email"),
        ("emails", "type"): _if_email("work", TextField),
        ("emails", "primary"): _if_email(True, BooleanField),
        ("enterprise", "employee_number"): _text("employee_number"),
        ("enterprise", "organization"): _text("organization"),
        ("enterprise", "department"): _text("department"),
        ("enterprise", "manager", "value"): _text("manager__uid"),
        ("enterprise", "manager", "ref"): Case(
            When(manager__isnull=False, then=Concat(Value("Users/"), Cast("manager__uid", TextField()))),
            default=None,
            output_field=TextField(),
        ),
        ("meta", "created"): "created_at",
        ("meta", "last_modified"): "changed_at",
        ("meta", "resource_type"): Value("User", TextField()),
    },
    single={"emails": ("emails", "value"), "name": ("name", "formatted"), "manager": ("enterprise", "manager", "value"),
            "meta": ("meta", "created")},
    entries={"groups": _groups},
)  # fmt: skip


class Question(FilterVisitor[Any]):
    """A filter as a condition on rows that is true or false, never unknown."""

    def __init__(self, columns: Columns, within: Path = ()) -> None:
        self.columns, self.within = columns, within

    def visit_not(self, node: Not) -> Any:
        return ~Q(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> Any:
        terms = [Q(self.visit(term)) for term in node.terms]
        found = terms[0]
        for term in terms[1:]:
            found = found & term if node.op == LogicalOperator.and_ else found | term
        return found

    def visit_present(self, node: Present) -> Any:
        path, _binding = self._find(node.attr_path)
        if path[0] in self.columns.entries:
            inside, columns = self.columns.entries[path[0]]()
            if len(path) > 1:
                inside = inside.filter(_given(columns.values[path[1:]]))
            return Exists(inside)
        if path[-1] in self.columns.single:
            path = self.columns.single[path[-1]]
        return _given(self._value(path, node.attr_path))

    def visit_comparison(self, node: Comparison) -> Any:
        path, binding = self._find(node.attr_path, compared=True)
        assert binding is not None
        value = coerce_value(binding, node.value, node.op)
        if path[0] not in self.columns.entries:
            return _compared(self._value(path, node.attr_path), node.op, value, binding)
        inside, columns = self.columns.entries[path[0]]()
        expression = columns.values.get(path[1:])
        if expression is None:
            raise _unknown(node.attr_path)
        if value is None:
            there = Exists(inside)
            return {CompareOperator.eq: ~Q(there), CompareOperator.ne: Q(there)}.get(node.op, Q(pk__in=[]))
        if node.op == CompareOperator.ne:  # of none of the values, as the library reads the RFC's silence
            return ~Q(Exists(inside.filter(_compared(expression, CompareOperator.eq, value, binding))))
        return Exists(inside.filter(_compared(expression, node.op, value, binding)))

    def visit_value_path(self, node: ValuePath) -> Any:
        path, binding = self._find(node.attr_path)
        assert binding is not None
        if path[0] in self.columns.entries:
            inside, columns = self.columns.entries[path[0]]()
            return Exists(inside.filter(Question(columns).visit(node.val_filter)))
        there = _given(self._value(self.columns.single[path[0]], node.attr_path))
        inner = Columns(binding.field_type, self.columns.values, self.columns.single)
        return Q(there) & Q(Question(inner, within=path).visit(node.val_filter))

    def _find(self, attr_path: AttrPath, compared: bool = False) -> tuple[Path, AttributeBinding | None]:
        bound = ScimFilter[self.columns.model]  # type: ignore[name-defined]
        text = f"{attr_path} pr"
        found = bound(text)
        binding = (found.resolve_comparison if compared else found.resolve)(attr_path, strict=False)
        if binding is None:
            raise _unknown(attr_path)
        return (*self.within, *path_of(binding)), binding

    def _value(self, path: Path, attr_path: AttrPath) -> Any:
        if path not in self.columns.values:
            raise _unknown(attr_path)
        return self.columns.values[path]


def path_of(binding: AttributeBinding) -> Path:
    """Where an attribute stands in ``Columns``."""
    path = (binding.field_name, binding.sub_field_name) if binding.sub_field_name else (binding.field_name,)
    return ("enterprise", *path) if binding.model is EnterpriseUser else path


def _unknown(attr_path: AttrPath) -> InvalidFilterException:
    return InvalidFilterException(detail=f"the filter cannot ask for {attr_path}")


def _given(expression: Any) -> Any:
    return IsNull(_expression(expression), False)


def _expression(expression: Any) -> Any:
    return F(expression) if isinstance(expression, str) else expression


def _comparable(expression: Any, binding: AttributeBinding) -> Any:
    """Texts by code point, and without their case if the attribute has none."""
    if binding.target_type in (bool,) or isinstance(expression, str):
        return _expression(expression)
    expression = Cast(expression, TextField())
    return Collate(expression if binding.case_exact else Lower(expression), "C")


def _compared(expression: Any, op: CompareOperator, value: Any, binding: AttributeBinding) -> Any:
    given = Q(_given(expression))
    if value is None:
        return {CompareOperator.eq: ~given, CompareOperator.ne: given}.get(op, Q(pk__in=[]))
    if isinstance(value, str):
        value = normalize("NFC", value if binding.case_exact else value.lower())
        value = Value(value.replace("\0", "\ufffd"), TextField())
    left = _comparable(expression, binding)
    if op == CompareOperator.ne:
        return ~(given & Q(Exact(left, value)))
    return given & Q(LOOKUPS[op](left, value))


def ordered(found: QuerySet, request: SearchRequest[Any]) -> QuerySet:
    """People in the order asked for: who has no value last, or first if descending (RFC 7644, 3.4.2.3)."""
    binding = request.sort_binding(Staff)
    path = path_of(binding) if binding else ()
    if binding is None or path not in USERS.values:
        return found.order_by("pk")
    down = request.sort_order == SearchRequest.SortOrder.descending
    key = _comparable(USERS.values[path], binding)
    order = key.desc(nulls_first=True) if down else key.asc(nulls_last=True)
    return found.order_by(order, "pk")
