"""Followers hear by what they gave: a browser's push, a LINE account; and what they stop is gone."""

from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases.actions import following
from cases.actions.performing import perform
from cases.models import Follower
from foundation.encryption import digest
from foundation.jobs import perform_waiting
from messages.models import Device, Message
from messages.testing_phones import awake, push_service

__all__ = ["awake", "push_service"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("awake")]

ACCOUNT = "U" + "1" * 32


@pytest.fixture
def officer(staff):
    return staff("case_officer", unit="pwb-roads")


def done(officer, case):
    perform(officer, case.pk, "answer", text="王大明先生家門前已填補。", outcome="fixed")
    perform_waiting()


def test_a_followers_browser_is_pushed_to_beside_the_letter_and_no_more_after_stopping(
    report, officer, client, push_service
):
    case, other = report(), report(address="前金區中正四路 1 號")
    follower = following.follow(case, "f@example.com", "zh-hant")
    page = reverse("following", args=[following.seal(follower)])
    asked = push_service.subscribe() | {"expirationTime": None}
    assert client.post(f"{page}push/", asked, content_type="application/json").status_code == 404, "not confirmed yet"
    client.post(page)
    assert f"{page}push/" in client.get(page).text
    assert client.post(f"{page}push/", {"endpoint": 7}, content_type="application/json").status_code == 400
    for _twice in range(2):
        assert client.post(f"{page}push/", asked, content_type="application/json").status_code == 204
    done(officer, case)
    told = Message.objects.filter(notice="cases.followed").order_by("channel")
    assert [each.channel for each in told] == ["mail", "push"]
    (pushed,) = push_service.pushes
    assert urlsplit(pushed.shown["url"]).path == f"/track/{case.number}/" and "王大明" not in str(pushed.shown)
    again = following.follow(other, "f@example.com", "zh-hant")
    following.confirm(again)
    stay = reverse("following", args=[following.seal(again)])
    client.post(f"{stay}push/", asked, content_type="application/json")
    client.delete(f"{stay}push/", {"endpoint": asked["endpoint"]}, content_type="application/json")
    done(officer, other)
    assert len(push_service.pushes) == 1 and Device.objects.count() == 1
    client.post(f"{page}stop/")
    assert not Device.objects.exists() and not Follower.objects.filter(pk=follower.pk).exists()


def test_a_line_account_follows_once_hears_in_line_and_moves_with_a_merge(report, officer, settings):
    settings.LINE_SECRET = settings.LINE_TOKEN = "x"
    case, twin = report(), report()
    follower = following.follow_by_line(twin, ACCOUNT, "en")
    assert following.follow_by_line(twin, ACCOUNT, "en") == follower
    following.confirm(following.follow(twin, "f@example.com", "zh-hant"))
    perform(officer, twin.pk, "merge", into=case)
    assert Follower.objects.filter(case=case).count() == 2
    following.tell_followers(case.pk, "answer")  # nothing to tell yet
    perform(officer, case.pk, "answer", text="已填補。", outcome="fixed")
    following.tell_followers(case.pk, "answer")
    told = {each.channel: each for each in Message.objects.filter(notice="cases.followed")}
    assert set(told) == {"line", "mail"} and told["line"].recipient == ACCOUNT
    assert told["line"].subject.startswith("Work done")
    assert following.stop_by_line(ACCOUNT) == 1 and Follower.objects.count() == 1


def test_a_follower_is_known_by_one_of_both(report):
    case = report()
    for both in ({}, {"email": "f@example.com", "email_digest": digest("f@example.com")}):
        line = {"line": ACCOUNT, "line_digest": digest(ACCOUNT)} if both else {}
        with pytest.raises(IntegrityError), transaction.atomic():
            Follower.objects.create(case=case, **both, **line)
