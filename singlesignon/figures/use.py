"""What is counted of the single account: the systems that take part, and how often people signed in to them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from figures.registry import Column, Dimension, SoFar, Stock, Total, register, register_dimension
from organisation.memory import Remembered
from organisation.models import Agency
from singlesignon.actions.counting import GROUP, SYSTEMS
from singlesignon.models import DailyAuthentications, RelyingSystem

ANNUAL_REPORT = _("高雄市政府研究發展考核委員會年度施政成果報告，陸、資訊發展")
FIRST_YEAR = 2015  # logs of years before are not taken over

_systems = Remembered(lambda: list(RelyingSystem.objects.exclude(live_at=None).for_list().order_by("agency", "name")))
_agencies = Remembered(lambda: list(Agency.objects.all()))

register_dimension(
    Dimension(code="system", label=_("系統"), members=lambda: [(str(each.pk), each.label) for each in _systems()])
)
register_dimension(
    Dimension(code="agency", label=_("機關"), members=lambda: [(each.code, each.label) for each in _agencies()])
)
register_dimension(
    Dimension(
        code="assurance",
        label=_("驗證等級"),
        members=lambda: [(str(level), _("第 %(level)s 級") % {"level": level}) for level in (1, 2, 3)],
    )
)

register(
    Stock(
        code="identity.relying_systems",
        label=_("介接單一帳號的系統"),
        unit=_("個"),
        definition=_("期間終了時已上線、尚未終止介接的應用系統；暫停介接的也算，測試中的不算。"),
        source=ANNUAL_REPORT,
        group=SYSTEMS,
        records=lambda: RelyingSystem.objects.filter(live_at__isnull=False).select_related("agency"),
        since="live_at",
        until="ended_at",
        dimensions={"agency": "agency__code"},
        columns=(
            Column(label=_("系統"), value=lambda system: system.label),
            Column(label=_("機關"), value=lambda system: system.agency.label),
            Column(label=_("上線"), value=lambda system: system.live_at),
            Column(label=_("終止"), value=lambda system: system.ended_at),
        ),
    )
)
register(
    Total(
        code="identity.authentications_made",
        label=_("單一帳號認證"),
        unit=_("次"),
        definition=_("期間內以單一帳號進入各正式系統成功的次數；被拒絕、沒有完成的與測試環境的不算。"),
        source=ANNUAL_REPORT,
        group=GROUP,
        records=lambda: DailyAuthentications.objects.successful().select_related("system__agency"),
        date_field="day",
        amount="number",
        dimensions={"agency": "system__agency__code", "system": "system_id", "assurance": "level"},
        columns=(
            Column(label=_("日期"), value=lambda each: each.day),
            Column(label=_("系統"), value=lambda each: each.system.label),
            Column(label=_("機關"), value=lambda each: each.system.agency.label),
            Column(label=_("等級"), value=lambda each: each.level),
            Column(label=_("認證次數"), value=lambda each: each.number),
        ),
    )
)
register(
    SoFar(
        code="identity.authentications",
        label=_("單一帳號認證累計"),
        unit=_("次"),
        definition=_("單一帳號開辦以來，進入各正式系統成功的次數。"),
        source=ANNUAL_REPORT,
        of="identity.authentications_made",
        since=FIRST_YEAR,
    )
)
