""" "That is mine too": followed instead of reported again, by the pages alone."""

import re

import pytest
from django.test import Client

from cases.actions import following
from cases.actions.files import attach
from cases.actions.performing import perform
from cases.actions.redacting import redact_photo
from cases.models import Attachment, Case, Follower
from cases.registry import kind
from foundation.jobs import perform_waiting
from messages.models import Message
from servicerequests.tests.walking import IN_LINGYA, Walker, picture

pytestmark = pytest.mark.django_db


def follow(client, case, email="f@example.com", **more):
    return client.post(f"/follow/{case.number}/", {"email": email, "language": "zh-hant"} | more)


def test_from_the_report_to_the_letter_that_it_is_done(report, staff, walker: Walker):
    case = report(lon=IN_LINGYA[0], lat=IN_LINGYA[1])
    walker.what(kind("pothole")).where(point=f"{IN_LINGYA[1]}, {IN_LINGYA[0]}")
    assert f'href="/follow/{case.number}/"' in walker.page
    assert "就是這件" in walker.page
    client = walker.client
    assert "關注這件" in client.get(f"/follow/{case.number}/").content.decode()
    asked = follow(client, case)
    assert asked.status_code == 200 and "請到信箱確認" in asked.content.decode()
    letter = Message.objects.get(notice="cases.follow")
    (link,) = re.findall(r"https?://[^/]+(/following/\S+/)", letter.body)
    shown = client.get(link)
    assert shown["Cache-Control"] == "private, no-store" and shown["X-Robots-Tag"] == "noindex"
    assert Follower.objects.confirmed().count() == 0, "opening the link confirms nothing"
    assert client.post(link).status_code == 302
    perform(staff("case_officer", unit="pwb-roads"), case.pk, "answer", text="已填補。", outcome="fixed")
    perform_waiting()
    assert Message.objects.get(notice="cases.followed").recipient == "f@example.com"
    assert Case.objects.count() == 1


def test_one_click_ends_it_without_a_cookie_or_a_token(report):
    case = report()
    follower = following.follow(case, "f@example.com", "zh-hant")
    strict = Client(enforce_csrf_checks=True)
    address = f"/following/{following.seal(follower)}/stop/"
    assert strict.get(address).status_code == 405
    assert strict.post(address, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded").status_code == 200
    assert not Follower.objects.exists()
    assert strict.post(address).status_code == 200, "twice does no harm"
    assert strict.post("/following/1:forged/stop/").status_code == 200
    assert strict.get(f"/following/{following.seal(follower)}/").status_code == 404


@pytest.mark.parametrize(("email", "says"), [("", "請填寫「電子郵件」"), ("not an address", "格式不正確")])
def test_a_bad_address_is_named_and_kept(client, report, email, says):
    answer = follow(client, report(), email)
    assert answer.status_code == 422
    assert (says in answer.content.decode() and f'value="{email}"' in answer.content.decode()) or not email
    assert not Follower.objects.exists()


def test_who_follows_is_nobodys_business(client, report):
    case = report()
    first, again = follow(client, case), follow(client, case)
    assert first.content == again.content and Follower.objects.count() == 1
    assert "1 人關注" not in client.get(f"/track/{case.number}/").content.decode()


def test_an_address_is_not_written_to_without_end(client, report):
    answers = [follow(client, report(), REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(7)]
    assert answers[:5] == [200] * 5 and set(answers[5:]) == {429}


def test_a_merged_case_leads_to_the_one_that_goes_on(client, report, staff):
    first, second = report(), report()
    perform(staff("case_officer", unit="pwb-roads"), second.pk, "merge", into=first)
    follow(client, second)
    assert Follower.objects.get().case == first


def test_a_case_that_is_done_says_so(client, report, staff):
    case = report()
    perform(staff("case_officer", unit="pwb-roads"), case.pk, "answer", text="已填補。", outcome="fixed")
    assert "另外通報" in client.get(f"/follow/{case.number}/").content.decode()
    answer = follow(client, case)
    assert answer.status_code == 422 and not Follower.objects.exists()
    assert client.get("/follow/D111-0000000/").status_code == 404


def test_only_public_photos_of_public_kinds_are_shown(client, report, staff):
    case, noise = report(), report("noise")
    assert noise.kind.sensitive
    shown, hidden = (attach(each, None, picture(), phase="report", by_citizen=True) for each in (case, noise))
    assert client.get(f"/photos/{shown.token}/").status_code == 404, "nobody has looked it through"
    redact_photo(staff("case_officer", unit="pwb-roads"), shown, [])
    answer = client.get(f"/photos/{shown.token}/")
    assert answer.status_code == 200 and b"Exif" not in b"".join(answer.streaming_content)
    assert client.get(f"/photos/{hidden.token}/").status_code == 404
    Attachment.objects.filter(pk=shown.pk).update(is_public=False)
    assert client.get(f"/photos/{shown.token}/").status_code == 404


def test_the_flow_shows_the_photo_the_answers_and_how_many_follow(report, staff, walker: Walker):
    case = report(lon=IN_LINGYA[0], lat=IN_LINGYA[1], fields={"size": "wheel"})
    photo = attach(case, None, picture(), phase="report", by_citizen=True)
    redact_photo(staff("case_officer", unit="pwb-roads"), photo, [])
    following.confirm(following.follow(case, "f@example.com", "zh-hant"))
    walker.what(kind("pothole")).where(point=f"{IN_LINGYA[1]}, {IN_LINGYA[0]}")
    assert f'src="/photos/{photo.token}/"' in walker.page
    assert "車輪大小" in walker.page and "1 人關注" in walker.page and case.description not in walker.page


def test_the_desk_offers_to_join_what_may_be_the_same(client, report, staff):
    first, second = report(), report(lat=22.6206)
    report("street_light")
    officer = staff("case_officer", unit="pwb-roads")
    client.force_login(officer)
    page = client.get(f"/desk/cases/{second.number}/related/").content.decode()
    assert "可能是同一件" in page
    way = f"/desk/cases/{second.number}/merge/?into={first.number}"
    assert way in page
    assert f'value="{first.number}"' in client.get(way).content.decode()
    client.force_login(staff("auditor"))
    assert way not in client.get(f"/desk/cases/{second.number}/related/").content.decode()


def test_what_i_follow_stands_with_my_cases(client, report, staff):
    case, me = report(), staff("citizen")
    following.follow(case, me.email, "zh-hant", me)
    client.force_login(me)
    page = client.get("/my-cases/").content.decode()
    assert "我關注的通報" in page and str(case.number) in page and "/following/" in page


def test_while_the_place_is_chosen_what_is_there_is_shown(report, walker: Walker):
    case = report(lon=IN_LINGYA[0], lat=IN_LINGYA[1])
    walker.what(kind("pothole"))
    draft = walker.form("draft").values["draft"]
    assert 'data-near="/report/pothole/near/"' in walker.page

    def near(kind_code="pothole", point=f"{IN_LINGYA[1]}, {IN_LINGYA[0]}", draft=draft):
        return walker.client.post(f"/report/{kind_code}/near/", {"draft": draft, "point": point})

    assert f"/follow/{case.number}/" in near().content.decode()
    assert [near(point=p).status_code for p in ("", "x", "22.7, 120.3121")] == [204] * 3
    assert near(draft="forged").status_code == near("noise").status_code == 204
    assert near("ufo").status_code == 404
