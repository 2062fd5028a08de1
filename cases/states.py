"""States and the transitions between them, as data.

A lifecycle is checked when it is made: every transition leads from known states to a known state, every state can be
reached. Who may do what is the permission of the transition (``cases:transfer``); its scope comes from the roles.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

type Text = str | LazyText  # a label, put into words in the reader's language

STAY = ""  # the target of a verb that leaves the state as it is


@dataclass(frozen=True)
class State:
    """A state of a case. ``public`` is what the citizen reads; ``ended`` states have no deadline any more."""

    code: str
    label: Text
    public: Text
    done: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Input:
    """Something a verb needs to know: the desk builds the form from it, in this order.

    ``type`` is one of text, unit, crew, officer, kind, case, part, amount, outcome, flag, date, files;
    anything else is a line of text.
    """

    name: str
    type: str
    label: Text
    hint: Text = ""
    required: bool = True


@dataclass(frozen=True)
class Transition:
    """One verb: from which states, to which state, with which permission and inputs.

    ``public`` transitions appear on the citizen's timeline; ``primary`` ones are the desk's big buttons. One that
    ``moves`` takes the case away from its unit, which nobody but the controller may do after a ruling. ``otherwise`` is
    another state that the performer may choose as the target.
    """

    verb: str
    label: Text
    told: Text
    sources: frozenset[str]
    target: str
    permission: str
    inputs: tuple[Input, ...] = ()
    public: bool = True
    primary: bool = False
    moves: bool = False
    otherwise: str = STAY
    icon: str = ""


@dataclass(frozen=True)
class Lifecycle:
    """A named set of states and transitions. Raises ValueError when they do not fit together."""

    states: dict[str, State]
    transitions: dict[str, Transition]
    entries: tuple[str, ...] = ("received",)  # where a case may begin; the first is where reports do
    verbs_in: dict[str, tuple[Transition, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for transition in self.transitions.values():
            unknown = {*transition.sources, transition.target, transition.otherwise} - {STAY, *self.states}
            if unknown:
                raise ValueError(f"{transition.verb}: unknown states {sorted(unknown)}")
        reached = set(self.entries) | {s for t in self.transitions.values() for s in (t.target, t.otherwise)}
        if lost := set(self.states) - reached:
            raise ValueError(f"states that nothing leads to: {sorted(lost)}")
        by_state = {code: tuple(t for t in self.transitions.values() if code in t.sources) for code in self.states}
        object.__setattr__(self, "verbs_in", by_state)

    @property
    def initial(self) -> str:
        """The state of a report that has just come in."""
        return self.entries[0]

    def transition(self, verb: str, state: str) -> Transition | None:
        """The transition ``verb`` out of ``state``, or None where it may not happen."""
        found = self.transitions.get(verb)
        return found if found and state in found.sources else None


# The states that every kind shares. A family takes those that its work has.
RECEIVED = State("received", _("待分派"), _("已受理"))
ASSIGNED = State("assigned", _("承辦中"), _("承辦中"))
DISPATCHED = State("dispatched", _("已派工"), _("已派工"))
ACCEPTED = State("accepted", _("外勤已接案"), _("人員前往中"))
ON_SITE = State("on_site", _("現場處理中"), _("現場處理中"))
DISPUTED = State("disputed", _("待研考裁定"), _("確認主責單位中"))
WAITING = State("waiting", _("等待民眾補充"), _("等待您補充資料"))
DONE = State("done", _("已處理，待結案"), _("已完成"), done=True)
CLOSED = State("closed", _("已結案"), _("已結案"), done=True, ended=True)
MERGED = State("merged", _("已併案"), _("已併入另一件"), ended=True)
WITHDRAWN = State("withdrawn", _("已撤回"), _("已撤回"), ended=True)
IMPORTED = State("imported", _("歷史資料"), _("歷史資料（來源未載處理結果）"), ended=True)

EVERY_STATE = {
    s.code: s
    for s in (
        RECEIVED, ASSIGNED, DISPATCHED, ACCEPTED, ON_SITE, WAITING, DISPUTED, DONE, CLOSED, MERGED, WITHDRAWN,
        IMPORTED,
    )
}  # fmt: skip
OPEN = frozenset({"received", "assigned", "dispatched", "accepted", "on_site", "waiting", "disputed"})
RUNNING = OPEN - {"waiting"}
