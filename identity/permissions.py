"""Who may do what: one list of permissions, and the roles that hold them.

A permission reads ``scope:resource:action``:

- ``scope``     whose things: ``public`` (everyone, signed in or not) < ``own`` (what concerns me) < ``unit`` (what my
                unit answers for) < ``agency`` (what any unit of my agency answers for) < ``city`` (everything).
                A wider scope includes the narrower ones.
- ``resource``  a plural noun: ``cases``, ``jobs``, ``figures``.
- ``action``    a verb: ``read``, ``file``, ``close``.

``PERMISSIONS`` is sorted and complete: a door or a role that names anything else is refused when the program starts.
Scope says *where* a permission holds only together with the membership that gives it (unit head of *which* unit), so
the grants of a person come from ``organisation``, a layer above this one. See ``identity.grants``.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.grants import Grants, grants_for
from identity.rules import implies, parse

__all__ = [
    "KEY_SCOPES", "PERMISSIONS", "PROVISION", "PUBLIC", "ROLES", "STRONG", "Grants", "Role", "capacities_of",
    "grants_for",
]  # fmt: skip

PERMISSIONS: tuple[str, ...] = (
    "agency:annualreport:agree",
    "agency:annualreport:read",
    "agency:authentications:read",
    "agency:cases:approve",
    "agency:cases:assign",
    "agency:cases:comment",
    "agency:cases:export",
    "agency:cases:extend",
    "agency:cases:read",
    "agency:cases:reopen",
    "agency:cases:transfer",
    "agency:deputies:name",
    "agency:evidence:read",
    "agency:figures:enter",
    "agency:incidents:read",
    "agency:relyingsystems:apply",
    "agency:relyingsystems:read",
    "agency:workload:read",
    "city:annualreport:agree",
    "city:annualreport:compile",
    "city:annualreport:read",
    "city:annualreport:write",
    "city:anomalies:settle",
    "city:apikeys:manage",
    "city:authentications:read",
    "city:boards:change",
    "city:calendar:declare",
    "city:cases:comment",
    "city:cases:export",
    "city:cases:file",
    "city:cases:hold",
    "city:cases:read",
    "city:cases:release",
    "city:cases:rule",
    "city:cases:shield",
    "city:cases:transfer",
    "city:cases:view_contact",
    "city:deputies:name",
    "city:disclosures:export",
    "city:disclosures:read",
    "city:evidence:read",
    "city:figures:enter",
    "city:figures:freeze",
    "city:figures:read",
    "city:figures:rebuild",
    "city:imports:run",
    "city:incidents:declare",
    "city:incidents:read",
    "city:mailbox:file",
    "city:mailbox:read",
    "city:memberships:manage",
    "city:memberships:read",
    "city:messages:read",
    "city:messages:resend",
    "city:models:manage",
    "city:models:read",
    "city:people:provision",
    "city:people:read",
    "city:relyingsystems:read",
    "city:relyingsystems:review",
    "city:relyingsystems:suspend",
    "city:retention:read",
    "city:routing:change",
    "city:routing:read",
    "city:storm:declare",
    "city:storm:read",
    "city:templates:edit",
    "city:users:manage",
    "city:users:recover",
    "city:workload:read",
    "city:works:change",
    "city:works:inspect",
    "own:account:manage",
    "own:cases:comment",
    "own:cases:rate",
    "own:cases:read",
    "own:cases:reopen",
    "own:deputies:name",
    "own:disclosures:read",
    "own:jobs:arrive",
    "own:jobs:finish",
    "own:jobs:hand_over",
    "own:openid:agree",
    "own:views:save",
    "public:annualreport:read",
    "public:calendar:read",
    "public:cases:file",
    "public:cases:rate",
    "public:cases:reopen",
    "public:cases:track",
    "public:dashboard:read",
    "public:directory:read",
    "public:figures:read",
    "public:incidents:read",
    "public:map:read",
    "public:map:subscribe",
    "public:openid:enter",
    "public:openid:speak",
    "public:pages:read",
    "public:people:speak",
    "public:receipts:report",
    "public:session:start",
    "public:works:read",
    "unit:annualreport:agree",
    "unit:annualreport:read",
    "unit:annualreport:write",
    "unit:cases:answer",
    "unit:cases:approve",
    "unit:cases:ask_extension",
    "unit:cases:assign",
    "unit:cases:close",
    "unit:cases:comment",
    "unit:cases:consult",
    "unit:cases:dispatch",
    "unit:cases:draft",
    "unit:cases:export",
    "unit:cases:extend",
    "unit:cases:file",
    "unit:cases:hold",
    "unit:cases:merge",
    "unit:cases:pause",
    "unit:cases:read",
    "unit:cases:redact",
    "unit:cases:refuse",
    "unit:cases:reopen",
    "unit:cases:set_aside",
    "unit:cases:shield",
    "unit:cases:split",
    "unit:cases:transfer",
    "unit:cases:view_contact",
    "unit:cases:view_original",
    "unit:contributions:give",
    "unit:deputies:name",
    "unit:incidents:read",
    "unit:jobs:accept",
    "unit:jobs:read",
    "unit:workload:read",
    "unit:works:change",
)

# What anyone may do without signing in; nobody has to be granted it.
PUBLIC: frozenset[str] = frozenset(p for p in PERMISSIONS if parse(p).scope == "public")

# What a program's key may be given, in words. A key does what its owner's users ask for, and no office's work but one:
# that of the personnel system, and only while its owner holds that permission too.
PROVISION = "city:people:provision"
KEY_SCOPES: dict[str, str | Promise] = {
    "public:cases:file": _("通報案件"),
    "public:cases:track": _("查詢案件進度"),
    "own:cases:comment": _("補充自己送出的案件"),
    PROVISION: _("人事系統：建立、異動與停用員工帳號（SCIM）"),
}


@dataclass(frozen=True, slots=True)
class Role:
    """A set of permissions with a name that people know. Held through a membership; ``citizen`` by whoever signs in."""

    code: str
    label: str | Promise
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether the role holds the permission at that scope or a wider one."""
        return implies(self.permissions, permission)


