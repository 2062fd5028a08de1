"""The crew's phone: my crew's jobs, one verb at a time, photos, and reports that come twice or late."""

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions.performing import perform
from cases.models import Attachment, Case, CaseEvent
from foundation.clock import now
from identity.models import User
from organisation import directory
from servicerequests.models import Job
from servicerequests.tests.walking import picture

pytestmark = pytest.mark.django_db

ROADS, CREW, OTHER_CREW = "pwb-roads", "pwb-road-crew-1", "pwb-road-crew-2"


def officer_of(case: Case, staff: Callable[..., User] | None = None) -> User:
    """The officer of the case's unit; there is one once a case was dispatched."""
    found = User.objects.filter(memberships__unit=case.unit, memberships__role="case_officer").first()
    return found or staff("case_officer", case.unit.code)


@pytest.fixture
def sent(report: Callable[..., Case], staff: Callable[..., User]) -> Callable[..., Job]:
    """``sent()``: a pothole, dispatched to the first road crew."""

    def sent(crew: str = CREW, kind: str = "pothole", note: str = "", **facts) -> Job:
        case = report(kind, **facts)
        perform(officer_of(case, staff), case.pk, "dispatch", crew=directory.unit(crew), text=note)
        return Job.objects.for_list().get(case=case, ended_at=None)

    return sent


@pytest.fixture
def worker(staff: Callable[..., User]) -> Callable[..., tuple[Client, User]]:
    """``worker()``: the phone of a member of the first road crew, and who holds it."""

    def worker(crew: str = CREW, role: str = "crew", name: str = "王小組") -> tuple[Client, User]:
        user, client = staff(role, crew, name=name), Client()
        client.force_login(user)
        return client, user

    return worker


def do(client: Client, job: Job, verb: str, **said):
    said.setdefault("idempotency_key", str(uuid4()))
    return client.post(f"/crew/jobs/{job.pk}/{verb}/", said)


def state(job: Job) -> tuple[str, str]:
    return Job.objects.get(pk=job.pk).state, Case.objects.get(pk=job.case_id).state


def shown(page) -> list[int]:
    """The jobs of the list, in its order."""
    found = re.findall(r'<h[23]><a href="/crew/jobs/(\d+)/"', page.content.decode())
    return [int(pk) for pk in found]


def verbs_of(job: Job) -> list[str]:
    return [event.verb for event in CaseEvent.objects.filter(case=job.case_id).told()]


# -- Whose jobs --------------------------------------------------------------------------------------------------------


def test_a_crew_sees_its_own_jobs_and_no_others(sent, worker):
    mine, theirs = sent(), sent(OTHER_CREW)
    (phone, _me), (other, _you) = worker(), worker(OTHER_CREW)
    assert shown(phone.get("/crew/")) == [mine.pk] and shown(other.get("/crew/")) == [theirs.pk]
    photo = Attachment.objects.create(
        token=uuid4(), case=theirs.case, name="x", content_type="image/jpeg", size=1, sha256="", original="x",
        shown="x", thumbnail="x", is_public=True, uploaded_at=now(),
    )  # fmt: skip
    for address in ("", "accept/", "finish/", f"photos/{photo.token}/shown/"):
        assert phone.get(f"/crew/jobs/{theirs.pk}/{address}").status_code == 404, address
        assert other.get(f"/crew/jobs/{theirs.pk}/").status_code == 200
    assert do(phone, theirs, "accept").status_code == 404
    assert phone.get(f"/crew/jobs/{mine.pk}/photos/{photo.token}/shown/").status_code == 404  # of another job
    assert state(theirs) == ("sent", "dispatched")


@pytest.mark.parametrize(("role", "status"), [("citizen", 403), ("auditor", 403), ("agency_head", 403), (None, 302)])
def test_who_drives_no_truck_has_no_crew_page(sent, staff, role, status):
    job, client = sent(), Client()
    if role:
        client.force_login(staff(role, agency="pwb"))
    for address in ("/crew/", f"/crew/jobs/{job.pk}/", f"/crew/jobs/{job.pk}/accept/"):
        assert client.get(address).status_code == status


def test_the_dispatching_officer_looks_on_and_does_not_act(sent, worker):
    job = sent()
    desk, _officer = worker(ROADS, "case_officer")
    page = desk.get(f"/crew/jobs/{job.pk}/")
    assert page.status_code == 200 and "job-verb" not in page.content.decode()
    assert shown(desk.get("/crew/")) == [job.pk]
    assert do(desk, job, "accept").status_code == 403
    assert state(job) == ("sent", "dispatched")


