"""The two lives of a citizen's request: a dispatch (series D) and a petition (series P).

Which kinds there are, with their words, fields and deadlines, is data of the city pack.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases import panels, states
from cases.actions import closing, contributing, desk, joining, refusing, shielding
from cases.actions.approving import ask_extension, laying_down
from cases.registry import Family, registry
from cases.states import STAY, Input, Lifecycle, Transition
from servicerequests.actions import jobs, setting_aside
from servicerequests.panels import repeats
from servicerequests.permissions import allows

TEXT = Input("text", "text", _("加註內容"))
REPLY = Input("text", "text", _("給民眾的答復"), _("寫明辦理情形與結果，民眾會在進度頁與電子郵件看到。"))
REASON = Input("text", "text", _("原因"))
OPTIONAL = Input("text", "text", _("備註"), required=False)
OUTCOME = Input("outcome", "outcome", _("處理結果"))

DESK_STATES = frozenset({"received", "assigned"})
FIELD_STATES = frozenset({"dispatched", "accepted", "on_site"})
WORKING = DESK_STATES | FIELD_STATES
OPEN = WORKING | {"waiting", "disputed"}


def verb(name, label, told, sources, target, permission, *inputs, **flags) -> Transition:
    return Transition(name, label, told, frozenset(sources), target, permission, inputs, **flags)


DESK_VERBS = [
    verb("take", _("我來承辦"), _("承辦人接手"), {"received"}, "assigned", "cases:answer", primary=True, icon="person"),
    verb("assign", _("指定承辦人"), _("已指定承辦人"), DESK_STATES, "assigned", "cases:assign",
         Input("officer", "officer", _("承辦人")), OPTIONAL, public=False, icon="person"),
    verb("transfer", _("改分"), _("改由其他單位辦理"), DESK_STATES, "received", "cases:transfer",
         Input("unit", "unit", _("改分到")), REASON, moves=True, icon="arrow-right"),
    verb("refuse", _("退分"), _("退回分案"), DESK_STATES, "received", "cases:refuse",
         Input("text", "text", _("退分的理由"), _("寫明為什麼不是本單位的權責；民眾看得到。")),
         Input("unit", "unit", _("應由哪個單位辦理"), _("知道的話請選，會附在理由後面。"), required=False),
         moves=True, otherwise="disputed", icon="arrow-left"),
    verb("rule", _("裁定主責單位"), _("研考裁定主責單位"), {"disputed"}, "received", "cases:rule",
         Input("unit", "unit", _("裁定由哪個單位辦理"), _("裁定後該單位不能再退分或改分。")),
         Input("text", "text", _("裁定的理由")), primary=True, icon="check"),
    verb("ask", _("請民眾補充"), _("請民眾補充資料"), DESK_STATES, "waiting", "cases:pause",
         Input("text", "text", _("需要補充什麼"), _("民眾會收到通知；補充前計時暫停。")), icon="mail"),
    verb("go_on", _("繼續辦理"), _("恢復辦理"), {"waiting"}, "assigned", "cases:pause", OPTIONAL,
         public=True, primary=True, icon="clock"),
    verb("supply", _("補充說明"), _("民眾補充說明"), {"waiting"}, "assigned", "cases:comment",
         Input("text", "text", _("補充說明")), icon="mail"),
    verb("extend", _("展延"), _("展延期限"), WORKING, STAY, "cases:extend",
         Input("amount", "amount", _("展延多久")), REASON, icon="clock"),
    verb("ask_extension", _("申請展延"), _("申請展延期限"), DESK_STATES, STAY, "cases:ask_extension",
         Input("amount", "amount", _("展延多久")),
         Input("text", "text", _("原因"), _("主管核定後，民眾會收到原因與新的期限。")),
         public=False, icon="clock"),
    verb("consult", _("會辦"), _("會辦其他單位"), DESK_STATES, STAY, "cases:consult",
         Input("unit", "unit", _("會辦哪個單位")), Input("text", "text", _("請協助的事項")),
         Input("due", "date", _("回復期限"), _("當日下班前；不能晚於本案的期限。")), public=False, icon="list"),
    verb("comment", _("加註"), _("加註"), OPEN | {"done", "closed"}, STAY, "cases:comment", TEXT,
         Input("public", "flag", _("民眾也看得到"), required=False), Input("files", "files", _("附件"), required=False),
         public=False, icon="list"),
    verb("merge", _("併案"), _("併入另一件"), OPEN, "merged", "cases:merge",
         Input("into", "case", _("併入的案件編號")), OPTIONAL, icon="filter"),
    verb("split", _("拆案"), _("拆出一件"), DESK_STATES, STAY, "cases:split",
         Input("kind_code", "kind", _("拆出的種類")), Input("description", "text", _("拆出的內容")), OPTIONAL,
         public=False, icon="plus"),
    verb("answer", _("答復"), _("已答復"), DESK_STATES, "done", "cases:answer", REPLY, OUTCOME,
         primary=True, icon="mail"),
    verb("close", _("結案"), _("已結案"), {"done"}, "closed", "cases:close",
         Input("text", "text", _("結語"), required=False), primary=True, icon="check"),
    verb("close_repeated", _("同一事由不再處理"), _("同一事由已答復，不再處理"), DESK_STATES, "closed",
         "cases:set_aside",
         Input("text", "text", _("給民眾的說明"), _("會連同法規依據與先前案號通知民眾。"), required=False)),
    verb("set_aside", _("匿名陳情不予處理"), _("未具真實姓名或聯絡方式，不予處理"), DESK_STATES, "closed",
         "cases:set_aside",
         Input("text", "text", _("說明"), _("會連同法規依據寫在公開的歷程。"), required=False)),
    verb("shield", _("對被反映機關保密"), _("設定對被反映機關保密"), OPEN | {"done", "closed"}, STAY, "cases:shield",
         Input("unit", "unit", _("民眾反映的是哪個單位"), _("這個單位與所屬機關都看不到通報人的聯絡方式。")),
         public=False, icon="lock"),
    verb("release", _("同意揭露聯絡方式"), _("研考同意揭露聯絡方式"), OPEN | {"done", "closed"}, STAY, "cases:release",
         Input("text", "text", _("必須揭露的理由")), public=False, icon="lock"),
    verb("withdraw", _("撤回"), _("申請人撤回"), OPEN, "withdrawn", "cases:close", OPTIONAL, icon="close"),
    verb("reopen", _("重新處理"), _("已要求重新處理"), {"done", "closed"}, "received", "cases:reopen", REASON,
         icon="arrow-left"),
    verb("rate", _("評分"), _("民眾評價"), {"done", "closed"}, STAY, "cases:rate", public=False, icon="star"),
]  # fmt: skip

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


def _table(*items) -> dict:
    return {getattr(item, "verb", None) or item.code: item for item in items}


LIFE = Lifecycle(
    states=_table(*states.EVERY_STATE.values()),
    transitions=_table(*DESK_VERBS, *FIELD_VERBS),
    entries=("received", "imported"),
)

PERFORMERS = {
    "take": desk.take,
    "assign": desk.assign,
    "transfer": laying_down(desk.transfer),
    "refuse": laying_down(refusing.refuse),
    "rule": refusing.rule,
    "ask": desk.ask,
    "go_on": desk.go_on,
    "supply": desk.go_on,
    "extend": desk.extend,
    "ask_extension": ask_extension,
    "consult": contributing.consult,
    "comment": desk.comment,
    "merge": laying_down(jobs.recalling(joining.merge)),
    "split": joining.split,
    "answer": laying_down(closing.finish),
    "close": closing.close,
    "close_repeated": laying_down(setting_aside.close_repeated),
    "set_aside": laying_down(setting_aside.set_aside),
    "shield": shielding.shield,
    "release": shielding.release,
    "withdraw": laying_down(jobs.recalling(closing.withdraw)),
    "reopen": closing.reopen,
    "rate": closing.rate,
    "dispatch": jobs.dispatch,
    "accept": jobs.accept,
    "arrive": jobs.arrive,
    "finish": laying_down(jobs.done),
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
}

PANELS = (repeats, panels.approvals, panels.contributions)

DISPATCH = registry.add_family(Family("dispatch", "D", _("派工通報"), LIFE, PERFORMERS, NOTICES, allows, PANELS))
PETITION = registry.add_family(Family("petition", "P", _("人民陳情"), LIFE, PERFORMERS, NOTICES, allows, PANELS))
