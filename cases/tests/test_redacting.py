"""Photos and texts are covered before they are public; taken back and done again; originals leave a trace."""

import io
import random

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image, ImageDraw, ImageFont

from cases.actions import following, redacting
from cases.actions.files import attach
from cases.actions.performing import perform
from cases.detection import detect
from cases.models import Attachment, CaseEvent, Redaction
from cases.redaction import Region, Span
from foundation import files
from identity.models import Disclosure
from tests.architecture.house import ROOT

pytestmark = pytest.mark.django_db
LEFT_HALF = Region(0, 0, 500, 1000)


def noise(seed: int = 1) -> SimpleUploadedFile:
    """A photo in which every pixel tells something, with a preview and a comment in its metadata."""
    pixels = np.random.default_rng(seed).integers(0, 256, (300, 400, 3), dtype="u1")
    exif = Image.Exif()
    exif[0x010E] = "taken by Wang"
    kept = io.BytesIO()
    Image.fromarray(pixels).resize((800, 600), Image.Resampling.NEAREST).save(kept, "JPEG", exif=exif, quality=95)
    return SimpleUploadedFile("photo.jpg", kept.getvalue(), content_type="image/jpeg")


def grey(path: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(files.read(path))).convert("L"), dtype=float)


@pytest.fixture
def officer(staff):
    return staff("case_officer", unit="pwb-roads")


@pytest.fixture
def photo(report):
    return attach(report(), None, noise(), phase="report", by_citizen=True)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_what_was_covered_is_gone_from_every_file_but_the_original(photo, officer, django_capture_on_commit_callbacks):
    before = [photo.shown, photo.thumbnail]
    with django_capture_on_commit_callbacks(execute=True):
        redacting.redact_photo(officer, photo, [LEFT_HALF])
    photo.refresh_from_db()
    for path in (photo.shown, photo.thumbnail):
        picture = grey(path)
        middle = picture.shape[1] // 2
        # What is left of noise in a covered half is four averages: no contrast from pixel to pixel.
        assert np.abs(np.diff(picture[:, : middle - 8])).mean() < 2 < np.abs(np.diff(picture[:, middle + 8 :])).mean()
        assert b"Wang" not in files.read(path) and b"Exif" not in files.read(path)
    for path in before:
        with pytest.raises(FileNotFoundError):
            files.read(path)
    assert b"Wang" in files.read(photo.original)


def test_nobody_sees_a_photo_before_it_was_looked_through(photo, officer, client):
    address = f"/photos/{photo.token}/"
    assert client.get(address).status_code == 404
    assert str(photo.token) not in client.get(f"/track/{photo.case.number}/").content.decode()
    made = redacting.redact_photo(officer, photo, [LEFT_HALF])
    photo.refresh_from_db()
    assert body(client.get(address)) == files.read(photo.thumbnail)
    assert str(photo.token) in client.get(f"/track/{photo.case.number}/").content.decode()
    redacting.undo(officer, made)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(("rule", "shown"), [("never", (404, 404)), ("reviewed", (404, 200)), ("always", (200, 200))])
def test_the_kind_says_when_photos_are_public(rule, shown, photo, officer, client, monkeypatch):
    object.__setattr__(photo.case.kind, "photos_public", rule)
    try:
        first = client.get(f"/photos/{photo.token}/").status_code
        redacting.redact_photo(officer, photo, [])
        assert (first, client.get(f"/photos/{photo.token}/").status_code) == shown
    finally:
        object.__setattr__(photo.case.kind, "photos_public", "reviewed")


def test_undone_and_done_again(photo, officer):
    first = redacting.redact_photo(officer, photo, [LEFT_HALF])
    second = redacting.redact_photo(officer, photo, [])
    photo.refresh_from_db()
    open_ = grey(photo.shown)
    assert redacting.undo(officer, second) == first
    photo.refresh_from_db()
    assert np.abs(np.diff(grey(photo.shown)[:, :380])).mean() < 2
    redacting.redo(officer, second)
    photo.refresh_from_db()
    assert (grey(photo.shown) == open_).all()
    with pytest.raises(ValidationError):
        redacting.undo(officer, first)
    with pytest.raises(ValidationError):
        redacting.redo(officer, first)
    verbs = list(CaseEvent.objects.of(photo.case).told().values_list("verb", flat=True))
    assert verbs[-4:] == ["redact", "redact", "unredact", "redact"]
    assert not CaseEvent.objects.public().filter(verb__in=["redact", "unredact"]).exists()


