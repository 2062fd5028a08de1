"""Personal data go when their term is over, no earlier, no figure changes, and what is held stays."""

import io
from datetime import timedelta
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cases.actions import holding
from cases.actions.files import attach, keep_file
from cases.actions.performing import perform
from cases.actions.redacting import redact_photo, undo
from cases.models import Attachment, Case, Contact, LegalHold
from figures.actions import rebuild
from figures.models import Observation
from foundation import files
from foundation.clock import now
from foundation.retention import Holding
from identity.actions import disclose
from identity.models import Disclosure
from messages.models import Message, State
from retention import actions
from retention.models import Run

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=366)


def picture(colour: str = "red") -> SimpleUploadedFile:
    """A small JPEG."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(kept, "JPEG")
    return SimpleUploadedFile("hole.jpg", kept.getvalue(), content_type="image/jpeg")


def moved(case: Case, **moments) -> Case:
    Case.objects.filter(pk=case.pk).update(**moments)
    return Case.objects.for_list().get(pk=case.pk)


@pytest.fixture
def officer(staff):
    return staff("case_officer", unit="pwb-roads")


@pytest.fixture
def closed(report, officer):
    """``closed(years)``: a case with a contact and a photo that was closed so long ago."""

    def closed(years: float = 6, **facts) -> Case:
        case = report(email="wang@example.com", phone="0912345678", **facts)
        attach(case, None, picture(), phase="report", by_citizen=True)
        perform(officer, case.pk, "answer", text="已填補。", outcome="fixed")
        perform(officer, case.pk, "close")
        ago = now() - timedelta(days=365.25 * years)
        Message.objects.filter(topic_id=case.pk).update(created_at=ago, state=State.KEPT, due_at=None)
        return moved(case, received_at=ago - timedelta(days=9), promised_at=ago - timedelta(days=9), due_at=ago,
                     done_at=ago, closed_at=ago)  # fmt: skip

    return closed


def reports() -> dict[str, Run]:
    return {run.holding: run for run in actions.run()}


def emptied(case: Case) -> tuple[bool, ...]:
    contact, message = Contact.objects.get(case=case), Message.objects.filter(topic_id=case.pk).first()
    photo = Attachment.objects.get(case=case)
    case.refresh_from_db()
    return (not (contact.name + contact.email + contact.phone + contact.email_digest + contact.phone_digest),
            not message.body, not photo.original, not case.secret)  # fmt: skip


def test_what_has_had_its_term_goes_and_what_is_younger_stays(closed):
    old, young = closed(6), closed(2)
    paths = {case: Attachment.objects.get(case=case).original for case in (old, young)}
    done = reports()
    assert emptied(old) == (True,) * 4 and emptied(young) == (False,) * 4
    with pytest.raises(FileNotFoundError):
        files.read(paths[old])
    assert files.read(paths[young]) and files.read(Attachment.objects.get(case=old).shown)
    assert (done["cases.contacts"].looked, done["cases.contacts"].done, done["cases.contacts"].held) == (1, 1, {})
    assert "個人資料保護法" in done["cases.contacts"].law and done["cases.contacts"].finished_at
    assert old.description == Case.objects.get(pk=old.pk).description


def test_no_figure_changes(closed, report, officer):
    for years in (6, 7, 2):
        closed(years)
    report(email="b@example.com")
    rebuild()
    names = {field.name for field in Observation._meta.get_fields()}
    facts = [name for name in names if name not in {"id", "computed_at", "updated_at", "at"}]
    before = sorted(map(str, Observation.objects.values_list(*facts)))
    assert before and sum(run.done for run in reports().values()) >= 8
    rebuild()
    assert sorted(map(str, Observation.objects.values_list(*facts))) == before


def test_twice_changes_nothing_more(closed):
    closed(6)
    first = {code: run.done for code, run in reports().items()}
    tables = (Contact, Case, Attachment, Message)
    state = [list(table.objects.order_by("pk").values()) for table in tables]
    assert {code: run.done for code, run in reports().items()} == first
    assert [list(table.objects.order_by("pk").values()) for table in tables] == state
    assert Run.objects.count() == len(first), "one row a holding and day"


def test_what_is_open_or_held_is_kept_and_the_report_says_why(closed, report, staff, officer):
    held, merged, into = closed(6), closed(6), report(email="c@example.com")
    head = staff("unit_head", unit="pwb-roads")
    holding.hold(head, held, "appeal", "訴願 111-7")
    Case.objects.filter(pk=merged.pk).update(state="merged", outcome="merged", merged_into=into)
    open_ = report(email="d@example.com")
    Message.objects.filter(topic_id=open_.pk).update(created_at=now() - 9 * YEAR, state=State.KEPT, due_at=None)
    done = reports()
    assert done["cases.contacts"].held == {"appeal": 1, "open": 1} and done["cases.contacts"].done == 0
    assert done["cases.letters"].held["open"] >= 1 and Message.objects.filter(topic_id=open_.pk).first().body
    assert emptied(held) == (False,) * 4
    holding.release(head, held)
    assert reports()["cases.contacts"].held == {"open": 1} and emptied(held) == (True,) * 4


def test_a_hold_needs_a_right_and_a_reason_and_there_is_one(closed, staff, officer):
    case, head = closed(1), staff("unit_head", unit="pwb-roads")
    with pytest.raises(PermissionDenied):
        holding.hold(officer, case, "appeal", "訴願")
    with pytest.raises(ValidationError):
        holding.hold(head, case, "appeal", " ")
    with pytest.raises(ValidationError):
        holding.release(head, case)
    holding.hold(staff("controller"), case, "incident", "外洩調查")
    with pytest.raises(ValidationError):
        holding.hold(head, case, "appeal", "訴願")
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.create(case=case, reason="appeal", text="x", by=head)
    verbs = list(case.events.told().values_list("verb", flat=True))
    assert verbs.count("hold") == 1


def test_cut_off_half_way_the_next_run_ends_it(closed, monkeypatch):
    cases = [closed(6) for _n in range(5)]
    monkeypatch.setattr(actions, "BATCH", 2)
    real, calls = actions._batch, []

    def killed(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(actions, "_batch", killed)
    only = [h for h in actions.holdings() if h.code == "cases.contacts"]
    monkeypatch.setattr(actions, "holdings", lambda: only)
    with pytest.raises(KeyboardInterrupt):
        actions.run()
    half = Run.objects.get()
    assert half.done == 4 and half.finished_at is None
    monkeypatch.setattr(actions, "_batch", real)
    actions.run()
    whole = Run.objects.get()
    assert whole.done == whole.looked == 5 and whole.finished_at
    assert all(emptied(case)[0] for case in cases)


def test_a_file_that_went_before_the_row_is_no_error(closed):
    case = closed(6)
    files.delete(Attachment.objects.get(case=case).original)
    assert reports()["cases.originals"].done == 1


def test_a_redaction_stays_when_the_original_goes(closed, officer):
    case = closed(6)
    photo = Attachment.objects.get(case=case)
    redact_photo(officer, photo, [])
    reports()
    photo.refresh_from_db()
    assert photo.original == "" and files.read(photo.shown) and photo.redactions.in_force().exists()
    with pytest.raises(ValidationError, match="銷毀"):
        redact_photo(officer, photo, [])
    undo(officer, photo.redactions.in_force().get())  # taking it out of the public's sight is possible for ever
    assert not photo.redactions.in_force().exists()


def test_uploads_that_were_never_sent(city):
    """Two days, and the three that a petition may wait for its address."""
    fresh, stale = keep_file(picture()), keep_file(picture("blue"))
    Attachment.objects.filter(pk=stale.pk).update(uploaded_at=now() - timedelta(days=5, hours=1))
    Attachment.objects.filter(pk=fresh.pk).update(uploaded_at=now() - timedelta(days=4, hours=23))
    assert reports()["cases.drafts"].done == 1
    assert Attachment.objects.get() == fresh and files.read(fresh.original)
    with pytest.raises(FileNotFoundError):
        files.read(stale.original)


def test_the_log_of_disclosures_is_kept_longest_and_the_database_holds_the_floor(closed, officer, staff):
    case = closed(6)
    ages = {}
    for years in (1, 6, 11):
        line = disclose(officer, "case", case.number, ["name"], "測試")
        ages[years] = line.pk
    # Written as they would have been then: no row can be changed.
    Disclosure.objects.bulk_create(
        Disclosure(actor=officer, subject="case", subject_id=str(case.number), fields=["name"], purpose=f"{years}",
                   at=now() - years * YEAR) for years in (6, 11)
    )  # fmt: skip
    assert reports()["cases.disclosures"].done == 1
    left = list(Disclosure.objects.values_list("purpose", flat=True))
    assert "11" not in left and "6" in left and left.count("測試") == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(purpose="測試").delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(purpose="6").update(purpose="x")
    Disclosure.objects.filter(purpose="6").delete()  # older than the floor: the rule decides, not the trigger


def test_a_dry_run_says_what_a_run_does_and_changes_nothing(closed):
    closed(6), closed(2)
    said = {each.holding.code: (each.free, each.held) for each in actions.forecast()}
    out = StringIO()
    call_command("retention", "--dry-run", stdout=out)
    assert "cases.contacts" in out.getvalue() and "1 would be emptied" in out.getvalue()
    assert not Run.objects.exists() and Contact.objects.exclude(email="").count() == 2
    assert {code: (run.done, run.held) for code, run in reports().items()} == said
    assert all(free == 0 for free, _held in ((f.free, f.held) for f in actions.forecast()))


def test_who_may_read_the_reports_reads_them(closed, sign_in, staff):
    closed(6)
    for role in ("controller", "auditor", "system_administrator"):
        page = sign_in(staff(role)).get("/retention/").content.decode()
        assert "已結案件的聯絡方式" in page and "5 年" in page
    reports()
    assert "最近的報告" in sign_in(staff("auditor")).get("/retention/").content.decode()
    assert sign_in(staff("case_officer", unit="pwb-roads")).get("/retention/").status_code == 403


def test_the_page_of_holds(closed, sign_in, staff, officer):
    case = closed(1)
    desk, address = sign_in(staff("unit_head", unit="pwb-roads")), f"/desk/cases/{case.number}/hold/"
    refused = desk.post(address, {"reason": "appeal", "text": ""})
    assert refused.status_code == 422 and "請寫明保全的原因" in refused.content.decode()
    assert desk.post(address, {"reason": "appeal", "text": "訴願"}).status_code == 302
    assert "保全中" in desk.get(address).content.decode()
    assert desk.post(f"{address}release/").status_code == 302 and not LegalHold.objects.in_force().exists()
    assert sign_in(officer).get(address).status_code == 403


def test_a_city_without_a_rule_keeps_everything(closed, monkeypatch):
    closed(9)
    nothing = Holding("x.y", "x", "retention_no_such_rule", due=lambda b: Contact.objects.all(), forget=lambda k: 1 / 0)
    monkeypatch.setattr(actions, "holdings", lambda: [nothing])
    assert actions.run() == [] == actions.forecast()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ages=st.lists(st.integers(-400, 400), min_size=1, max_size=6))
def test_nothing_younger_than_the_rule_is_touched(ages, report, officer, city):
    """Days around five years: only what is older is emptied, and a second run changes nothing."""
    with transaction.atomic():
        moment, made = now(), {}
        for days in ages:
            case = report(email="x@example.com")
            at = actions.cutoff(moment, 5, "years") - timedelta(days=days, seconds=1)
            Case.objects.filter(pk=case.pk).update(
                state="closed",
                outcome="answered",
                received_at=at,
                due_at=at,
                done_at=at,
                done_on=at.date(),
                closed_at=at,
            )
            made[case.pk] = days
        for _twice in range(2):
            actions.run(moment)
            gone = set(Contact.objects.filter(email="").values_list("case_id", flat=True))
            assert gone == {pk for pk, days in made.items() if days >= 0}
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_count_each_record_once(closed, monkeypatch):
    """A worker's run and an operator's, on connections of their own."""
    for _n in range(6):
        closed(6)
    monkeypatch.setattr(actions, "BATCH", 1)
    start, wrong = Barrier(2), []

    def go() -> None:
        try:
            start.wait(20)
            actions.run()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [Thread(target=go) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    report = Run.objects.get(holding="cases.contacts")
    assert (report.looked, report.done) == (6, 6) and not Contact.objects.exclude(email="").exists()
