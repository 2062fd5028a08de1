"""Subscriptions: asked for, confirmed, told by sets, ended by one click."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from cases.actions.performing import perform
from foundation.clock import now
from foundation.jobs import perform_waiting
from messages.models import Message
from messages.testing import smtp_server  # noqa: F401
from organisation import directory
from publicmap.actions import news, subscribing
from publicmap.actions.subscribing import Area
from publicmap.models import News, Reading, Subscription
from publicmap.rules import Box

pytestmark = pytest.mark.django_db
LINGYA = "64000080"
HERE = (120.3121, 22.6205)


def subscribed(area=None, kinds=(), frequency="at_once", email="s@example.com", language="zh-hant", sure=True):
    area = area or Area(box=Box(120.31, 22.61, 120.32, 22.63))
    found = subscribing.subscribe(email, language, area, kinds, frequency)
    if sure:
        subscribing.confirm(found)
    return found


def run():
    """Two runs of the job: the first sees what there is, the second reads up to it."""
    news.find()
    return news.find()


@pytest.fixture
def ready(city):
    news.find()  # the first run of all reads nothing


def letters(notice="publicmap.news"):
    return list(Message.objects.filter(notice=notice).order_by("pk"))


def test_from_the_form_to_the_letter(client, report, ready):
    page = client.get("/map/subscriptions/?district=64000080&kind=pothole").content.decode()
    assert re.search(r'value="64000080" selected', page) and re.search(r'value="pothole"[^>]*checked', page)
    asked = client.post("/map/subscriptions/", {
        "where": "circle", "point": "22.6205, 120.3121", "metres": "500", "kinds": ["pothole"],
        "frequency": "at_once", "email": "s@example.com", "language": "zh-hant"})  # fmt: skip
    assert asked.status_code == 200, asked.content.decode()
    (letter,) = letters("publicmap.confirm")
    (link,) = re.findall(r"https?://[^/]+(/map/subscriptions/\S+/)", letter.body)
    assert client.get(link)["Cache-Control"] == "private, no-store"
    assert Subscription.objects.get().confirmed_at is None, "opening the link confirms nothing"
    client.post(link)
    case, *_others = report(), report("street_light"), report(lon=HERE[0] + 0.006)  # 600 m
    assert run() == 1 and news.write("at_once") == 1
    (told,) = letters()
    assert str(case.number) in told.body and told.unsubscribe.endswith("/stop/") and link in told.body
    assert news.find() == 0 and news.write("at_once") == 0, "told once"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{link}stop/", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.exists() and client.get(link).status_code == 404


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"where": "district", "district": ""}, "district", "請選擇行政區"),
        ({"where": "circle", "point": "here", "metres": "500"}, "point", "緯度、經度"),
        ({"where": "circle", "point": "25.05, 121.52", "metres": "500"}, "point", "不在本市"),
        ({"where": "box", "box": "1,2,3"}, "where", "看不懂地圖範圍"),
        ({"where": "district", "district": LINGYA, "email": "no"}, "email", "格式不正確"),
        ({"where": "district", "district": LINGYA, "kinds": ["noise"]}, "kinds", "noise"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(client, city, given, field, says):
    whole = {"email": "s@example.com", "frequency": "daily", "language": "en", "metres": "500"} | given
    answer = client.post("/map/subscriptions/", whole)
    page = answer.content.decode()
    assert answer.status_code == 422 and says in page and f'id="id_{field}' in page
    assert f'value="{whole["email"]}"' in page
    assert not Subscription.objects.exists() and not Message.objects.exists()


def test_each_area_gets_what_lies_in_it_and_nothing_else(report, ready):
    district = directory.district(LINGYA)
    areas = {
        "district": Area(district=district),
        "box": Area(box=Box(120.31, 22.61, 120.32, 22.63)),
        "circle": Area(circle=(*HERE, 300)),
        "elsewhere": Area(box=Box(120.40, 22.61, 120.42, 22.63)),
        "other district": Area(district=directory.district("64000010")),
    }
    for name, area in areas.items():
        subscribed(area, email=f"{name.replace(' ', '-')}@example.com")
    case = report()
    corner = report(lon=HERE[0] + 0.0025, lat=HERE[1] + 0.0025)  # in the circle's box, not in the circle
    run()
    told = {each.subscription.email.partition("@")[0]: set() for each in News.objects.all()}
    for each in News.objects.all():
        told[each.subscription.email.partition("@")[0]].add(each.case_id)
    both = {case.pk, corner.pk}
    assert told == {"box": both, "circle": {case.pk}} | ({"district": both} if case.district_id == LINGYA else {})


def test_sensitive_kinds_and_unconfirmed_ones_are_told_nothing(report, ready):
    subscribed()
    subscribed(email="unsure@example.com", sure=False)
    subscribed(kinds=["street_light"], email="light@example.com")
    report("noise")
    pothole = report()
    run()
    (only,) = News.objects.all()
    assert only.case == pothole and only.subscription.email == "s@example.com"


def test_done_is_told_and_letters_are_in_the_readers_language(report, staff, ready):
    subscribed(language="en")
    case = report()
    perform(staff("case_officer", unit="pwb-roads"), case.pk, "answer", text="好了", outcome="fixed")
    run()
    assert news.write("at_once") == 1
    (letter,) = letters()
    assert letter.subject.endswith("2") and "Pothole" in letter.body and "新通報" not in letter.body


def test_a_daily_letter_comes_once_a_day(report, ready):
    subscription = subscribed(frequency="daily")
    report()
    run()
    assert news.write("at_once") == 0 and news.write("daily") == 1
    report()
    run()
    assert news.write("daily") == 0 and News.objects.count() == 1
    Subscription.objects.filter(pk=subscription.pk).update(sent_on=now().date() - timedelta(days=1))
    assert news.write("daily") == 1 and News.objects.count() == 0


def test_matching_and_writing_take_the_same_statements_for_many(report, ready):
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as said:
            news.find()
        return len(said)

    subscribed()
    report()
    news.find()
    few = cost()
    for n in range(20):
        subscribed(email=f"s{n}@example.com")
        report()
    news.find()
    assert (cost() == few and News.objects.count() == 21 + 1 + 20 * 20 - 1) or News.objects.count() > 400


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_not_passed_over(report, ready):
    """A filing takes its entry's number, another one commits first with a higher one, and then the job runs."""
    subscribed()
    waiting, written = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                report()
                written.set()
                waiting.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(30)
    report()
    news.find()  # sees the higher number only
    waiting.set()
    thread.join()
    news.find()
    assert News.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_write_each_letter_once(report, ready):
    for n in range(8):
        subscribed(email=f"s{n}@example.com")
    report()
    run()
    faults = []

    def work():
        try:
            news.write("at_once")
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == [] and len(letters()) == 8 and not News.objects.exists()


