"""What is counted of citizen supervision (全民督工): reports, answers, satisfaction, inspections."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.registry import kinds
from figures.registry import Column, Count, Ratio, register
from foundation.roc import roc_datetime
from organisation.pack import pack

ANNUAL_REPORT = _("高雄市政府研究發展考核委員會年度施政成果報告，肆、公共工程")


def _moment(at) -> str:
    return roc_datetime(at) if at else "—"


def _work(case: Case) -> str:
    report = getattr(case, "citizen_report", None)
    return report.work.name if report else "—"


# What the public may read of a record: nothing that a citizen wrote, no place finer than the district.
COLUMNS = (
    Column(label=_("案件編號"), value=lambda case: case.number),
    Column(label=_("種類"), value=lambda case: case.kind.label),
    Column(label=_("工程"), value=_work),
    Column(label=_("行政區"), value=lambda case: str(case.district or "—")),
    Column(label=_("狀態"), value=lambda case: case.now_in.public),
    Column(label=_("受理"), value=lambda case: _moment(case.received_at)),
    Column(label=_("完成"), value=lambda case: _moment(case.done_at)),
)


def _url(case: Case) -> str:
    return reverse("track-number", args=[case.number])


def _reports() -> QuerySet:
    """All reports of the pack's kinds of this family, whatever became of them."""
    codes = [kind.code for kind in kinds().values() if kind.family.code == "supervision"]
    return Case.objects.filter(kind_code__in=codes).select_related("district", "citizen_report__work")


def _satisfied_from() -> int:
    """The newest entry of the rule: a count depends on the records and the pack alone, never on the clock."""
    return int(pack().rules["works_satisfied_from"].entries[-1].value)


COMMON = {
    "group": "cases",
    "unit": _("件"),
    "source": ANNUAL_REPORT,
    "date_field": "received_on",
    "dimensions": {"district": "district_id", "kind": "kind_code"},
    "columns": COLUMNS,
    "record_url": _url,
}

register(
    Count(
        code="publicworks.citizen_reports",
        label=_("全民督工通報"),
        definition=_("期間內受理的全民督工通報（W 字號），不分管道；併案與撤回的也算。"),
        records=_reports,
        **COMMON,
    )
)
register(
    Count(
        code="publicworks.citizen_reports_closed",
        label=_("全民督工結案"),
        definition=_("期間內受理的全民督工通報中，已答復通報人並結案的件數；併案與撤回的不算。"),
        records=lambda: _reports().filter(done_at__isnull=False, closed_at__isnull=False),
        **COMMON,
    )
)
register(
    Count(
        code="publicworks.citizen_reports_rated",
        label=_("填報滿意度"),
        definition=_("期間內受理的全民督工通報中，通報人填了滿意度的件數。"),
        records=lambda: _reports().filter(rating__isnull=False),
        **COMMON,
    )
)
register(
    Count(
        code="publicworks.citizen_reports_satisfied",
        label=_("通報人滿意"),
        definition=_("期間內受理並填了滿意度的全民督工通報中，評分達到市府所訂滿意標準的件數。"),
        records=lambda: _reports().filter(rating__gte=_satisfied_from()),
        **COMMON,
    )
)
register(
    Ratio(
        code="publicworks.citizen_reports_satisfaction",
        label=_("全民督工滿意度"),
        definition=_("通報人滿意件數占填報滿意度件數的百分比。"),
        source=ANNUAL_REPORT,
        decimals=0,
        numerator="publicworks.citizen_reports_satisfied",
        denominator="publicworks.citizen_reports_rated",
    )
)
register(
    Count(
        code="publicworks.citizen_reports_in_construction",
        label=_("在建工程通報"),
        definition=_("期間內受理的全民督工通報中，對應到工程、而該工程在對應時已開工尚未完工的件數。"),
        records=lambda: _reports().filter(citizen_report__in_construction=True),
        **COMMON,
    )
)
register(
    Count(
        code="publicworks.citizen_reports_inspected",
        label=_("在建通報辦理查核"),
        definition=_("期間內受理的在建工程通報中，因通報而辦理了工程施工查核的件數，不論查核在哪一年。"),
        records=lambda: _reports().filter(
            citizen_report__in_construction=True, citizen_report__inspected_on__isnull=False
        ),
        **COMMON,
    )
)
register(
    Ratio(
        code="publicworks.citizen_reports_inspected_rate",
        label=_("全民督工查核率"),
        definition=_("在建通報辦理查核件數占在建工程通報件數的百分比，四捨五入至整數。"),
        source=ANNUAL_REPORT,
        decimals=0,
        numerator="publicworks.citizen_reports_inspected",
        denominator="publicworks.citizen_reports_in_construction",
    )
)
