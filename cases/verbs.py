"""The verbs of a desk, which every family takes into its lifecycle and adds its own to.

A family that sends its cases elsewhere in between (to a crew, say) names the states in which they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.actions import closing, desk, joining
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
    open_states = working | {"waiting"}
    return [
        verb("take", _("我來承辦"), _("承辦人接手"), {"received"}, "assigned", "cases:answer", primary=True,
             icon="person"),
        verb("assign", _("指定承辦人"), _("已指定承辦人"), DESK_STATES, "assigned", "cases:assign",
             Input("officer", "officer", _("承辦人")), OPTIONAL, public=False, icon="person"),
        verb("transfer", _("改分"), _("改由其他單位辦理"), DESK_STATES, "received", "cases:transfer",
             Input("unit", "unit", _("改分到")), REASON, icon="arrow-right"),
        verb("ask", _("請民眾補充"), _("請民眾補充資料"), DESK_STATES, "waiting", "cases:pause",
             Input("text", "text", _("需要補充什麼"), _("民眾會收到通知；補充前計時暫停。")), icon="mail"),
        verb("go_on", _("繼續辦理"), _("恢復辦理"), {"waiting"}, "assigned", "cases:pause", OPTIONAL,
             public=True, primary=True, icon="clock"),
        verb("supply", _("補充說明"), _("民眾補充說明"), {"waiting"}, "assigned", "cases:comment",
             Input("text", "text", _("補充說明")), icon="mail"),
        verb("extend", _("展延"), _("展延期限"), working, STAY, "cases:extend",
             Input("amount", "amount", _("展延多久")), REASON, icon="clock"),
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
        verb("answer", _("答復"), _("已答復"), DESK_STATES, "done", "cases:answer", REPLY, OUTCOME,
             primary=True, icon="mail"),
        verb("close", _("結案"), _("已結案"), {"done"}, "closed", "cases:close",
             Input("text", "text", _("結語"), required=False), primary=True, icon="check"),
        verb("withdraw", _("撤回"), _("申請人撤回"), open_states, "withdrawn", "cases:close", OPTIONAL, icon="close"),
        verb("reopen", _("重新處理"), _("已要求重新處理"), DONE_STATES, "received", "cases:reopen", REASON,
             icon="arrow-left"),
        verb("rate", _("評分"), _("民眾評價"), DONE_STATES, STAY, "cases:rate", public=False, icon="star"),
    ]  # fmt: skip


PERFORMERS: Mapping[str, Callable[..., Any]] = {
    "take": desk.take,
    "assign": desk.assign,
    "transfer": desk.transfer,
    "ask": desk.ask,
    "go_on": desk.go_on,
    "supply": desk.go_on,
    "extend": desk.extend,
    "comment": desk.comment,
    "merge": joining.merge,
    "unmerge": joining.unmerge,
    "split": joining.split,
    "answer": telling("answer", closing.finish),
    "close": telling("close", closing.close),
    "withdraw": telling("withdraw", closing.withdraw),
    "reopen": closing.reopen,
    "rate": closing.rate,
}


def table(items: Iterable[Any]) -> dict[str, Any]:
    """States or transitions by their names, as a lifecycle wants them."""
    return {getattr(item, "verb", None) or item.code: item for item in items}
