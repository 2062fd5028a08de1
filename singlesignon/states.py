"""The life of a relying system, as data: from an agency's application to its last day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases.states import STAY, Input, Lifecycle, State, Text, Transition

APPLIED = State("applied", _("待審查"), _("申請中"))
RETURNED = State("returned", _("退回補正"), _("申請中"))
TESTING = State("testing", _("測試中"), _("測試中"))
ASKED = State("asked", _("申請上線"), _("測試中"))
LIVE = State("live", _("已上線"), _("已介接"), done=True)
SUSPENDED = State("suspended", _("暫停介接中"), _("暫停介接中"))
ENDED = State("ended", _("已終止"), _("已終止"), done=True, ended=True)

# In which states people may sign in through the client of which environment.
SANDBOX_OPEN = frozenset({"testing", "asked", "live"})
LIVE_OPEN = frozenset({"live"})

REASON = Input("text", "text", _("原因"))


def _verb(
    verb: str, label: Text, told: Text, sources: set[str], target: str, deed: str, *inputs: Input, primary: bool = False
) -> Transition:
    return Transition(
        verb, label, told, frozenset(sources), target, f"relyingsystems:{deed}", inputs, public=False, primary=primary
    )


LIFE = Lifecycle(
    states={state.code: state for state in (APPLIED, RETURNED, TESTING, ASKED, LIVE, SUSPENDED, ENDED)},
    transitions={
        transition.verb: transition
        for transition in (
            _verb("apply", _("送出申請"), _("已送出申請"), {"returned"}, "applied", "apply", primary=True),
            _verb("accept", _("同意測試"), _("同意測試"), {"applied"}, "testing", "review", primary=True),
            _verb("ask", _("申請上線"), _("已申請上線"), {"testing"}, "asked", "apply",
                  Input("text", "text", _("測試結果"), _("在哪一天、由誰、測了哪些項目。")), primary=True),
            _verb("release", _("同意上線"), _("同意上線"), {"asked"}, "live", "review", primary=True),
            _verb("return", _("退回補正"), _("退回補正"), {"applied"}, "returned", "review", REASON),
            _verb("refuse", _("退回測試"), _("退回測試"), {"asked"}, "testing", "review", REASON),
            _verb("change", _("修改"), _("已修改資料"),
                  {"applied", "returned", "testing", "asked", "live", "suspended"}, STAY, "apply"),
            _verb("suspend", _("暫停介接"), _("已暫停介接"), {"testing", "asked", "live"}, "suspended", "suspend",
                  REASON),
            # Back to where the review had let it: a system that was live has its review behind it.
            Transition("resume", _("恢復使用"), _("已恢復使用"), frozenset({"suspended"}), "testing",
                       "relyingsystems:suspend", (REASON,), public=False, otherwise="live"),
            _verb("end", _("終止介接"), _("已終止介接"),
                  {"applied", "returned", "testing", "asked", "live", "suspended"}, "ended", "apply", REASON),
        )
    },
    entries=("applied",),
)  # fmt: skip