def test_what_is_kept_is_encrypted_and_forgotten(city):
    kept, fresh, stale = (
        subscribed(),
        subscribed(email="a@example.com", sure=False),
        subscribed(email="b@example.com", sure=False),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(email, ' ') FROM publicmap_subscription")
        assert "example" not in cursor.fetchone()[0]
    Subscription.objects.filter(pk__in=[stale.pk, kept.pk]).update(created_at=now() - timedelta(days=8))
    assert subscribing.forget() == 1 and set(Subscription.objects.all()) == {kept, fresh}


def test_an_address_has_only_so_many(client, city):
    for _n in range(10):
        subscribed()
    answer = client.post("/map/subscriptions/", {
        "where": "district", "district": LINGYA, "frequency": "daily", "email": "s@example.com", "language": "en",
        "metres": "500"})  # fmt: skip
    assert answer.status_code == 422 and "已達 10 項" in answer.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"district": None, "west": None, "south": None, "east": None, "north": None},
        {"district_id": LINGYA},
        {"west": 121.0},
        {"lon": 120.0},
        {"frequency": "hourly"},
        {"email": ""},
    ],
)
def test_the_database_refuses_half_an_area(city, wrong):
    found = subscribed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(pk=found.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.create(pk=2)


def test_mail_programs_get_the_button_that_ends_it(city, smtp_server, settings):  # noqa: F811
    subscription = subscribed()
    perform_waiting()
    mail = smtp_server.mails[0].message
    assert mail["List-Unsubscribe"] == f"<{subscribing.links(subscription)['stop']}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
