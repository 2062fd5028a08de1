"""Photos: made anew on their way in, placed by name, on the page and in every file, kept when published."""

import io
import re
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.translation import override
from PIL import Image
from pypdf import PdfReader

from annualreport.actions import photos
from annualreport.actions.compiling import perform, write
from annualreport.actions.documents import document, part_of
from annualreport.actions.printing import file_of
from annualreport.actions.publishing import publish
from annualreport.markup import Paragraph, Photo, parse
from annualreport.models import Photo as Kept
from annualreport.tests.test_pages import client_of, words
from foundation.clock import today
from foundation.files import read

pytestmark = pytest.mark.django_db

SAID = {
    "caption_zh": "話務中心", "caption_en": "The call centre", "alt_zh": "一排座席", "alt_en": "A row of seats",
    "credit": "研考會 陳大明",
}  # fmt: skip
TEXT = "座席：\n{photo seats}\n謝謝。"


def picture(width: int = 2400, height: int = 1200) -> SimpleUploadedFile:
    """A JPEG that says with which camera it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    made = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, "JPEG", exif=exif)
    return SimpleUploadedFile("x.jpg", made.getvalue(), "image/jpeg")


@pytest.fixture
def seats(calls, people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return photos.add(people["writer"], calls, picture(), {"name": "seats", **SAID})


def test_a_photo_stands_on_a_line_of_its_own():
    assert parse(TEXT).blocks[1] == Photo(2, "seats")
    assert [type(block) for block in parse("見 {photo seats} 。").blocks] == [Paragraph]
    assert parse("見 {photo seats} 。").problems[0].line == 1


def test_only_pixels_are_kept_and_what_is_no_picture_is_refused(seats, calls, people):
    kept = read(seats.path)
    assert b"SecretCamera" not in kept and (seats.width, seats.height) == (1600, 800)
    assert Image.open(io.BytesIO(kept)).size == (1600, 800)
    for wrong in (SimpleUploadedFile("x.jpg", b"<html>"), SimpleUploadedFile("x.jpg", b"")):
        with pytest.raises(ValidationError) as refused:
            photos.add(people["writer"], calls, wrong, {"name": "other", **SAID})
        assert list(refused.value.message_dict) == ["file"]
    with pytest.raises(ValidationError, match="已經有照片叫「seats」"):
        photos.add(people["writer"], calls, picture(40, 40), {"name": "seats", **SAID})
    with pytest.raises(IntegrityError, match="photo_name_form"), transaction.atomic():
        Kept.objects.create(section=calls, name="Bad Name", path="x", width=1, height=1, by=people["writer"], **SAID)


def test_it_is_on_the_page_and_in_every_file(seats, calls):
    for language, caption, alt in (("zh-hant", "話務中心", "一排座席"), ("en", "The call centre", "A row of seats")):
        with override(language):
            made = document(calls.report.kind, calls.report.of_period, [part_of(calls, TEXT)])
            assert made["problems"] == []
            (block,) = [each for each in made["sections"][0]["blocks"] if each["type"] == "photo"]
            assert (block["caption"], block["alt"], block["credit"]) == (caption, alt, "研考會 陳大明")
    with override("zh-hant"):
        made = document(calls.report.kind, calls.report.of_period, [part_of(calls, TEXT)])
        reader = PdfReader(file_of(made, "pdf", "test"))
        assert [image.image.size for page in reader.pages for image in page.images] == [(1600, 800)]
        assert "話務中心" in "".join(page.extract_text() for page in reader.pages)
        for form, content in (("odt", "content.xml"), ("docx", "word/document.xml")):
            with zipfile.ZipFile(file_of(made, form, "test")) as packed:
                assert [name for name in packed.namelist() if re.search(r"(Pictures|media)/.*\.jpe?g$", name)]
                text = packed.read(content).decode()
            assert "話務中心" in text and "研考會" in text and "一排座席" in text and "base64" not in text


def test_an_unknown_photo_keeps_a_text_from_being_handed_in(seats, calls, people):
    write(people["writer"], calls.pk, 1, TEXT + "\n{photo none}", "x")
    with pytest.raises(ValidationError, match="第 4 行：這一節沒有照片叫「none」"):
        perform(people["writer"], calls.pk, "submit")
    with pytest.raises(ValidationError, match="內容裡還放著"):
        photos.remove(seats)
    write(people["writer"], calls.pk, 2, TEXT, "x")
    assert perform(people["writer"], calls.pk, "submit").state == "drafted"


def test_everybody_sees_it_once_it_is_published_and_then_it_stays(seats, calls, people):
    write(people["writer"], calls.pk, 1, TEXT, TEXT)
    assert Client().get(seats.url).status_code == 404
    assert client_of(people["stranger"]).get(seats.url).status_code == 404
    for name in ("writer", "controller"):
        shown = client_of(people[name]).get(seats.url)
        assert shown["Content-Type"] == "image/jpeg" and b"".join(shown.streaming_content)
    calls.report.sections.update(state="final", done_on=today())
    publish(people["controller"], calls.report)
    assert b"".join(Client().get(seats.url).streaming_content)[:3] == b"\xff\xd8\xff"
    page = Client().get("/annual-report/111/5/").content.decode()
    assert f'<img src="{seats.url}" alt="一排座席" width="1600" height="800" loading="lazy">' in page
    with pytest.raises(ValidationError, match="已經公布"):
        photos.remove(Kept.objects.get(pk=seats.pk))


def test_the_page_adds_and_removes(calls, people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    client, address = client_of(people["writer"]), f"{calls.get_absolute_url()}photos/"
    refused = client.post(address, {"name": "Bad Name", **SAID, "file": SimpleUploadedFile("x.jpg", b"nothing")})
    assert refused.status_code == 422 and "「名稱」請用小寫英文字母" in words(refused)
    assert 'value="話務中心"' in refused.content.decode()
    assert client.post(address, {"name": "seats", **SAID, "file": picture(60, 40)})["Location"] == address
    assert "{photo seats}" in words(client.get(address))
    photo = Kept.objects.get()
    assert client_of(people["stranger"]).post(f"{address}{photo.pk}/removal/").status_code == 404
    client.post(f"{address}{photo.pk}/removal/")
    assert not Kept.objects.exists()
