"""The verbs of a desk, which every family takes into its lifecycle and adds its own to.

A family that sends its cases elsewhere in between (to a crew, say) names the states in which they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.actions import closing, contributing, desk, joining, refusing, shielding
from cases.actions.approving import ask_extension, laying_down
from cases.actions.following import telling
from cases.states import STAY, Input, Text, Transition

TEXT = Input("text", "text", _("加註內容"))
REPLY = Input("text", "text", _("給民眾的答復"), _("寫明辦理情形與結果，民眾會在進度頁與電子郵件看到。"))
REASON = Input("text", "text", _("原因"))
OPTIONAL = Input("text", "text", _("備註"), required=False)
OUTCOME = Input("outcome", "outcome", _("處理結果"))

DESK_STATES = frozenset({"received", "assigned"})
DONE_STATES = frozenset({"done", "closed"})


def verb(
    name: str,
    label: Text,
    told: Text,
    sources: Iterable[str],
    target: str,
    permission: str,
    *inputs: Input,
    **flags: Any,
) -> Transition:
    """A transition, in the order in which it is read."""
    return Transition(name, label, told, frozenset(sources), target, permission, inputs, **flags)


def desk_verbs(elsewhere: frozenset[str] = frozenset()) -> list[Transition]:
    """The verbs of a desk. ``elsewhere``: the states in which somebody else has the work in hand."""
    working = DESK_STATES | elsewhere
    open_states = working | {"waiting", "disputed"}
    return [
        verb("take", _("我來承辦"), _("承辦人接手"), {"received"}, "assigned", "cases:answer", primary=True,
             icon="person"),
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
        verb("extend", _("展延"), _("展延期限"), working, STAY, "cases:extend",
             Input("amount", "amount", _("展延多久")), REASON, icon="clock"),
        verb("ask_extension", _("申請展延"), _("申請展延期限"), DESK_STATES, STAY, "cases:ask_extension",
             Input("amount", "amount", _("展延多久")),
             Input("text", "text", _("原因"), _("主管核定後，民眾會收到原因與新的期限。")),
             public=False, icon="clock"),
        verb("consult", _("會辦"), _("會辦其他單位"), DESK_STATES, STAY, "cases:consult",
             Input("unit", "unit", _("會辦哪個單位")), Input("text", "text", _("請協助的事項")),
             Input("due", "date", _("回復期限"), _("當日下班前；不能晚於本案的期限。")), public=False, icon="list"),
        verb("comment", _("加註"), _("加註"), open_states | DONE_STATES, STAY, "cases:comment", TEXT,
             Input("public", "flag", _("民眾也看得到"), required=False),
             Input("files", "files", _("附件"), required=False), public=False, icon="list"),
        verb("merge", _("併案"), _("併入另一件"), open_states, "merged", "cases:merge",
             Input("into", "case", _("併入的案件編號")), OPTIONAL, icon="filter"),
        verb("unmerge", _("取消併案"), _("恢復單獨辦理"), {"merged"}, "received", "cases:merge", REASON,
             icon="arrow-left"),
        verb("split", _("拆案"), _("拆出一件"), DESK_STATES, STAY, "cases:split",
             Input("kind_code", "kind", _("拆出的種類")), Input("description", "text", _("拆出的內容")), OPTIONAL,
             public=False, icon="plus"),
        verb("take_back", _("收回拆出的案件"), _("收回拆出的一件"), working, STAY, "cases:split",
             Input("part", "part", _("收回哪一件"), _("還沒有人開始辦理的才能收回；會併回本案。")), REASON,
             public=False, icon="arrow-left"),
        verb("answer", _("答復"), _("已答復"), DESK_STATES, "done", "cases:answer", REPLY, OUTCOME,
             primary=True, icon="mail"),
        verb("close", _("結案"), _("已結案"), {"done"}, "closed", "cases:close",
             Input("text", "text", _("結語"), required=False), primary=True, icon="check"),
        verb("shield", _("對被反映機關保密"), _("設定對被反映機關保密"), open_states | DONE_STATES, STAY,
             "cases:shield", Input("unit", "unit", _("民眾反映的是哪個單位"),
                                   _("這個單位與所屬機關都看不到通報人的聯絡方式。")),
             public=False, icon="lock"),
        verb("release", _("同意揭露聯絡方式"), _("研考同意揭露聯絡方式"), open_states | DONE_STATES, STAY,
             "cases:release", Input("text", "text", _("必須揭露的理由")), public=False, icon="lock"),
        verb("withdraw", _("撤回"), _("申請人撤回"), open_states, "withdrawn", "cases:close", OPTIONAL, icon="close"),
        verb("reopen", _("重新處理"), _("已要求重新處理"), DONE_STATES, "received", "cases:reopen", REASON,
             icon="arrow-left"),
        verb("rate", _("評分"), _("民眾評價"), DONE_STATES, STAY, "cases:rate", public=False, icon="star"),
    ]  # fmt: skip


PERFORMERS: Mapping[str, Callable[..., Any]] = {
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
    "merge": laying_down(joining.merge),
    "unmerge": joining.unmerge,
    "split": joining.split,
    "take_back": joining.take_back,
    "answer": laying_down(telling("answer", closing.finish)),
    "close": telling("close", closing.close),
    "shield": shielding.shield,
    "release": shielding.release,
    "withdraw": laying_down(telling("withdraw", closing.withdraw)),
    "reopen": closing.reopen,
    "rate": closing.rate,
}


def table(items: Iterable[Any]) -> dict[str, Any]:
    """States or transitions by their names, as a lifecycle wants them."""
    return {getattr(item, "verb", None) or item.code: item for item in items}