def _role(code: str, label: str | Promise, *permissions: str) -> Role:
    return Role(code, label, frozenset(permissions))


# Least privilege: a role holds what its daily work needs. Somebody who does two jobs has two memberships.
ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role(
            "citizen",
            _("市民"),
            *PUBLIC,
            "own:account:manage",
            "own:cases:comment",
            "own:cases:rate",
            "own:cases:read",
            "own:cases:reopen",
            "own:disclosures:read",
            "own:openid:agree",
        ),
        _role(
            "call_agent",
            _("話務人員"),
            "city:cases:comment",
            "city:cases:file",
            "city:cases:read",
            "city:cases:shield",
            "city:cases:view_contact",
            "city:incidents:read",
            "city:mailbox:file",
            "city:mailbox:read",
            "own:deputies:name",
            "own:views:save",
        ),
        _role(
            "case_officer",
            _("承辦人員"),
            "own:deputies:name",
            "own:views:save",
            "unit:annualreport:read",
            "unit:annualreport:write",
            "unit:cases:answer",
            "unit:cases:ask_extension",
            "unit:cases:assign",
            "unit:cases:close",
            "unit:cases:comment",
            "unit:cases:consult",
            "unit:cases:dispatch",
            "unit:cases:draft",
            "unit:cases:file",
            "unit:cases:merge",
            "unit:cases:pause",
            "unit:cases:read",
            "unit:cases:redact",
            "unit:cases:refuse",
            "unit:cases:reopen",
            "unit:cases:shield",
            "unit:cases:split",
            "unit:cases:transfer",
            "unit:cases:view_contact",
            "unit:cases:view_original",
            "unit:contributions:give",
            "unit:incidents:read",
            "unit:jobs:read",
            "unit:works:change",
        ),
        # Extensions need the head's approval; so do figures about colleagues and taking the list out of the house.
        _role(
            "unit_head",
            _("單位主管"),
            "own:views:save",
            "unit:annualreport:agree",
            "unit:annualreport:read",
            "unit:annualreport:write",
            "unit:cases:answer",
            "unit:cases:approve",
            "unit:cases:assign",
            "unit:cases:close",
            "unit:cases:comment",
            "unit:cases:consult",
            "unit:cases:dispatch",
            "unit:cases:draft",
            "unit:cases:export",
            "unit:cases:extend",
            "unit:cases:file",
            "unit:cases:hold",
            "unit:cases:merge",
            "unit:cases:pause",
            "unit:cases:read",
            "unit:cases:redact",
            "unit:cases:refuse",
            "unit:cases:reopen",
            "unit:cases:set_aside",
            "unit:cases:shield",
            "unit:cases:split",
            "unit:cases:transfer",
            "unit:cases:view_contact",
            "unit:cases:view_original",
            "unit:contributions:give",
            "unit:deputies:name",
            "unit:incidents:read",
            "unit:jobs:read",
            "unit:workload:read",
            "unit:works:change",
        ),
        # Steers; does not work on cases and so does not see who reported them.
        _role(
            "agency_head",
            _("機關首長"),
            "agency:annualreport:agree",
            "agency:annualreport:read",
            "agency:cases:approve",
            "agency:cases:assign",
            "agency:cases:comment",
            "agency:cases:export",
            "agency:cases:extend",
            "agency:cases:read",
            "agency:cases:reopen",
            "agency:cases:transfer",
            "agency:deputies:name",
            "agency:evidence:read",
            "agency:figures:enter",
            "agency:incidents:read",
            "agency:workload:read",
            "own:views:save",
        ),
        # Enters what the agency answers for and has no records of yet.
        _role(
            "figure_keeper",
            _("統計人員"),
            "agency:evidence:read",
            "agency:figures:enter",
            "own:deputies:name",
            "own:views:save",
        ),
        _role(
            "crew",
            _("外勤人員"),
            "own:deputies:name",
            "own:jobs:arrive",
            "own:jobs:finish",
            "own:jobs:hand_over",
            "unit:jobs:accept",
            "unit:jobs:read",
        ),
        # 研考: watches deadlines over all agencies, settles who is responsible, answers for the figures.
        _role(
            "controller",
            _("研考人員"),
            "city:annualreport:agree",
            "city:annualreport:compile",
            "city:annualreport:read",
            "city:annualreport:write",
            "city:boards:change",
            "city:calendar:declare",
            "city:cases:comment",
            "city:cases:export",
            "city:cases:hold",
            "city:cases:read",
            "city:cases:release",
            "city:cases:rule",
            "city:cases:shield",
            "city:cases:transfer",
            "city:evidence:read",
            "city:figures:enter",
            "city:figures:freeze",
            "city:figures:read",
            "city:figures:rebuild",
            "city:incidents:declare",
            "city:incidents:read",
            "city:messages:read",
            "city:models:manage",
            "city:models:read",
            "city:retention:read",
            "city:routing:change",
            "city:routing:read",
            "city:storm:declare",
            "city:storm:read",
            "city:workload:read",
            "city:works:change",
            "city:works:inspect",
            "own:deputies:name",
            "own:views:save",
        ),
        _role(
            "editor",
            _("編輯人員"),
            "city:annualreport:read",
            "city:annualreport:write",
            "city:boards:change",
            "city:figures:read",
            "city:templates:edit",
            "own:deputies:name",
        ),
        # Sees what was done and who looked at whom; changes nothing.
        _role(
            "auditor",
            _("稽核人員"),
            "city:annualreport:read",
            "city:cases:export",
            "city:cases:read",
            "city:disclosures:export",
            "city:disclosures:read",
            "city:evidence:read",
            "city:figures:read",
            "city:incidents:read",
            "city:mailbox:read",
            "city:memberships:read",
            "city:messages:read",
            "city:models:read",
            "city:retention:read",
            "city:routing:read",
            "city:storm:read",
        ),
        # Keeps an agency's systems, and so what they are to the city's single sign-on.
        _role(
            "system_manager",
            _("機關資訊人員"),
            "agency:authentications:read",
            "agency:relyingsystems:apply",
            "agency:relyingsystems:read",
            "own:deputies:name",
        ),
        # Watches who enters what, and may shut a system at once.
        _role(
            "security_officer",
            _("資安人員"),
            "city:anomalies:settle",
            "city:authentications:read",
            "city:relyingsystems:read",
            "city:relyingsystems:suspend",
        ),
        # Answers for what the personnel system says of the city's staff; opens and closes nothing by hand.
        _role(
            "personnel_officer",
            _("人事人員"),
            "city:people:provision",
            "city:people:read",
            "own:deputies:name",
        ),
        # Sees people and their papers; two of them together give an account back to who lost its keys.
        _role(
            "counter_officer",
            _("櫃台人員"),
            "city:users:recover",
        ),
        # Keeps the system and its accounts; has no business in the cases themselves.
        _role(
            "system_administrator",
            _("系統管理員"),
            "city:apikeys:manage",
            "city:deputies:name",
            "city:figures:rebuild",
            "city:imports:run",
            "city:memberships:manage",
            "city:memberships:read",
            "city:messages:read",
            "city:messages:resend",
            "city:people:read",
            "city:relyingsystems:read",
            "city:relyingsystems:review",
            "city:relyingsystems:suspend",
            "city:retention:read",
            "city:storm:declare",
            "city:storm:read",
            "city:users:manage",
            "city:users:recover",
        ),
    )
}


# The roles that watch over all the others: who gives rights, who reads what everybody did, who shuts the systems of the
# city. With one of them somebody could widen their own reach or cover their tracks, so it takes two people to give one.
# What a controller does stands on timelines that others read, with its reason: two people for that would only delay.
STRONG: frozenset[str] = frozenset({"auditor", "security_officer", "system_administrator"})


def capacities_of(user) -> tuple[str, ...]:
    """As what a person acts here, one line each: their memberships; "citizen", which everyone is, only without any."""
    words = grants_for(user).words()
    return tuple(line for line in words if line != str(ROLES["citizen"].label)) or words