def test_the_phone_knows_nothing_of_who_reported(sent, worker):
    job = sent(email="reporter@example.com", phone="0912345678")
    phone, _me = worker()
    for address in ("/crew/", f"/crew/jobs/{job.pk}/", f"/crew/jobs/{job.pk}/hand_over/"):
        text = phone.get(address).content.decode()
        assert "reporter@example.com" not in text and "0912345678" not in text
        assert job.case.secret not in text


def test_the_list_costs_the_same_for_one_job_and_for_twenty(sent, worker):
    phone, _me = worker()

    def cost() -> int:
        with CaptureQueriesContext(connection) as said:
            assert phone.get("/crew/?lon=120.3&lat=22.6").status_code == 200
        return len(said)

    sent()
    cost()
    before = cost()
    for _i in range(19):
        sent()
    assert cost() == before <= 5


# -- Order -------------------------------------------------------------------------------------------------------------


def test_the_next_deadline_stands_first_and_what_is_begun_before_it(sent, worker):
    (phone, _me), at = worker(), now()
    later, soon = sent(received_at=at), sent(received_at=at - timedelta(hours=2))
    assert shown(phone.get("/crew/")) == [soon.pk, later.pk]
    do(phone, later, "accept")
    assert shown(phone.get("/crew/")) == [later.pk, soon.pk]


def test_near_jobs_stand_first_for_a_phone_that_says_where_it_is(sent, worker):
    phone, _me = worker()
    far, near = sent(lat=22.6300), sent(lat=22.6210)
    nowhere = sent(lon=None, lat=None, district_code="64000080")
    page = phone.get("/crew/?lon=120.3121&lat=22.6205")
    assert shown(page) == [near.pk, far.pk, nowhere.pk]
    assert "56 公尺" in page.content.decode() and "1,058 公尺" in page.content.decode()
    for odd in ("?lon=x&lat=y", "?lon=120.3", "?lon=nan&lat=nan", "?lon=999&lat=1e9"):
        page = phone.get("/crew/" + odd)
        assert page.status_code == 200 and "公尺" not in page.content.decode(), odd


# -- The work ----------------------------------------------------------------------------------------------------------


def test_a_job_from_accepting_to_done(sent, worker):
    job, (phone, me) = sent(note="請帶冷料", email="a@example.com"), worker()
    page = phone.get(f"/crew/jobs/{job.pk}/").content.decode()
    assert "接案，出發" in page and "請帶冷料" in page and "四維三路2號" in page
    assert do(phone, job, "accept").status_code == 302
    assert state(job) == ("accepted", "accepted")
    assert "我到了" in phone.get(f"/crew/jobs/{job.pk}/").content.decode()
    do(phone, job, "arrive")
    page = phone.get(f"/crew/jobs/{job.pk}/").content.decode()
    assert "回報完成" in page and "施作前照片" in page
    do(phone, job, "photos", photos=[picture("gray")])
    answer = do(phone, job, "finish", outcome="fixed", text="已補平", photos=[picture("black"), picture("white")])
    assert answer.status_code == 302 and answer["Location"] == "/crew/"
    job.refresh_from_db()
    assert (job.state, job.accepted_by, job.result) == ("done", me, "已補平")
    assert job.sent_at <= job.accepted_at <= job.arrived_at <= job.ended_at
    case = Case.objects.get(pk=job.case_id)
    assert (case.state, case.outcome, case.on_time) == ("done", "fixed", True)
    assert verbs_of(job) == ["file", "dispatch", "accept", "arrive", "attach", "finish"]
    phases = Attachment.objects.filter(case=case).order_by("pk").values_list("phase", "uploaded_by")
    assert list(phases) == [("before", me.pk), ("after", me.pk), ("after", me.pk)]
    assert shown(phone.get("/crew/")) == []
    ended = phone.get(f"/crew/jobs/{job.pk}/").content.decode()
    assert "已補平" in ended and "job-verb" not in ended
    finish = CaseEvent.objects.get(case=case, verb="finish")
    assert finish.is_public and finish.actor_label != me.name  # the public reads a unit, not a person


