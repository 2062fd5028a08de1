"""A small record type for the tests of figures, with a table of its own, and figures declared over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from unittest.mock import patch

from django.db import models

from figures.registry import (
    Column,
    Count,
    Dimension,
    Manual,
    Median,
    PerMonth,
    Ratio,
    RuleFigure,
    Stock,
    hours_between,
    registry,
)
from figures.registry.city import Said

GROUP = "slips"


class Slip(models.Model):
    """A piece of work with a deadline."""

    kind = models.CharField(max_length=20)
    district = models.CharField(max_length=20, null=True)  # noqa: DJ001  what an import leaves empty is null
    channel = models.CharField(max_length=10, default="web")
    received_at = models.DateTimeField()
    received_on = models.DateField(db_index=True)
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_on = models.DateField(null=True)

    class Meta:
        app_label = "figures_tests"

    def __str__(self) -> str:
        return f"{self.kind} {self.received_on}"


COLUMNS = (
    Column(label="種類", value=lambda slip: slip.kind),
    Column(label="受理日期", value=lambda slip: slip.received_on),
)
COMMON = {
    "unit": "件",
    "definition": "測試用。",
    "group": GROUP,
    "dimensions": {"kind": "kind", "district": "district", "channel": "channel"},
    "columns": COLUMNS,
    "record_url": lambda slip: f"/slips/{slip.pk}/",
}
DIMENSIONS = (
    Dimension(code="kind", label="種類", members=lambda: [("pothole", "路面坑洞"), ("light", "路燈不亮")]),
    Dimension(code="channel", label="來源", members=lambda: [("web", "網路"), ("phone", "電話")]),
    Dimension(code="district", label="行政區", members=lambda: [("E", "東區"), ("W", "西區"), ("N", "北區")]),
)
FIGURES = (
    Count(code="slips.received", label="受理", date_field="received_on", records=Slip.objects.all, **COMMON),
    Count(
        code="slips.done",
        label="完成",
        date_field="done_on",
        records=lambda: Slip.objects.filter(done_on__isnull=False),
        **COMMON,
    ),
    Count(
        code="slips.on_time",
        label="期限內完成",
        date_field="done_on",
        records=lambda: Slip.objects.filter(done_on__isnull=False, done_at__lte=models.F("due_at")),
        **COMMON,
    ),
    Median(
        code="slips.hours",
        label="處理時間中位數",
        date_field="done_on",
        records=lambda: Slip.objects.filter(done_on__isnull=False),
        value=hours_between("received_at", "done_at"),
        decimals=1,
        **(COMMON | {"unit": "小時"}),
    ),
    Stock(
        code="slips.open",
        label="未結",
        since="received_on",
        until="done_on",
        unended=models.Q(done_at__isnull=True),
        records=Slip.objects.all,
        **COMMON,
    ),
    Stock(
        code="slips.late",
        label="逾期未結",
        since="due_at",
        until="done_at",
        records=lambda: Slip.objects.filter(due_at__isnull=False),
        **COMMON,
    ),
    Ratio(
        code="slips.on_time_share",
        label="期限內完成率",
        definition="期限內完成件數占完成件數之比率。",
        numerator="slips.on_time",
        denominator="slips.done",
    ),
    PerMonth(code="slips.per_month", label="平均每月受理", unit="件", definition="測試用。", of="slips.received"),
    RuleFigure(code="slips.limit", label="處理時限", unit="小時", definition="測試用。", value=lambda period: 4),
    Manual(
        code="slips.visits",
        label="查訪機關",
        unit="機關",
        definition="測試用。",
        owner="pwb",
        least=Decimal(0),
        most=Decimal(50),
    ),
    Ratio(
        code="slips.visits_share",
        label="查訪占比",
        unit="次",
        definition="測試用。",
        numerator="slips.visits",
        denominator="slips.limit",
    ),
)


@contextmanager
def declared() -> Iterator[None]:
    """The registry with these figures, and as it was before at the end."""
    with (
        patch.dict(registry._figures, clear=True),
        patch.dict(registry._dimensions, clear=True),
        patch.object(registry, "_city", Said),
    ):
        for dimension in DIMENSIONS:
            registry.register_dimension(dimension)
        for figure in FIGURES:
            registry.register(figure)
        yield
