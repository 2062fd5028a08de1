"""Routing rules in use: cases find their desk by them, and a change is drafted, tried out and put in force."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions import routing
from cases.actions.routing import NOTICE
from cases.models import Case, RoutingCancellation, RoutingDraft, RoutingVersion
from cases.registry import kinds
from cases.routing import Route
from foundation.clock import now
from organisation.memory import forget

LANES = Route(
    "巷弄坑洞", "pwb-construction", 100, "測試", since=date(2020, 1, 1), kinds=frozenset({"pothole"}),
    road_classes=frozenset({"lane"}),
)  # fmt: skip
IN_A_LANE = {"address": "苓雅區四維三路12巷2號"}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """``later(timedelta(minutes=1))``: what is filed from now on is filed so much later."""

    def move(by: timedelta) -> None:
        at = now() + by
        monkeypatch.setattr("cases.actions.filing.now", lambda: at)

    return move


def in_force(actor: Any, *rules: Route, since: Any = None) -> RoutingVersion:
    change = routing.draft(actor)
    for rule in rules:
        routing.set_rule(actor, change, rule)
    change.refresh_from_db()
    routing.try_out(actor, change)
    return routing.put_in_force(actor, change, since, "測試")


def test_the_pack_alone_answers_for_every_kind_and_district(city: Any) -> None:
    for kind in kinds().values():
        for district in ("", *(row.code for row in city.districts)):
            assert routing.decide(kind.code, district, "", "", now()).unit == kind.unit_for(district)


def test_a_version_in_force_routes_and_the_case_remembers_it(
    city: Any, staff: Callable[..., Any], report: Callable[..., Case], later: Callable[[timedelta], None]
) -> None:
    before = report(**IN_A_LANE)
    assert before.unit.code == "pwb-roads"
    version = in_force(staff("controller"), LANES)
    assert report(**IN_A_LANE).unit.code == "pwb-roads"  # not yet: every process has to know first
    later(NOTICE + timedelta(seconds=1))
    case = report(**IN_A_LANE)
    assert case.unit.code == "pwb-construction"
    filed = case.events.get(verb="file").data
    assert filed["rule"] == "巷弄坑洞" and filed["routing"] == f"{version.number}@{city.digest[:8]}"
    assert report(address="苓雅區四維三路2號").unit.code == "pwb-roads"
    assert report("street_light", **IN_A_LANE).unit.code == "pwb-lights"
    assert before.events.get(verb="file").data["routing"].startswith("0@")


def test_filing_costs_no_statement_more_for_rules(
    city: Any, staff: Callable[..., Any], report: Callable[..., Case], later: Callable[[timedelta], None]
) -> None:
    report(**IN_A_LANE)
    with CaptureQueriesContext(connection) as without:
        report(**IN_A_LANE)
    in_force(
        staff("controller"), LANES, replace(LANES, code="夜間", hours="off", priority=200, road_classes=frozenset())
    )
    later(NOTICE + timedelta(seconds=1))
    report(**IN_A_LANE)
    with CaptureQueriesContext(connection) as with_rules:
        report(**IN_A_LANE)
    assert len(with_rules) == len(without)


def test_a_clash_is_refused_and_names_the_other_rule(city: Any, staff: Callable[..., Any]) -> None:
    actor = staff("controller")
    change = routing.draft(actor)
    routing.set_rule(actor, change, LANES)
    clash = replace(LANES, code="別的", unit="pwb-parks", road_classes=frozenset())
    with pytest.raises(ValidationError) as refusal:
        routing.set_rule(actor, change, clash)
    assert "巷弄坑洞" in refusal.value.message_dict["priority"][0]
    with pytest.raises(ValidationError):
        routing.set_rule(actor, change, replace(LANES, priority=50))  # the same name twice
    routing.set_rule(actor, change, replace(clash, priority=50))
    routing.set_rule(actor, change, replace(clash, priority=60), replaces="別的")
    change.refresh_from_db()
    assert sorted(rule["priority"] for rule in change.rules) == [60, 100]
    routing.remove_rule(actor, change, "別的")
    change.refresh_from_db()
    assert [rule["code"] for rule in change.rules] == ["巷弄坑洞"]


def test_a_trial_counts_what_would_go_elsewhere_and_changes_nothing(
    city: Any, staff: Callable[..., Any], report: Callable[..., Case]
) -> None:
    actor = staff("controller")
    lanes = [report(**IN_A_LANE) for _i in range(7)]
    report()
    report("street_light", **IN_A_LANE)
    change = routing.draft(actor)
    routing.set_rule(actor, change, LANES)
    change.refresh_from_db()
    result = routing.try_out(actor, change)
    assert (result["total"], result["moved"]) == (9, 7)
    (pair,) = result["pairs"]
    assert (pair["from"], pair["to"], pair["count"]) == ("pwb-roads", "pwb-construction", 7)
    assert len(pair["examples"]) == 5 and set(pair["examples"]) <= {str(case.number) for case in lanes}
    assert set(Case.objects.values_list("unit__code", flat=True)) == {"pwb-roads", "pwb-lights"}


def test_only_what_was_tried_out_as_it_stands_comes_into_force(city: Any, staff: Callable[..., Any]) -> None:
    actor = staff("controller")
    change = routing.draft(actor)
    with pytest.raises(ValidationError, match="試算"):
        routing.put_in_force(actor, change, None, "測試")
    routing.try_out(actor, change)
    routing.set_rule(actor, change, LANES)
    with pytest.raises(ValidationError, match="試算"):
        routing.put_in_force(actor, change, None, "測試")
    change.refresh_from_db()
    routing.try_out(actor, change)
    with pytest.raises(ValidationError, match="原因"):
        routing.put_in_force(actor, change, None, " ")
    with pytest.raises(ValidationError, match="已經過去"):
        routing.put_in_force(actor, change, now() - timedelta(minutes=1), "測試")
    assert routing.put_in_force(actor, change, None, "測試").number == 1
    assert not RoutingDraft.objects.exists()


def test_versions_follow_one_another(city: Any, staff: Callable[..., Any]) -> None:
    actor = staff("controller")
    old = routing.draft(actor)
    routing.try_out(actor, old)
    tomorrow = now() + timedelta(days=1)
    assert in_force(actor, LANES, since=tomorrow).since == tomorrow
    with pytest.raises(ValidationError, match="最新版本"):
        routing.put_in_force(actor, old, None, "測試")
    newer = routing.draft(actor)
    assert [rule["code"] for rule in newer.rules] == ["巷弄坑洞"]
    routing.try_out(actor, newer)
    with pytest.raises(ValidationError, match="第 1 版"):
        routing.put_in_force(actor, newer, None, "測試")
    routing.put_in_force(actor, newer, tomorrow, "取代")
    assert routing.routing_at(tomorrow).version.startswith("2@")
    assert routing.routing_at(now()).version.startswith("0@")


def test_a_unit_that_is_no_more_leaves_the_case_to_the_rule_below(
    city: Any, staff: Callable[..., Any], report: Callable[..., Case], later: Callable[[timedelta], None]
) -> None:
    from organisation.models import Unit

    in_force(staff("controller"), LANES)
    Unit.objects.filter(code="pwb-construction").update(active=False)
    forget()
    later(NOTICE + timedelta(seconds=1))
    assert report(**IN_A_LANE).unit.code == "pwb-roads"


def test_versions_cannot_be_changed_and_only_controllers_make_them(city: Any, staff: Callable[..., Any]) -> None:
    version = in_force(staff("controller"), LANES)
    for statement in (RoutingVersion.objects.filter(pk=version.pk).update, RoutingVersion.objects.filter(pk=0).delete):
        if statement.__name__ == "update":
            with pytest.raises(IntegrityError), transaction.atomic():
                statement(reason="別的")
    for role in ("auditor", "case_officer", "system_administrator"):
        with pytest.raises(PermissionDenied):
            routing.draft(staff(role))


@pytest.mark.django_db(transaction=True)
def test_two_who_put_in_force_at_once_make_one_version(city: Any, staff: Callable[..., Any]) -> None:
    actor = staff("controller")
    drafts = [routing.draft(actor) for _i in range(4)]
    for change in drafts:
        routing.try_out(actor, change)
    outcomes: list[str] = []

    def work(change: RoutingDraft) -> None:
        try:
            routing.put_in_force(actor, change, None, "測試")
            outcomes.append("in force")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[change]) for change in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in force", "refused", "refused", "refused"]
    assert RoutingVersion.objects.count() == 1


# -- The pages -----------

RULE = {
    "code": "巷弄坑洞", "unit": "pwb-construction", "priority": "100", "kinds": ["pothole"], "road_classes": ["lane"],
    "hours": "", "opens": "", "closes": "", "words": "大洞", "since": "2020-01-01", "until": "", "source": "協調會議",
}  # fmt: skip


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_controller_goes_all_the_way(city: Any, staff: Callable[..., Any], report: Callable[..., Case]) -> None:
    number = report(**IN_A_LANE, description="一個大洞").number
    client = signed_in(staff("controller"))
    assert "都依下面的基本規則" in client.get("/routing/").content.decode()
    page = client.post("/routing/drafts/", follow=True)
    at = page.redirect_chain[-1][0]
    refused = client.post(at, RULE | {"unit": "", "opens": "22:00"})
    assert refused.status_code == 422
    said = refused.content.decode()
    assert "請選擇「分到」" in said and "起訖時間要一起填" in said and "協調會議" in said
    assert client.post(at, RULE).status_code == 302
    assert client.post(at, RULE).status_code == 422  # the name is taken
    page = client.get(f"{at}?rule=巷弄坑洞").content.decode()
    assert "修改「巷弄坑洞」" in page and 'value="大洞"' in page
    assert client.post(at, RULE | {"replaces": "巷弄坑洞", "priority": "120"}).status_code == 302
    page = client.post(f"{at}trial/", follow=True).content.decode()
    assert "1 件中，有 1 件會分到別的單位" in page and str(number) in page
    assert client.post(f"{at}entry/", {"since": "", "reason": ""}).status_code == 422
    page = client.post(f"{at}entry/", {"since": "", "reason": "分工調整"}, follow=True).content.decode()
    assert "第 1 版" in page and "分工調整" in page
    assert client.get(at).status_code == 404


def test_a_version_that_is_to_come_is_cancelled_and_one_in_force_is_not(
    city: Any, staff: Callable[..., Any], report: Callable[..., Case], later: Callable[[timedelta], None]
) -> None:
    actor, tomorrow = staff("controller"), now() + timedelta(days=1)
    first = in_force(actor, replace(LANES, code="第一"), since=tomorrow)
    second = in_force(actor, replace(LANES, code="第二", priority=101), since=tomorrow)
    client, cancelling = signed_in(actor), "/routing/versions/{}/cancellation/".format
    assert "以這一版為底" in client.post(cancelling(first.number), {"reason": "誤排"}).text
    refused = client.post(cancelling(second.number), {"reason": " "})
    assert refused.status_code == 422 and "請填寫「取消的原因」" in refused.text
    assert client.post(cancelling(9), {"reason": "誤排"}).status_code == 404
    assert signed_in(staff("auditor")).post(cancelling(second.number), {"reason": "誤排"}).status_code == 403
    stale = routing.draft(actor)  # builds on the second
    page = client.post(cancelling(second.number), {"reason": "誤排"}, follow=True)
    assert "第 2 版已取消" in page.text and "誤排" in page.text
    assert "已經取消" in client.post(cancelling(second.number), {"reason": "再一次"}).text
    routing.try_out(actor, stale)
    with pytest.raises(ValidationError, match="取消了"):
        routing.put_in_force(actor, stale, None, "測試")
    third = in_force(actor, since=tomorrow)
    assert third.number == 3 and [rule["code"] for rule in third.rules] == ["第一"]
    routing.cancel(actor, 3, "誤排")
    routing.cancel(actor, 1, "誤排")
    later(timedelta(days=2))
    assert report(**IN_A_LANE).unit.code == "pwb-roads"
    soon = in_force(actor, LANES)
    with pytest.raises(ValidationError, match="幾秒內就要生效"):
        routing.cancel(actor, soon.number, "太晚")
    assert RoutingVersion.objects.standing().get() == soon
    with pytest.raises(IntegrityError), transaction.atomic():
        RoutingCancellation.objects.filter(version=first).delete()


def test_drafts_are_thrown_away_and_rules_taken_out(city: Any, staff: Callable[..., Any]) -> None:
    actor = staff("controller")
    client = signed_in(actor)
    change = routing.draft(actor)
    routing.set_rule(actor, change, LANES)
    client.post(f"/routing/drafts/{change.pk}/removal/", {"rule": LANES.code})
    change.refresh_from_db()
    assert change.rules == []
    client.post(f"/routing/drafts/{change.pk}/removal/")
    assert not RoutingDraft.objects.exists()


def test_an_auditor_reads_and_changes_nothing(city: Any, staff: Callable[..., Any]) -> None:
    change = routing.draft(staff("controller"))
    client = signed_in(staff("auditor"))
    page = client.get("/routing/").content.decode()
    assert "基本規則" in page and "起草變更" not in page
    assert client.get(f"/routing/drafts/{change.pk}/").status_code == 403
    assert client.post("/routing/drafts/").status_code == 403
    assert signed_in(staff("case_officer", "pwb-roads")).get("/routing/").status_code == 403
