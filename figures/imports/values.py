"""Values of manual figures from a CSV file: what agencies keep in tables of their own, and what earlier years were."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from figures.actions import enter
from figures.actions.entering import LARGEST
from figures.models import ManualEntry
from figures.registry import Manual, Period, registry
from foundation.imports import Column, Import, Refused, parsers, register
from foundation.imports.registry import Key, Record

if TYPE_CHECKING:
    from identity.models import User


@dataclass
class Context:
    """Who brings the file, and of which figures they may enter values (None: of all)."""

    by: User | None = None
    allowed: Collection[str] | None = None


def manual(code: str) -> Manual:
    """A manual figure by its code."""
    try:
        figure = registry.figure(code)
    except LookupError:
        raise Refused(_("沒有「%(value)s」這個統計項目"), value=code) from None
    if not isinstance(figure, Manual):
        raise Refused(_("「%(value)s」是系統算出的，不能填報"), value=code)
    return figure


def period(text: str) -> Period:
    """A year or a month: 2022, 2022-08."""
    try:
        return Period.parse(text)
    except ValueError:
        raise Refused(_("「%(value)s」不是期間，請填西元年度或年月，例如 2022 或 2022-08"), value=text) from None


def address(text: str) -> str:
    """An address on the web."""
    try:
        URLValidator(["http", "https"])(text)
    except ValidationError:
        raise Refused(_("「%(value)s」不是網址"), value=text) from None
    return text


def check(record: Record, context: Context) -> Record:
    """What the line says about itself: periods, places, whose figure it is."""
    figure, of = record["code"], record["period"]
    if context.allowed is not None and figure.code not in context.allowed:
        raise Refused(_("「%(value)s」不是您的機關主管的統計項目"), column="code", value=figure.code)
    if of.grain not in registry.grains_of(figure):
        raise Refused(_("「%(value)s」不是按這種期間填報"), column="period", value=figure.code)
    if not of.has_begun:
        raise Refused(_("「%(value)s」還沒有開始"), column="period", value=str(of))
    if record["value"] != round(record["value"], figure.decimals):
        raise Refused(
            _("「%(value)s」的小數超過 %(places)s 位"), column="value", value=record["value"], places=figure.decimals
        )
    return record


def existing(records: Mapping[Key, Record], cursor: Any) -> Iterable[Key]:
    """Values that are as the file says. One that differs is written as a correction, with the line's reason if any."""
    periods = [record["period"] for record in records.values()]
    codes = {record["code"].code for record in records.values()}
    latest = ManualEntry.objects.that_hold(codes, min(p.start for p in periods), max(p.end for p in periods))
    known = {(entry.figure, entry.of_period): entry.value for entry in latest}
    for key, record in records.items():
        held = known.get((record["code"].code, record["period"]))
        if held == record["value"]:
            yield key
        elif held is not None:
            record["reason"] = record["reason"] or _("匯入更正")


def write(records: list[Record], cursor: Any, context: Context) -> None:
    """Enter each value."""
    for record in records:
        enter(
            record["code"], record["period"], record["value"], record["evidence"],
            by=context.by, address=record["address"] or "", reason=record["reason"] or "",
        )  # fmt: skip


def export(filters: dict[str, Any]) -> Iterator[Record]:
    """The values that hold, in the same columns."""
    codes = [figure.code for figure in registry.manual()]
    year = filters.get("year")
    first, last = (Period.year(year), Period.year(year)) if year else (Period.year(1912), Period.year(2999))
    for entry in ManualEntry.objects.that_hold(codes, first.start, last.end):
        figure = registry.figure(entry.figure)
        yield {
            "code": entry.figure,
            "period": str(entry.of_period),
            "value": round(entry.value, figure.decimals),
            "evidence": entry.evidence,
            "address": entry.address,
            "reason": entry.reason,
        }


VALUES = register(
    Import(
        code="figures",
        label=gettext_lazy("人工填報的統計數值"),
        columns=(
            Column("code", manual, required=True, help=gettext_lazy("統計項目的代碼")),
            Column("period", period, required=True, help=gettext_lazy("西元年度或年月，例如 2022 或 2022-08")),
            Column("value", parsers.decimal(6, -LARGEST, LARGEST), required=True, help=gettext_lazy("數值，不含單位")),
            Column(
                "evidence",
                parsers.text(400),
                required=True,
                help=gettext_lazy("佐證資料：公文文號、報告頁次或統計表名稱"),
            ),
            Column("address", address, help=gettext_lazy("佐證資料的網址")),
            Column("reason", parsers.text(200), help=gettext_lazy("更正的原因；該期間已有不同數值時用")),
        ),
        key=("code", "period"),
        begin=Context,
        check=check,
        existing=existing,
        write=write,
        export=export,
        filters={"year": parsers.whole(1912, 2999)},
    )
)
