"""What is counted of citizens' requests: received, done, in time, open and late."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.case import Channel
from cases.registry import kinds
from figures.registry import (
    Column,
    Count,
    Dimension,
    Median,
    Period,
    PerMonth,
    Places,
    Ratio,
    RuleFigure,
    Stock,
    hours_between,
    register,
    register_dimension,
)
from foundation.clock import today
from foundation.roc import roc_datetime
from organisation import directory
from organisation.pack import pack

ANNUAL_REPORT = _("高雄市政府研究發展考核委員會年度施政成果報告，伍、為民服務")

register_dimension(
    Dimension(
        code="district", label=_("行政區"), members=lambda: [(c, str(d)) for c, d in directory.districts().items()]
    )
)
register_dimension(
    Dimension(code="kind", label=_("種類"), members=lambda: [(kind.code, kind.label) for kind in kinds().values()])
)
register_dimension(Dimension(code="channel", label=_("管道"), members=lambda: list(Channel.choices)))

DIMENSIONS = {"district": "district_id", "kind": "kind_code", "channel": "channel"}


def _moment(at) -> str:
    return roc_datetime(at) if at else "—"


# What the public may read of a record: nothing that a citizen wrote, no place finer than the district.
COLUMNS = (
    Column(label=_("案件編號"), value=lambda case: case.number),
    Column(label=_("種類"), value=lambda case: case.kind.label),
    Column(label=_("行政區"), value=lambda case: str(case.district or "—")),
    Column(label=_("狀態"), value=lambda case: case.now_in.public),
    Column(label=_("受理"), value=lambda case: _moment(case.received_at)),
    Column(label=_("期限"), value=lambda case: _moment(case.due_at)),
    Column(label=_("完成"), value=lambda case: _moment(case.done_at)),
)


def _url(case: Case) -> str:
    return reverse("track-number", args=[case.number])


def _may_be_placed(cases: QuerySet) -> QuerySet:
    """What the public map shows as well: never a sensitive kind, nor what was merged or withdrawn."""
    codes = [kind.code for kind in kinds().values() if not kind.sensitive]
    return cases.filter(kind_code__in=codes, cell__isnull=False).exclude(state__in=("merged", "withdrawn"))


PLACES = Places("cell", _may_be_placed, lambda: int(pack().rule("public_map_resolution", today()).value))
COMMON = {
    "group": "cases", "dimensions": DIMENSIONS, "columns": COLUMNS, "record_url": _url, "places": PLACES,
}  # fmt: skip


FAMILIES = ("dispatch", "petition")


def _of_family(*families: str) -> QuerySet:
    """All cases of the pack's kinds of these families, whatever became of them."""
    codes = [kind.code for kind in kinds().values() if kind.family.code in families]
    return Case.objects.filter(kind_code__in=codes).select_related("district")


def _all() -> QuerySet:
    """All dispatches and petitions; what other desks promise is counted in figures of their own."""
    return _of_family(*FAMILIES)


# The same as "no end yet", in words that the index over open cases understands.
STILL_OPEN = Q(done_at__isnull=True, closed_at__isnull=True)


def _ended() -> QuerySet:
    """Cases with the moment at which they stopped being open: done, or put away without that."""
    return _all().alias(ended=Coalesce("done_at", "closed_at"))


register(
    Count(
        code="servicerequests.requests",
        label=_("受理案件"),
        unit=_("件"),
        definition=_("期間內受理的派工通報與人民陳情，不分管道；併案、撤回與匯入的歷史資料都算受理。"),
        records=_all,
        date_field="received_on",
        **COMMON,
    )
)
register(
    Count(
        code="servicerequests.petitions",
        label=_("處理民眾陳情案"),
        unit=_("件"),
        definition=_("期間內由各管道受理的人民陳情案件（P 字號）。"),
        source=ANNUAL_REPORT,
        records=lambda: _of_family("petition"),
        date_field="received_on",
        **COMMON,
    )
)
register(
    Count(
        code="servicerequests.dispatches",
        label=_("派工案件"),
        unit=_("件"),
        definition=_("期間內由各管道受理的派工通報案件（D 字號）。"),
        source=ANNUAL_REPORT,
        records=lambda: _of_family("dispatch"),
        date_field="received_on",
        **COMMON,
    )
)
register(
    PerMonth(
        code="servicerequests.dispatches_monthly_mean",
        label=_("平均每月派工"),
        unit=_("件"),
        definition=_("全年派工案件除以十二個月。"),
        source=ANNUAL_REPORT,
        of="servicerequests.dispatches",
    )
)


