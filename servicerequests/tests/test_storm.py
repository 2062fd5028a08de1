"""Storm mode: what is put off, that nothing is lost by it, how it begins and ends, and what a full disk does."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from procrastinate.contrib.django import app

from cases.actions.files import keep_file, make_copies
from cases.actions.filing import Reporter
from cases.actions.performing import tell
from cases.models import Attachment, Case
from cases.registry import kind
from figures import actions as figures
from figures import queries
from figures.registry import Period
from foundation import jobs
from foundation.clock import now, today
from messages.models import Message
from organisation import storm
from organisation.actions.storms import begin_storm, end_storm
from organisation.models import Storm
from organisation.rules import storm_begins, storm_is_over
from search.actions import catch_up
from search.models import Entry, Waiting
from search.queries import ids
from servicerequests.actions import intake, watching
from servicerequests.models import Intake
from servicerequests.rules import BOUNDS, bucket, percentile
from servicerequests.tests.walking import Walker, no_room, picture

# The rules.


@given(st.integers(0, 5000), st.floats(0, 500), st.floats(1.1, 50), st.integers(1, 500))
def test_a_storm_never_begins_and_is_over_at_once(arrivals, usual, multiple, least) -> None:
    assert not (storm_begins(arrivals, usual, multiple, least) and storm_is_over(arrivals, usual, multiple, least))
    assert storm_begins(max(least, int(usual * multiple) + 1), usual, multiple, least)
    assert storm_is_over(0, usual, multiple, least)


@given(st.lists(st.floats(0, 20_000), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_percentile_bounds_its_share(times, share) -> None:
    counts = [0] * (len(BOUNDS) + 1)
    for each in times:
        counts[bucket(each)] += 1
    found = percentile(counts, share)
    within = sum(each <= found for each in times) / len(times)
    assert within >= share or found == BOUNDS[-1]


def test_nothing_counted_has_no_percentile() -> None:
    assert percentile([0] * 20, 0.99) is None


# Off the way of intake, and nothing lost.


@pytest.mark.django_db
def test_what_was_put_off_is_whole_afterwards(filed, settings) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:9"
    usual = filed(description="風雨前的坑洞")
    jobs_before = [each.task_name for each in jobs.waiting()]
    begin_storm(None, "颱風")
    for n in range(3):
        filed(description=f"風雨中的第{n}個大窟窿", reporter=Reporter(email=f"r{n}@example.com"))
    assert [each.task_name for each in jobs.waiting()] == jobs_before, "no job for a letter that can wait"
    assert Message.objects.queued().count() == 4
    assert Waiting.objects.count() == 3 and Entry.objects.count() == 1
    end_storm(None)
    after = filed(description="風雨後的坑洞")
    while catch_up(batch=2):
        pass
    figures.drain()
    assert set(Entry.objects.values_list("object_id", flat=True)) == set(Case.objects.values_list("pk", flat=True))
    assert len(ids("cases.case", "窟窿").ids) == 3
    assert not Waiting.objects.exists()
    counted = queries.values(["servicerequests.requests"], Period.of("day", today()))
    assert counted["servicerequests.requests"].value == 5 == Case.objects.count()
    assert {usual.pk, after.pk} < set(Case.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_jobs_that_can_wait_take_a_turn_now_and_then(city) -> None:
    assert all(storm.is_turn(second, 10) for second in range(0, 600, 10))
    begin_storm(None, "颱風")
    turns = [second for second in range(0, 600, 10) if storm.is_turn(second, 10)]
    assert turns == [0, 120, 240, 360, 480]


@pytest.mark.django_db
def test_a_picture_is_public_only_when_it_is_stripped(walker: Walker) -> None:
    begin_storm(None, "颱風")
    walker.what(kind("street_light")).where()
    walker.send(files={"photos": [picture(at=(120.31, 22.62), name="街燈.jpg")]})
    if "縮圖稍後產生" in walker.page:  # the place in the photo is offered first
        walker.send()
    walker.send(email="a@example.com")
    assert walker.client.post("/report/send/", walker.form("draft").values).status_code == 302
    photo = Attachment.objects.get()
    assert photo.original and not (photo.shown or photo.thumbnail or photo.is_public)
    case = Case.objects.get()
    address = f"/track/{case.number}/{case.secret}/"
    client = Client()
    assert "1 張照片" in client.get(address).content.decode()
    for variant in ("shown", "thumbnail", "original"):
        assert client.get(f"{address}photos/{photo.token}/{variant}/").status_code == 404
    end_storm(None)
    assert make_copies() == 1 and make_copies() == 0
    photo.refresh_from_db()
    assert photo.is_public
    shown = client.get(f"{address}photos/{photo.token}/shown/")
    assert shown.status_code == 200
    assert not Image.open(io.BytesIO(b"".join(shown))).getexif()


@pytest.mark.django_db
def test_what_was_for_the_desk_stays_for_the_desk(city) -> None:
    begin_storm(None, "颱風")
    keep_file(picture(), public=False)
    make_copies()
    photo = Attachment.objects.get()
    assert photo.shown and not photo.is_public


@pytest.mark.django_db
def test_letters_that_cannot_wait_do_not(filed, settings) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:9"
    begin_storm(None, "颱風")
    case = filed(reporter=Reporter(email="a@example.com"))
    tell(case, "servicerequests.question", "哪一盞燈？")
    assert [each.due for each in jobs.waiting() if each.task_name == "messages.deliver"] == [1]


@pytest.mark.django_db
def test_filing_asks_the_database_nothing_about_storms(filed) -> None:
    filed()
    with CaptureQueriesContext(connection) as said:
        filed()
    assert not any("storm" in query["sql"] for query in said.captured_queries)
    begin_storm(None, "颱風")
    storm.is_on()
    with CaptureQueriesContext(connection) as in_storm:
        filed()
    assert len(in_storm) <= len(said)


# Beginning and ending.


@pytest.mark.django_db
def test_it_begins_and_ends_by_itself(filed) -> None:
    for _n in range(int(storm.rule("at_least")) - 1):
        filed(reporter=Reporter(phone="0912345678"))
    watching.watch(now() + timedelta(seconds=1))
    assert not storm.is_on()
    filed()
    watching.watch(now() + timedelta(seconds=1))
    assert storm.is_on() and Storm.objects.get().began_by is None
    watching.watch(now() + timedelta(seconds=2))
    assert storm.is_on() and Storm.objects.count() == 1
    watching.watch(now() + timedelta(minutes=30))
    assert not storm.is_on() and Storm.objects.get().ended_at


@pytest.mark.django_db
def test_what_is_usual_at_this_hour_is_no_storm(filed) -> None:
    for week in (1, 2, 3, 4):
        for _n in range(30):
            filed(received_at=now() - timedelta(weeks=week, minutes=2), reporter=Reporter(phone="0912345678"))
    for _n in range(110):
        filed(reporter=Reporter(phone="0912345678"))
    seen = watching.arrivals(now() + timedelta(seconds=1))
    assert (seen.count, seen.usual) == (110, 30)
    watching.watch(now() + timedelta(seconds=1))
    assert not storm.is_on()  # not five times as many


@pytest.mark.django_db
def test_one_that_a_person_declared_ends_by_a_person_or_its_time(staff) -> None:
    controller = staff("controller")
    with pytest.raises(PermissionDenied):
        begin_storm(staff("case_officer", "pwb-roads"), "颱風")
    with pytest.raises(ValidationError):
        begin_storm(controller, " ")
    first = begin_storm(controller, "颱風")
    assert begin_storm(controller, "又一次").pk == first.pk
    watching.watch()
    assert storm.is_on()
    Storm.objects.update(began_at=now() - timedelta(hours=13), until=now() - timedelta(seconds=1))
    storm.forget()
    assert not storm.is_on(), "past its time it is over, worker or no worker"
    assert begin_storm(controller, "第二個").pk != first.pk
    assert end_storm(controller) and not end_storm(controller)


@pytest.mark.django_db
def test_the_pages(staff, filed) -> None:
    client, officer = Client(), Client()
    client.force_login(staff("controller"))
    officer.force_login(staff("case_officer", "pwb-roads"))
    assert officer.get("/desk/storm/").status_code == 403
    assert client.post("/desk/storm/begin/", {"reason": ""}).status_code == 422
    assert "通報照常受理" not in client.get("/").content.decode()
    assert client.post("/desk/storm/begin/", {"reason": "凱米颱風"}).status_code == 302
    filed()
    call_command("load_boards")
    page = client.get("/desk/storm/").content.decode()
    assert "背景程式沒有在工作" in page, "a test has no worker"
    assert "凱米颱風" in page and "search" not in page
    for address in ("/", "/report/", "/desk/", "/dashboard/requests/"):
        assert "通報照常受理" in officer.get(address).content.decode(), address
    with CaptureQueriesContext(connection) as said:
        assert "這一頁是" in officer.get("/dashboard/requests/").content.decode()
    assert not any("figures_observation" in query["sql"] for query in said.captured_queries)
    assert client.post("/desk/storm/end/").status_code == 302
    assert "這一頁是" not in officer.get("/dashboard/requests/").content.decode()


@pytest.mark.django_db
def test_the_server_measures_how_long_intake_takes(walker: Walker, monkeypatch) -> None:
    monkeypatch.setattr(intake, "SECONDS", 0)
    monkeypatch.setattr(intake, "meter", intake.Meter())
    walker.what(kind("pothole")).where().send().send(email="a@example.com")
    assert walker.client.post("/report/send/", walker.form("draft").values).status_code == 302
    milliseconds, count = intake.within(now() - timedelta(minutes=1))
    assert count == 1 and milliseconds in BOUNDS
    assert Intake.objects.count() == 1


# A full disk.


def noise(pixels: int) -> SimpleUploadedFile:
    """A photo that does not compress."""
    kept = io.BytesIO()
    Image.effect_noise((pixels, pixels), 100).convert("RGB").save(kept, "JPEG", quality=95)
    return SimpleUploadedFile("big.jpg", kept.getvalue(), content_type="image/jpeg")


@pytest.mark.django_db
@pytest.mark.parametrize("pixels", [400, 1600], ids=["from memory", "by way of a temporary file"])
def test_with_a_full_disk_the_text_is_kept_and_sent_without_the_photo(walker: Walker, settings, pixels) -> None:
    big = noise(pixels)
    assert (big.size > settings.FILE_UPLOAD_MAX_MEMORY_SIZE) == (pixels > 1000)
    walker.what(kind("street_light")).where()
    with no_room(20_000):
        walker.send(files={"photos": [big]})
    page = walker.page
    assert walker.status == 422 and "暫時存不下檔案" in page and "big.jpg" in page
    assert not Attachment.objects.exists()
    left = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] if settings.MEDIA_ROOT.exists() else []
    assert left == [], "half a file would fill the disk further"
    walker.send().send(email="a@example.com")
    assert walker.client.post("/report/send/", walker.form("draft").values).status_code == 302
    assert Case.objects.get().description
    photo = keep_file(noise(200))
    assert photo.shown, "with room again it is as before"


@pytest.mark.django_db
def test_copies_wait_for_room(city) -> None:
    begin_storm(None, "颱風")
    keep_file(noise(400))
    with no_room(1000):
        assert make_copies() == 0
    assert Attachment.objects.awaiting().count() == 1
    assert make_copies() == 1


def test_what_waits_is_named_in_words(client, staff):
    """Every job of the house has words, so that the page of a storm can be read by who has not written it."""
    house = [name for name in app.tasks if not name.startswith(("builtin:", "procrastinate."))]
    assert [name for name in house if jobs.Waiting(name, 1, 0, 0, None).label == name] == []
    jobs.defer("messages.deliver", token="0" * 32)
    client.force_login(staff("controller"))
    assert "通知：寄出" in client.get("/desk/storm/").text
