"""The life of a citizen's report about a public work (series W): a desk's life, with its work and its inspection.

It is a family of its own, and no petition: it is about a record of the register, which decides who answers; it may
lead to an inspection; and the city counts it in another chapter than its petitions.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases import states, verbs
from cases.models import Case
from cases.panels import approvals, contributions
from cases.registry import DeskPage, Family, registry
from cases.states import STAY, Input, Lifecycle
from cases.verbs import DESK_STATES, DONE_STATES, OPTIONAL, verb
from foundation.clock import today
from publicworks.actions import inspecting, matching
from publicworks.actions.matching import works_near
from publicworks.models import CitizenReport
from publicworks.permissions import allows, report_of

OPEN = DESK_STATES | {"waiting"}

WORK_VERBS = [
    verb("match", _("對應工程"), _("已對應工程"), OPEN, STAY, "cases:answer",
         Input("work", "work", _("標案案號"), _(
             "填工程清冊的案號；不屬於清冊裡的工程就留空。案件會改由工程的主辦單位辦理，研考裁定過的除外。"
         ), required=False), OPTIONAL, icon="link"),
    verb("ask_inspection", _("申請查核"), _("已申請工程查核"), OPEN | DONE_STATES, STAY, "cases:answer",
         Input("text", "text", _("申請查核的原因"), _("通報人會看到。")), icon="eye"),
    verb("record_inspection", _("登載查核"), _("已辦理工程查核"), OPEN | DONE_STATES, STAY, "works:inspect",
         Input("on", "date", _("查核日期")), Input("text", "text", _("查核情形"), _("通報人會看到。")), icon="check"),
]  # fmt: skip

LIFE = Lifecycle(
    states=verbs.table(
        [
            states.RECEIVED, states.ASSIGNED, states.WAITING, states.DISPUTED, states.DONE, states.CLOSED,
            states.MERGED, states.WITHDRAWN,
        ]
    ),
    transitions=verbs.table([*verbs.desk_verbs(), *WORK_VERBS]),
)  # fmt: skip

PERFORMERS = {
    **verbs.PERFORMERS,
    "match": matching.match,
    "ask_inspection": inspecting.ask_inspection,
    "record_inspection": inspecting.record_inspection,
}

NOTICES = {
    "file": "publicworks.received",
    "ask": "publicworks.question",
    "extend": "publicworks.extended",
    "answer": "publicworks.answered",
    "ask_inspection": "publicworks.inspection",
    "record_inspection": "publicworks.inspected",
    "close": "publicworks.closed",
    "reopen": "publicworks.reopened",
}


def work_panel(case: Case, user) -> dict:
    """The work that a case is about, with its facts; without one, the works nearby to choose from."""
    report = CitizenReport.objects.of(case).first() if report_of(case) else None
    near = works_near(case.lon, case.lat) if report is None and case.lat is not None else []
    return {
        "template": "publicworks/parts/panel.html",
        "report": report,
        "behind": bool(report) and report.work.is_behind(today()),
        "near": near[: matching.SHOWN],
        "register": reverse("works"),
    }


SUPERVISION = registry.add_family(
    Family(
        "supervision", "W", _("全民督工"), LIFE, PERFORMERS, NOTICES, allows,
        panels=(work_panel, approvals, contributions), on_filing=(matching.begin,),
        pages=(DeskPage(_("全民督工申請查核"), "works-inspections", "city:works:inspect"),),
    )
)  # fmt: skip