def _sla_hours(period: Period) -> Decimal | None:
    """The deadline for urgent kinds in force at the period's end."""
    entry = pack().rule("dispatch_sla_hours", period.end)
    return Decimal(str(entry.value)) if entry else None


register(
    RuleFigure(
        code="servicerequests.dispatch_sla_hours",
        label=_("派工處理時限"),
        unit=_("小時"),
        definition=_("期間終了時，緊急類派工案件由受理到處理完成的規定時限。"),
        source=ANNUAL_REPORT,
        value=_sla_hours,
    )
)
register(
    Count(
        code="servicerequests.app_cases",
        label=_("便民一路通反映案件"),
        unit=_("件"),
        definition=_("期間內經由便民一路通 App 受理的案件。"),
        source=ANNUAL_REPORT,
        records=lambda: _all().filter(channel=Channel.APP),
        date_field="received_on",
        **COMMON,
    )
)
register(
    Count(
        code="servicerequests.done",
        label=_("完成案件"),
        unit=_("件"),
        definition=_("期間內處理完成（修復、答復或查明）的案件，依完成日期計；併案與撤回不算。"),
        records=lambda: _all().filter(done_at__isnull=False),
        date_field="done_on",
        **COMMON,
    )
)
register(
    Count(
        code="servicerequests.done_on_time",
        label=_("期限內完成案件"),
        unit=_("件"),
        definition=_("期間內完成、且完成時間不晚於期限的案件。期限依受理時有效的規定計算，含展延與暫停計時。"),
        records=lambda: _all().filter(on_time=True),
        date_field="done_on",
        **COMMON,
    )
)
register(
    Count(
        code="servicerequests.done_late",
        label=_("逾期完成案件"),
        unit=_("件"),
        definition=_("期間內完成、但完成時間晚於期限的案件。"),
        records=lambda: _all().filter(on_time=False),
        date_field="done_on",
        **COMMON,
    )
)
register(
    Ratio(
        code="servicerequests.on_time_rate",
        label=_("期限內完成率"),
        definition=_("期限內完成案件占完成案件的百分比。"),
        numerator="servicerequests.done_on_time",
        denominator="servicerequests.done",
    )
)
register(
    Median(
        code="servicerequests.median_hours",
        label=_("處理時間中位數"),
        unit=_("小時"),
        definition=_("期間內完成的案件，由受理到完成經過時數的中位數；不扣除夜間、假日與暫停計時。"),
        decimals=1,
        records=lambda: _all().filter(done_at__isnull=False),
        date_field="done_on",
        value=hours_between("received_at", "done_at"),
        **COMMON,
    )
)
register(
    Stock(
        code="servicerequests.open",
        label=_("辦理中案件"),
        unit=_("件"),
        definition=_("期間終了時已受理而尚未完成、併案或撤回的案件。"),
        records=_ended,
        since="received_at",
        until="ended",
        unended=STILL_OPEN,
        **COMMON,
    )
)
register(
    Stock(
        code="servicerequests.late",
        label=_("逾期未完成案件"),
        unit=_("件"),
        definition=_("期間終了時已過期限而尚未完成的案件；等待民眾補充而暫停計時者不算。"),
        records=lambda: _ended().filter(
            Q(ended__isnull=True) | Q(ended__gt=F("due_at")), due_at__isnull=False, paused_at__isnull=True
        ),
        since="due_at",
        until="ended",
        unended=STILL_OPEN,
        **COMMON,
    )
)
