"""Saved views: a list under a name, one's own or the unit's."""

import pytest

from cases.models import SavedView

pytestmark = pytest.mark.django_db

ROADS, NOISE = "pwb-roads", "epb-inspection"


def names(client) -> set[str]:
    return {view.name for view in client.get("/desk/").context["views"]}


def test_a_view_keeps_the_filter_and_leads_back_to_it(report, staff, sign_in):
    road, light = report(), report("street_light")
    client = sign_in(staff("agency_head", agency="pwb"))
    query = "list=all&kind=street_light"
    answer = client.post("/desk/views/", {"name": "路燈", "query": query}, follow=True)
    assert answer.redirect_chain == [(f"/desk/?{query}", 302)]
    text = answer.content.decode()
    assert "已儲存檢視「路燈」" in text and f'href="/desk/?{query.replace("&", "&amp;")}"' in text
    assert light.number in text and road.number not in text


def test_the_same_name_again_replaces_the_view(city, staff, sign_in):
    client = sign_in(staff("case_officer", ROADS))
    for state in ("open", "closed"):
        client.post("/desk/views/", {"name": "我的", "query": f"list=all&state={state}"})
    assert SavedView.objects.get().query == "list=all&state=closed"


def test_what_is_shared_is_seen_in_the_unit_and_nowhere_else(city, staff, sign_in):
    owner = sign_in(staff("case_officer", ROADS))
    owner.post("/desk/views/", {"name": "大家的", "query": "list=late", "shared": "on"})
    owner.post("/desk/views/", {"name": "自己的", "query": "list=late"})
    assert names(owner) == {"大家的", "自己的"}
    assert names(sign_in(staff("case_officer", ROADS))) == {"大家的"}
    assert names(sign_in(staff("unit_head", ROADS))) == {"大家的"}
    assert names(sign_in(staff("case_officer", NOISE))) == set()


def test_only_the_owner_removes_a_view(city, staff, sign_in):
    owner, colleague = sign_in(staff("case_officer", ROADS)), sign_in(staff("case_officer", ROADS))
    owner.post("/desk/views/", {"name": "大家的", "query": "list=late", "shared": "on"})
    view = SavedView.objects.get()
    assert colleague.post(f"/desk/views/{view.pk}/removal/").status_code == 404
    assert owner.get(f"/desk/views/{view.pk}/removal/").status_code == 405
    assert owner.post(f"/desk/views/{view.pk}/removal/", follow=True).status_code == 200
    assert names(owner) == set()


@pytest.mark.parametrize("name", ["", " ", "長" * 41])
def test_a_view_without_a_proper_name_is_refused_and_the_list_stays(city, staff, sign_in, name):
    client = sign_in(staff("case_officer", ROADS))
    answer = client.post("/desk/views/", {"name": name, "query": "list=late"}, follow=True)
    assert answer.redirect_chain == [("/desk/?list=late", 302)]
    assert "最多 40 個字" in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_view_leads_nowhere_but_to_the_queue(city, staff, sign_in):
    client = sign_in(staff("case_officer", ROADS))
    client.post("/desk/views/", {"name": "x", "query": 'list=all&next=https://evil.example&kind="><script>'})
    assert SavedView.objects.get().query == "list=all&kind=%22%3E%3Cscript%3E"
    assert "<script>" not in client.get("/desk/").content.decode().split("<main")[1].split("</main>")[0]


def test_the_list_of_a_view_of_ones_own_offers_to_delete_it(city, staff, sign_in):
    owner, colleague = sign_in(staff("case_officer", ROADS)), sign_in(staff("case_officer", ROADS))
    owner.post("/desk/views/", {"name": "大家的", "query": "list=all&state=open", "shared": "on"})
    shown = "/desk/?state=open&list=all&q="
    assert "刪除檢視" not in colleague.get(shown).content.decode()
    assert "刪除檢視" not in owner.get("/desk/").content.decode()
    view = owner.get(shown).context["own_view"]
    assert f"/desk/views/{view.pk}/removal/" in owner.get(shown).content.decode()
    owner.post(f"/desk/views/{view.pk}/removal/")
    assert not SavedView.objects.exists()