def test_an_urgent_job_is_not_finished_without_a_photo_after_it(sent, worker):
    job, (phone, _me) = sent(), worker()
    do(phone, job, "accept")
    do(phone, job, "arrive")
    do(phone, job, "photos", photos=[picture("gray")])  # before the work, which proves nothing
    refused = do(phone, job, "finish", outcome="fixed", text="已補平")
    assert refused.status_code == 422 and set(refused.context["form"].errors) == {"photos"}
    assert "已補平" in refused.content.decode() and state(job) == ("on_site", "on_site")
    assert do(phone, job, "finish", outcome="not_found", text="現場沒有坑洞").status_code == 302
    assert Case.objects.get(pk=job.case_id).outcome == "not_found"


def test_a_job_that_is_not_urgent_needs_no_photo(sent, worker):
    job, (phone, _me) = sent(kind="street_light"), worker()
    do(phone, job, "accept")
    do(phone, job, "arrive")
    assert do(phone, job, "finish", outcome="fixed", text="已換燈泡").status_code == 302


def test_what_is_no_photo_is_refused_by_name_and_nothing_happens(sent, worker):
    job, (phone, _me) = sent(), worker()
    do(phone, job, "accept")
    do(phone, job, "arrive")
    script = SimpleUploadedFile("after.jpg", b"<script>alert(1)</script>", content_type="image/jpeg")
    refused = do(phone, job, "finish", outcome="fixed", text="已補平", photos=[picture(), script])
    assert refused.status_code == 422 and "after.jpg" in refused.content.decode()
    assert not Attachment.objects.filter(case=job.case_id).exists()
    assert state(job) == ("on_site", "on_site")


def test_a_refused_verb_keeps_no_photo(sent, worker):
    job, (phone, _me) = sent(), worker()
    do(phone, job, "accept")
    refused = do(phone, job, "finish", outcome="fixed", text="還沒到就回報", photos=[picture()])
    assert refused.status_code == 409
    assert not Attachment.objects.filter(case=job.case_id).exists()
    assert state(job) == ("accepted", "accepted")


@pytest.mark.parametrize(
    ("verb", "said", "wrong"),
    [
        ("finish", {"outcome": "fixed", "text": ""}, {"text"}),
        ("finish", {"outcome": "withdrawn", "text": "x"}, {"outcome"}),
        ("hand_over", {"text": " "}, {"text"}),
        ("photos", {}, {"photos"}),
    ],
)
def test_what_is_missing_is_named(sent, worker, verb, said, wrong):
    job, (phone, _me) = sent(), worker()
    do(phone, job, "accept")
    do(phone, job, "arrive")
    refused = do(phone, job, verb, **said)
    assert refused.status_code == 422 and set(refused.context["form"].errors) == wrong
    assert state(job) == ("on_site", "on_site")
    assert phone.get(f"/crew/jobs/{job.pk}/eat/").status_code == 404


def test_a_job_handed_over_goes_back_to_the_desk_with_its_reason(sent, worker):
    job, (phone, _me) = sent(), worker()
    do(phone, job, "accept")
    assert do(phone, job, "hand_over", text="需要挖土機").status_code == 302
    assert state(job) == ("handed_over", "assigned")
    assert shown(phone.get("/crew/")) == []
    event = CaseEvent.objects.get(case=job.case_id, verb="hand_over")
    assert event.text == "需要挖土機" and not event.is_public
    perform(officer_of(job.case), job.case_id, "dispatch", crew=directory.unit(OTHER_CREW))
    other, _you = worker(OTHER_CREW)
    assert len(shown(other.get("/crew/"))) == 1
    assert Job.objects.filter(case=job.case_id).count() == 2


def test_a_colleague_takes_a_job_over_before_acting_on_it(sent, worker):
    job, (first, _a), (second, b) = sent(), worker(name="先接的人"), worker(name="後來的人")
    do(first, job, "accept")
    page = re.sub("(?s)<template.*?</template>", "", second.get(f"/crew/jobs/{job.pk}/").content.decode())
    assert "先接的人" in page and "我來接手" in page and "我到了" not in page
    assert do(second, job, "arrive").status_code == 403
    assert do(second, job, "accept").status_code == 302
    assert "我到了" in second.get(f"/crew/jobs/{job.pk}/").content.decode()
    assert do(second, job, "arrive").status_code == 302
    job.refresh_from_db()
    assert job.accepted_by == b
    looking = first.get(f"/crew/jobs/{job.pk}/").content.decode()
    assert "後來的人" in looking and "job-verb" not in looking


