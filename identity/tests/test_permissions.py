from itertools import product

import pytest

from identity.permissions import PERMISSIONS, PUBLIC, ROLES
from identity.rules import SCOPES, at_or_above, implies, parse


def test_the_list_is_sorted_unique_and_grammatical() -> None:
    assert list(PERMISSIONS) == sorted(set(PERMISSIONS))
    assert [str(parse(permission)) for permission in PERMISSIONS] == list(PERMISSIONS)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "cases:read",
        "unit:cases",
        "unit:cases:read:all",
        "planet:cases:read",
        "unit:Cases:read",
        "unit::read",
        "unit:my cases:read",
    ],
)
def test_the_grammar_refuses_what_it_does_not_know(wrong: str) -> None:
    with pytest.raises(ValueError, match="scope:resource:action"):
        parse(wrong)


def test_a_wider_scope_implies_the_narrower_and_never_the_other_way() -> None:
    for held, asked in product(range(len(SCOPES)), repeat=2):
        has = implies({f"{SCOPES[held]}:cases:read"}, f"{SCOPES[asked]}:cases:read")
        assert has == (held >= asked), (SCOPES[held], SCOPES[asked])
    assert not implies({"city:cases:read"}, "own:cases:file")
    assert not implies({"city:cases:read"}, "own:jobs:read")
    assert not implies((), "public:cases:file")
    assert at_or_above("agency:cases:read") == {"agency:cases:read", "city:cases:read"}


def test_roles_hold_only_listed_permissions_and_each_listed_one_is_held() -> None:
    held = frozenset().union(*(role.permissions for role in ROLES.values()))
    assert held - set(PERMISSIONS) == set()
    assert set(PERMISSIONS) - held == set()


def test_roles_are_named_as_their_code_says() -> None:
    assert set(ROLES) == {
        "citizen", "call_agent", "case_officer", "unit_head", "agency_head", "figure_keeper", "crew", "controller",
        "security_officer", "system_manager", "personnel_officer",
        "counter_officer",
        "editor", "auditor", "system_administrator",
    }  # fmt: skip
    assert all(code == role.code and str(role.label) for code, role in ROLES.items())


@pytest.mark.parametrize("code", sorted(ROLES))
def test_a_role_says_nothing_twice(code: str) -> None:
    """The same deed in two scopes would hide which is meant; but a citizen also has what anyone has."""
    held = ROLES[code].permissions - (PUBLIC if code == "citizen" else frozenset())
    deeds = [parse(permission).deed for permission in held]
    assert len(deeds) == len(set(deeds))


def test_least_privilege() -> None:
    """The walls between roles that the city relies on."""
    sees_reporters = {code for code, role in ROLES.items() if role.may("unit:cases:view_contact")}
    assert sees_reporters == {"call_agent", "case_officer", "unit_head"}
    assert {code for code, role in ROLES.items() if role.may("city:disclosures:read")} == {"auditor"}
    assert {code for code, role in ROLES.items() if role.may("city:users:manage")} == {"system_administrator"}
    recovers = {code for code, role in ROLES.items() if role.may("city:users:recover")}
    assert recovers == {"counter_officer", "system_administrator"} and len(ROLES["counter_officer"].permissions) == 1
    assert not ROLES["system_administrator"].may("unit:cases:read")
    assert not ROLES["citizen"].may("unit:cases:read")
    deeds_of_the_auditor = {parse(permission).action for permission in ROLES["auditor"].permissions}
    assert deeds_of_the_auditor == {"read", "export"}
