"""A unit refuses what is not its own; after so many refusals the controller decides, and no unit may refuse that."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases.actions.performing import Said
from cases.models import Case
from foundation.clock import TAIPEI
from organisation import directory
from organisation.models import Unit
from organisation.pack import pack


def refuse(case: Case, actor, text: str, unit: Unit | None = None) -> Said:
    """Give a wrongly assigned case back to whoever assigned it, with the reason and where it belongs, if known.

    The last refusal that the rule ``refusals_before_ruling`` allows puts the case before the controller instead of
    passing it round once more. The promise to the citizen stays the same.
    """
    if unit and (unit.is_crew or unit.pk == case.unit_id):
        raise ValidationError({"unit": _("請選擇本單位以外的承辦單位，或留空。")})
    on = case.moment.astimezone(TAIPEI).date()
    back = _whence(case, pack().rule("refusal_desk", on).value)
    case.refusals += 1
    disputed = case.refusals >= pack().rule("refusals_before_ruling", on).value or back.pk == case.unit_id
    data = _move(case, back) | ({"belongs": unit.name, "belongs_code": unit.code} if unit else {})
    return Said(text, data, target="disputed" if disputed else None)


def rule(case: Case, actor, unit: Unit, text: str) -> Said:
    """The controller settles who is responsible."""
    if unit.is_crew:
        raise ValidationError({"unit": _("外勤隊請用「派工」，請選擇承辦單位。")})
    case.ruled = True
    return Said(text, _move(case, unit))


def _whence(case: Case, desk: str) -> Unit:
    """The unit that gave the case to this one; where the routing did, the desk that assigns anew."""
    moved = case.events.filter(verb__in=["transfer", "refuse", "rule"]).order_by("at", "pk").last()
    given = moved.data if moved and moved.verb == "transfer" else {}
    code = given["from_code"] if given.get("to_code") == case.unit.code else desk
    return directory.units().get(code) or directory.unit(desk)


def _move(case: Case, to: Unit) -> dict:
    before = case.unit
    case.unit, case.officer = to, None
    case.transfers += before.pk != to.pk
    return {"from": before.name, "to": to.name, "from_code": before.code, "to_code": to.code}