def test_a_job_that_was_called_back_cannot_be_done_any_more(sent, worker, report):
    job, (phone, _me) = sent(), worker()
    do(phone, job, "accept")
    perform(officer_of(job.case), job.case_id, "merge", into=report())
    late = do(phone, job, "arrive")
    assert late.status_code == 409 and "目前狀態是「已併案」" in late.content.decode()
    assert state(job) == ("handed_over", "merged")


# -- A bad network -----------------------------------------------------------------------------------------------------


def test_the_same_report_twice_is_done_once_with_its_photos(sent, worker):
    job, (phone, _me) = sent(), worker()
    for verb, said in (
        ("accept", {}), ("arrive", {}), ("photos", {}), ("finish", {"outcome": "fixed", "text": "已補平"}),
    ):  # fmt: skip
        key = str(uuid4())
        for _try in range(2):
            photos = {"photos": [picture("gray")]} if verb in {"photos", "finish"} else {}
            assert do(phone, job, verb, idempotency_key=key, **said, **photos).status_code == 302, verb
    assert verbs_of(job) == ["file", "dispatch", "accept", "arrive", "attach", "finish"]
    assert sorted(Attachment.objects.filter(case=job.case_id).values_list("phase", flat=True)) == ["after", "before"]


def test_a_script_that_sends_a_report_leaves_the_thanks_for_the_next_page(sent, worker):
    job, (phone, _me) = sent(), worker()
    answer = phone.post(
        f"/crew/jobs/{job.pk}/accept/", {"idempotency_key": uuid4()}, headers={"Accept": "application/json"}
    )
    assert answer.json() == {"outcome": "done", "next": f"/crew/jobs/{job.pk}/"} and state(job) == (
        "accepted",
        "accepted",
    )
    assert "已接案。" in phone.get("/crew/").content.decode()
    assert "已接案。" not in phone.get("/crew/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_same_report_twice_at_once_is_done_once(sent, worker):
    job, (phone, me) = sent(), worker()
    do(phone, job, "accept")
    do(phone, job, "arrive")
    barrier, answers, key = Barrier(2), [], str(uuid4())

    def post() -> None:
        client = Client()
        client.force_login(me)
        barrier.wait()
        answer = do(client, job, "finish", idempotency_key=key, outcome="fixed", text="x", photos=[picture()])
        answers.append(answer.status_code)
        connection.close()

    threads = [Thread(target=post) for _i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302]
    assert verbs_of(job).count("finish") == 1
    assert Attachment.objects.filter(case=job.case_id).count() == 1


def test_what_happened_without_a_net_counts_from_when_it_happened(sent, worker):
    with time_machine.travel("2022-03-01T09:00:00+08:00", tick=False) as clock:
        job, (phone, _me) = sent(), worker()
        clock.move_to("2022-03-01T12:30:00+08:00")
        do(phone, job, "accept", happened_at="2022-03-01T09:30:00+08:00")
        do(phone, job, "arrive", happened_at="2022-03-01T10:00:00+08:00")
        clock.move_to("2022-03-01T14:00:00+08:00")  # an hour too late, by the clock of the city hall
        do(
            phone,
            job,
            "finish",
            outcome="fixed",
            text="好了",
            photos=[picture()],
            happened_at="2022-03-01T12:45:00+08:00",
        )
        job.refresh_from_db()
        case = Case.objects.get(pk=job.case_id)
        at = [moment.astimezone(case.received_at.tzinfo) for moment in (job.accepted_at, job.arrived_at, job.ended_at)]
        assert [moment - job.sent_at for moment in at] == [
            timedelta(minutes=30), timedelta(hours=1), timedelta(hours=3, minutes=45),
        ]  # fmt: skip
        assert case.on_time is True and case.done_at == job.ended_at


@pytest.mark.parametrize("odd", ["", "yesterday", "2022-03-01T09:30:00", "2099-01-01T00:00:00+08:00", "9" * 40])
def test_a_time_that_cannot_be_is_the_time_of_arrival(sent, worker, odd):
    job, (phone, _me) = sent(), worker()
    assert do(phone, job, "accept", happened_at=odd).status_code == 302
    job.refresh_from_db()
    assert timedelta(0) <= now() - job.accepted_at < timedelta(minutes=1)


def test_a_key_that_is_no_key_is_refused(sent, worker):
    job, (phone, _me) = sent(), worker()
    assert do(phone, job, "accept", idempotency_key="x").status_code == 422
    assert state(job) == ("sent", "dispatched")