def test_what_may_not_be_is_refused_and_changes_nothing(photo, officer, staff, report):
    for regions in ([Region(900, 0, 200, 100)], [Region(0, 0, 0, 10)], [Region(-1, 0, 10, 10)]):
        with pytest.raises(ValidationError):
            redacting.redact_photo(officer, photo, regions)
    for stranger in (staff("case_officer", unit="pwb-lights"), staff("agency_head", agency="pwb"), staff("auditor")):
        with pytest.raises(PermissionDenied):
            redacting.redact_photo(stranger, photo, [])
    waiting = {"awaits": "public", "shown": "", "is_public": False}  # its copies were put off in a storm
    for how in (waiting, {"awaits": "", "original": ""}):
        Attachment.objects.filter(pk=photo.pk).update(**how)
        with pytest.raises(ValidationError):
            redacting.redact_photo(officer, Attachment.objects.get(pk=photo.pk), [])
    assert not Redaction.objects.exists()


def test_the_database_keeps_one_in_force(photo, officer):
    made = redacting.redact_photo(officer, photo, [])
    with pytest.raises(IntegrityError), transaction.atomic():
        Redaction.objects.create(case=photo.case, attachment=photo, by=officer)
    assert Redaction.objects.in_force().get() == made


def test_each_look_at_an_original_is_a_line_in_the_log(photo, officer, sign_in, staff):
    desk = sign_in(officer)
    address = f"/desk/redaction/photos/{photo.token}/"
    assert desk.get(f"{address}uncovered/").status_code == 200 and not Disclosure.objects.exists(), "nothing is covered"
    redacting.redact_photo(officer, photo, [LEFT_HALF])
    photo.refresh_from_db()
    assert desk.get(f"{address}uncovered/").content == files.public_image(files.read(photo.original))
    assert Disclosure.objects.get().fields == ["original"]
    assert desk.post(f"{address}original/", {"purpose": ""}).status_code == 422
    assert body(desk.post(f"{address}original/", {"purpose": "訴願答辯"})) == files.read(photo.original)
    assert list(Disclosure.objects.order_by("pk").values_list("purpose", flat=True)) == ["審閱與遮蔽照片", "訴願答辯"]
    assert desk.get(f"/desk/files/{photo.token}/original/").status_code == 404
    assert body(desk.get(f"/desk/files/{photo.token}/shown/")) == files.read(photo.shown)
    head = sign_in(staff("agency_head", agency="pwb"))
    assert {head.get(f"{address}{rest}").status_code for rest in ("", "uncovered/", "original/")} == {403}


