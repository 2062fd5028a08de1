"""The life of a section of a report, as data: from who is asked to write it to its last word.

Who may move it is the permission of the transition (``annualreport:agree``), within the scope that a role gives
(`annualreport.permissions`).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases.states import STAY, Input, Lifecycle, State, Text, Transition

ASSIGNED = State("assigned", _("待撰寫"), _("撰寫中"))
DRAFTED = State("drafted", _("已送審"), _("撰寫中"), done=True)
RETURNED = State("returned", _("退回修正"), _("撰寫中"))
AGREED = State("agreed", _("已核可"), _("撰寫中"), done=True)
FINAL = State("final", _("定稿"), _("定稿"), done=True, ended=True)

OPEN = frozenset({"assigned", "returned"})  # somebody is to write: the promise runs
WRITABLE = frozenset({"assigned", "drafted", "returned", "agreed"})
SIGNED = frozenset({"agreed", "final"})  # somebody answers for the numbers: what changes now is told
SIGNING = frozenset({"finalize", "confirm"})  # the verbs that want a reason for each number that changed

REASON = Input("text", "text", _("原因"))


def _verb(verb: str, label: Text, told: Text, sources: set[str] | frozenset[str], target: str, deed: str,
          *inputs: Input, primary: bool = False) -> Transition:  # fmt: skip
    return Transition(
        verb, label, told, frozenset(sources), target, f"annualreport:{deed}", inputs, public=False, primary=primary
    )


LIFE = Lifecycle(
    states={state.code: state for state in (ASSIGNED, DRAFTED, RETURNED, AGREED, FINAL)},
    transitions={
        transition.verb: transition
        for transition in (
            _verb("submit", _("送審"), _("已送審"), OPEN, "drafted", "write", primary=True),
            _verb("agree", _("核可"), _("已核可"), {"drafted"}, "agreed", "agree", primary=True),
            _verb("finalize", _("定稿"), _("已定稿"), {"agreed"}, "final", "compile", primary=True),
            _verb("return", _("退回修正"), _("退回修正"), {"drafted", "agreed"}, "returned", "agree", REASON),
            _verb("confirm", _("確認變動的數字"), _("確認數字變動"), {"final"}, STAY, "compile", primary=True),
            _verb("reopen", _("重新開放修改"), _("重新開放修改"), {"final"}, "returned", "compile", REASON),
            _verb("comment", _("留言"), _("留言"), set(WRITABLE) | {"final"}, STAY, "read",
                  Input("text", "text", _("留言內容"))),
            _verb("assign", _("指派"), _("已指派"), WRITABLE, STAY, "compile"),
            _verb("write", _("儲存"), _("已修改內容"), WRITABLE, STAY, "write"),
        )
    },
    entries=("assigned",),
)  # fmt: skip
