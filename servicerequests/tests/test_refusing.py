"""Wrong assignments go back with the reason; the second time the controller decides, and that stands."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cases.actions.performing import Conflict, perform
from cases.models import Case, CaseEvent
from cases.permissions import verbs_for
from figures import actions as figures
from figures import queries
from figures.registry import Period
from foundation.clock import today
from organisation import directory

pytestmark = pytest.mark.django_db

NOISE, TRAFFIC, WASTE = "epb-inspection", "police-traffic", "epb-sanitation"


def verbs(user, case) -> set[str]:
    return {transition.verb for transition in verbs_for(user, Case.objects.for_list().get(pk=case.pk))}


def test_a_refused_case_goes_back_to_who_assigned_it_with_the_reason(report, staff):
    case, here, there = report("noise"), staff("case_officer", NOISE), staff("case_officer", TRAFFIC)
    perform(here, case.pk, "transfer", unit=directory.unit(TRAFFIC), text="車聲")
    after = perform(there, case.pk, "refuse", text="是工地的聲音", unit=directory.unit(WASTE))
    assert (after.unit.code, after.state, after.refusals, after.transfers) == (NOISE, "received", 1, 2)
    assert after.due_at == case.due_at and after.officer is None
    event = CaseEvent.objects.get(case=case, verb="refuse")
    assert event.is_public and event.text == "是工地的聲音" and event.data["belongs_code"] == WASTE
    with pytest.raises(PermissionDenied):
        perform(there, case.pk, "refuse", text="已經不是我的")


def test_what_the_routing_assigned_goes_to_the_desk_that_assigns_anew(report, staff):
    case = report("noise")
    after = perform(staff("case_officer", NOISE), case.pk, "refuse", text="屬交通")
    assert (after.unit.code, after.state) == ("rdec-service", "received")
    # That desk itself has nobody to give it back to but the controller.
    after = perform(staff("case_officer", "rdec-service"), report("petition", phone="07").pk, "refuse", text="不知道")
    assert (after.unit.code, after.state, after.transfers) == ("rdec-service", "disputed", 0)


def test_after_two_refusals_only_the_controller_decides_and_that_stands(report, staff):
    case, noise, traffic = report("noise"), staff("unit_head", NOISE), staff("unit_head", TRAFFIC)
    service, controller = staff("unit_head", "rdec-service"), staff("controller")
    perform(noise, case.pk, "refuse", text="屬交通")
    perform(service, case.pk, "transfer", unit=directory.unit(TRAFFIC), text="請查")
    after = perform(traffic, case.pk, "refuse", text="屬環保")
    assert (after.state, after.refusals) == ("disputed", 2)
    for someone in (noise, traffic, service):
        with pytest.raises((PermissionDenied, Conflict)):
            perform(someone, case.pk, "transfer", unit=directory.unit(WASTE), text="再試")
        with pytest.raises((PermissionDenied, Conflict)):
            perform(someone, case.pk, "rule", unit=directory.unit(WASTE), text="我來裁定")
    with pytest.raises(ValidationError):
        perform(controller, case.pk, "rule", unit=directory.unit("pwb-road-crew-1"), text="外勤隊")
    after = perform(controller, case.pk, "rule", unit=directory.unit(NOISE), text="依噪音管制法屬環保")
    assert (after.unit.code, after.state, after.ruled) == (NOISE, "received", True)
    assert "take" in verbs(noise, case) and not {"refuse", "transfer"} & verbs(noise, case)
    for verb in ("refuse", "transfer"):
        with pytest.raises(PermissionDenied):
            perform(noise, case.pk, verb, unit=directory.unit(TRAFFIC), text="還是不要")
    assert "transfer" in verbs(controller, case)


def test_the_controllers_list_and_the_form(report, staff, client):
    case = report("petition", phone="07")
    client.force_login(staff("case_officer", "rdec-service"))
    address = f"/desk/cases/{case.number}/refuse/"
    refused = client.post(address, {"version": case.version, "text": "", "unit": TRAFFIC})
    assert refused.status_code == 422 and set(refused.context["form"].errors) == {"text"}
    assert client.post(address, {"version": case.version, "text": "屬交通", "unit": TRAFFIC}).status_code == 302
    client.force_login(staff("controller"))
    assert case.number in client.get("/desk/?list=disputed").text
    page = client.get(f"/desk/cases/{case.number}/").text
    assert "裁定主責單位" in page and "退分 1 次" in page and "認為應由" in page
    client.logout()
    assert "研考單位會裁定" in client.get(f"/track/{case.number}/").text


def test_ping_pong_is_a_figure(report, staff):
    case, noise, service = report("noise"), staff("case_officer", NOISE), staff("case_officer", "rdec-service")
    report("noise")
    perform(noise, case.pk, "refuse", text="屬交通")
    perform(service, case.pk, "transfer", unit=directory.unit(TRAFFIC), text="請查")
    figures.rebuild(today().year)
    codes = [f"servicerequests.{name}" for name in ("moved_twice", "moves", "moves_per_hundred")]
    found = queries.values(codes, Period.year(today().year))
    assert [found[code].value for code in codes] == [1, 2, 100]