def test_the_form_keeps_what_was_typed_and_names_the_field(photo, officer, sign_in):
    desk = sign_in(officer)
    sent = {"x": ["10", "abc"], "y": ["10", "5"], "width": ["95", "5"], "height": ["5", "5"], "what": ["hand", "face"],
            "keep": ["0", "1"]}  # fmt: skip
    answer = desk.post(f"/desk/redaction/photos/{photo.token}/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and "第 1 塊：範圍超出照片" in page and "第 2 塊：「左」請填" in page
    assert 'value="95"' in page and 'value="abc"' in page and not Redaction.objects.exists()
    sent["width"], sent["keep"] = ["90", "5"], ["0"]
    assert desk.post(f"/desk/redaction/photos/{photo.token}/", sent).status_code == 302
    assert Redaction.objects.get().marks == [{"x": 100, "y": 100, "width": 900, "height": 50, "what": "hand"}]


def test_a_description_is_public_only_as_it_was_looked_through(report, officer, client, sign_in):
    case = report(description="王大明先生說 ABC-1234 壓壞路面，阿土也看到。")
    public = f"/track/{case.number}/"
    assert "壓壞路面" not in client.get(public).content.decode()
    desk, address = sign_in(officer), f"/desk/cases/{case.number}/redaction/text/"
    assert "○○○先生說 ○○○ 壓壞路面" in desk.get(address).content.decode()
    assert desk.post(address, {"words": "阿水", "go": "publish"}).status_code == 422
    assert not Redaction.objects.exists()
    desk.post(address, {"spans": ["0-3", "7-15"], "words": "阿土", "go": "publish"})
    page = client.get(public).content.decode()
    assert "○○○先生說 ○○○ 壓壞路面，○○○也看到。" in page
    assert "王大明" not in page and "阿土" not in page
    assert "王大明" in desk.get(f"/desk/cases/{case.number}/").content.decode()
    redacting.undo(officer, Redaction.objects.get())
    assert "壓壞路面" not in client.get(public).content.decode()


def test_of_a_sensitive_kind_no_text_is_public(report, officer, client):
    case = report("noise")
    case.unit.agency  # noqa: B018
    redacting.redact_text(_of_unit(case, officer), case, None, [])
    assert case.description not in client.get(f"/track/{case.number}/").content.decode()


def _of_unit(case, user):
    from datetime import date

    from organisation.models import Membership

    Membership.objects.create(user=user, role="case_officer", unit=case.unit, since=date(2020, 1, 1))
    return type(user).objects.get(pk=user.pk)


def test_followers_read_an_answer_without_names(report, officer):
    from messages.models import Message

    case = report()
    following.confirm(following.follow(case, "f@example.com", "zh-hant"))
    perform(officer, case.pk, "answer", text="已請陳大文先生到場填補。", outcome="fixed")
    following.tell_followers(case.pk, "answer")
    letter = Message.objects.get(notice="cases.followed").body
    assert "陳大文" not in letter and "到場填補" in letter


def test_spans_outside_of_the_text_and_inside_entries_are_refused(report, officer):
    case = report(description="短")
    with pytest.raises(ValidationError):
        redacting.redact_text(officer, case, None, [Span(0, 9)])
    perform(officer, case.pk, "comment", text="內部意見", public=False)
    with pytest.raises(ValidationError):
        redacting.redact_text(officer, case, case.events.get(verb="comment"), [])


def test_the_room_asks_the_database_as_often_for_one_photo_as_for_six(photo, officer, sign_in):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert sign_in(officer).get(f"/desk/cases/{photo.case.number}/redaction/").status_code == 200
        return len(asked)

    redacting.redact_photo(officer, photo, [])
    first = cost()
    for seed in range(5):
        redacting.redact_photo(officer, attach(photo.case, None, noise(seed + 2), by_citizen=True), [LEFT_HALF])
    assert cost() == first


def plate_on(picture: Image.Image, text: str, at: tuple[int, int], width: int) -> None:
    """A plate of Taiwan's form: 380 by 160 mm, black on white."""
    plate = Image.new("RGB", (380, 160), "#f4f4f0")
    draw = ImageDraw.Draw(plate)
    draw.rectangle((3, 3, 376, 156), outline="#111", width=4)
    font = ImageFont.truetype(str(ROOT / "foundation/fonts/NotoSansTC-Bold.ttf"), 78)
    draw.text((190, 84), text, font=font, fill="#111", anchor="mm")
    picture.paste(plate.resize((width, width * 160 // 380)), at)


def test_plates_are_suggested_most_of_the_time_and_a_bare_wall_has_none():
    rng = random.Random(5)
    found = 0
    for _n in range(10):
        grain = np.random.default_rng(rng.randrange(99)).normal(110, 6, (768, 1024, 3)).clip(0, 255).astype("u1")
        picture, width = Image.fromarray(grain), rng.randrange(110, 260)
        left, top = rng.randrange(0, 1024 - width), rng.randrange(0, 640)
        plate_on(picture, f"{rng.choice(['ABC', 'KLM', 'RWX'])}-{rng.randrange(1000, 9999)}", (left, top), width)
        kept = io.BytesIO()
        picture.save(kept, "JPEG")
        middle = ((left + width / 2) / 1.024, (top + width * 0.21) / 0.768)
        found += any(
            r.x <= middle[0] <= r.x + r.width and r.y <= middle[1] <= r.y + r.height and r.what == "plate"
            for r in detect(kept.getvalue())
        )
    assert found >= 8
    wall = io.BytesIO()
    Image.new("RGB", (1024, 768), "#888").save(wall, "JPEG")
    assert detect(wall.getvalue()) == []
