"""The two lives of a citizen's request: a dispatch (series D) and a petition (series P).

Which kinds there are, with their words, fields and deadlines, is data of the city pack.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases import states, verbs
from cases.actions import closing, joining
from cases.actions.approving import laying_down
from cases.actions.following import telling
from cases.panels import approvals, contributions
from cases.registry import DeskPage, Family, registry
from cases.states import Input, Lifecycle
from cases.suggestions import elsewhere
from cases.verbs import DESK_STATES, OUTCOME, REASON, REPLY, verb
from servicerequests.actions import jobs, setting_aside
from servicerequests.actions.gathering import take_in
from servicerequests.duplicates import panel
from servicerequests.kinds.panels import filed_by_program, materials_used, repeats
from servicerequests.permissions import allows

FIELD_STATES = frozenset({"dispatched", "accepted", "on_site"})
WORKING = DESK_STATES | FIELD_STATES

FIELD_VERBS = [
    verb("dispatch", _("派工"), _("已派工"), WORKING, "dispatched", "cases:dispatch",
         Input("crew", "crew", _("外勤隊")), Input("text", "text", _("交辦事項"), required=False),
         primary=True, icon="truck"),
    verb("accept", _("接案"), _("外勤人員已出發"), {"dispatched", "accepted"}, "accepted", "jobs:accept", icon="check"),
    verb("arrive", _("我到了"), _("外勤人員到場"), {"accepted"}, "on_site", "jobs:arrive", icon="pin"),
    verb("finish", _("回報完成"), _("處理完成"), {"on_site"}, "done", "jobs:finish", REPLY, OUTCOME,
         otherwise="assigned", icon="check"),
    verb("hand_over", _("轉出"), _("外勤退回"), FIELD_STATES, "assigned", "jobs:hand_over", REASON,
         public=False, icon="arrow-left"),
]  # fmt: skip

# What the law lets a city leave unhandled (行政程序法 173); `permissions.may_set_aside` says when.
UNHANDLED_VERBS = [
    verb("close_repeated", _("同一事由不再處理"), _("同一事由已答復，不再處理"), DESK_STATES, "closed",
         "cases:set_aside",
         Input("text", "text", _("給民眾的說明"), _("會連同法規依據與先前案號通知民眾。"), required=False)),
    verb("set_aside", _("匿名陳情不予處理"), _("未具真實姓名或聯絡方式，不予處理"), DESK_STATES, "closed",
         "cases:set_aside",
         Input("text", "text", _("說明"), _("會連同法規依據寫在公開的歷程。"), required=False)),
    verb("take_up", _("恢復辦理"), _("更正：本案恢復辦理"), {"closed"}, "received", "cases:set_aside",
         Input("text", "text", _("為什麼恢復辦理"), _("民眾會收到通知；期限照原來的計算。")), otherwise="assigned",
         icon="arrow-left"),
]  # fmt: skip


LIFE = Lifecycle(
    states=verbs.table(states.EVERY_STATE.values()),
    transitions=verbs.table([*verbs.desk_verbs(FIELD_STATES), *FIELD_VERBS, *UNHANDLED_VERBS]),
    entries=("received", "imported"),
)

PERFORMERS = {
    **verbs.PERFORMERS,
    "merge": laying_down(jobs.recalling(joining.merge)),
    "withdraw": laying_down(telling("withdraw", jobs.recalling(closing.withdraw))),
    "close_repeated": laying_down(telling("close_repeated", setting_aside.close_repeated)),
    "set_aside": laying_down(telling("set_aside", setting_aside.set_aside)),
    "take_up": closing.take_up_again,
    "dispatch": jobs.dispatch,
    "accept": jobs.accept,
    "arrive": jobs.arrive,
    "finish": laying_down(telling("finish", jobs.done)),
    "hand_over": jobs.hand_over,
}

NOTICES = {
    "file": "servicerequests.received",
    "dispatch": "servicerequests.dispatched",
    "ask": "servicerequests.question",
    "extend": "servicerequests.extended",
    "answer": "servicerequests.done",
    "finish": "servicerequests.done",
    "close": "servicerequests.closed",
    "close_repeated": "servicerequests.repeated",
    "reopen": "servicerequests.reopened",
    "take_up": "servicerequests.reopened",
    # Not verbs of the case itself: it was merged, and the case that it was merged into is done.
    "joined": "servicerequests.joined",
    "joined_done": "servicerequests.joined_done",
}

registry.panels.append(filed_by_program)

PANELS = (elsewhere, repeats, approvals, contributions)
RELATED = (panel,)
FIELD_PANELS = (*PANELS, materials_used)
JOINING = (take_in,)

DISPATCH = registry.add_family(
    Family(
        "dispatch", "D", _("派工通報"), LIFE, PERFORMERS, NOTICES, allows, FIELD_PANELS, RELATED,
        pages=(DeskPage(_("重大事件"), "incidents", "unit:incidents:read"),), on_filing=JOINING,
    )
)  # fmt: skip
PETITION = registry.add_family(
    Family(
        "petition", "P", _("人民陳情"), LIFE, PERFORMERS, NOTICES, allows, PANELS, RELATED,
        pages=(DeskPage(_("市長信箱"), "mailbox", "city:mailbox:read"),), on_filing=JOINING,
    )
)  # fmt: skip
