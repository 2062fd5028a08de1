"""The chapter on paper: right characters, the same numbers, links that lead home, and no boxes."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from annualreport.actions import printing
from annualreport.actions.printing import file_of
from annualreport.actions.reading import edition
from annualreport.registry import RESULTS, kind
from cases.registry import kinds
from figures import actions as figures
from figures.registry import Period
from foundation.printing import FONTS, Unprintable, check_glyphs
from tests.years import DISPATCHES, PETITIONS

pytestmark = pytest.mark.django_db

YEAR = Period.year(2022)


def chapter_pdf() -> Path:
    found = edition(kind(RESULTS), YEAR, chapter="5")
    return file_of(found.document, "pdf", "test")


def read(content: bytes) -> str:
    """The text of a PDF without line ends and blanks, which typesetting puts anywhere."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def printed() -> bytes:
    answer = Client().get("/annual-report/111/5.pdf")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    return b"".join(answer.streaming_content)


def test_the_pdf_says_what_the_page_says_in_the_right_characters(year):
    text = read(printed())
    assert "伍、為民服務－聯合服務業務" in text
    assert f"處理民眾陳情案{PETITIONS}件及派工案件{DISPATCHES}件" in text
    assert "85.7%" in text and "路面坑洞" in text and "數字的出處" in text


def test_its_fonts_are_embedded_and_no_character_is_missing(year):
    reader = PdfReader(io.BytesIO(printed()))
    names = set()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            for part in font.get_object()["/DescendantFonts"]:
                descriptor = part.get_object()["/FontDescriptor"].get_object()
                names.add(str(part.get_object()["/BaseFont"]))
                assert {"/FontFile2", "/FontFile3"} & set(descriptor), "a font is not embedded"
    assert all("NotoSansTC" in name.replace("-", "") or "Noto-Sans-TC" in name for name in names), names
    assert "�" not in read(printed())


def test_its_numbers_are_links_to_the_city(year, settings):
    settings.PUBLIC_URL = "https://city.example"
    reader = PdfReader(io.BytesIO(printed()))
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    links = {note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})}
    assert "https://city.example/figures/servicerequests.petitions/2022/" in links


def test_it_is_printed_once_for_each_state_of_its_numbers(year, report, settings):
    first = chapter_pdf()
    stamp = first.stat().st_mtime_ns
    again = chapter_pdf()
    assert again == first and again.stat().st_mtime_ns == stamp
    report("noise", received_at=year[0].received_at)
    figures.drain()
    second = chapter_pdf()
    assert second != first and first.exists()
    assert not list((settings.VAR_DIR / "reports").glob("*.draft"))


def test_a_character_that_the_fonts_lack_is_refused_by_name(year, monkeypatch, settings):
    strange = "\U0002a6d6"  # a rare ideograph outside the fonts
    monkeypatch.setitem(kinds(), "pothole", replace(kinds()["pothole"], label_zh=f"坑{strange}洞"))
    with pytest.raises(Unprintable, match="U\\+2A6D6"):
        chapter_pdf()
    answer = Client().get("/annual-report/111/5.pdf")
    text = answer.content.decode()
    assert answer.status_code == 503 and "U+2A6D6" in text and "網頁版不受影響" in text
    assert Client().get("/annual-report/111/5/").status_code == 200
    assert not list((settings.VAR_DIR / "reports").glob("*"))


@pytest.mark.parametrize(
    "text", ["伍、為民服務－聯合服務業務", "臺灣 Kaohsiung 111/03/05 99,781 件 85.7%", "○一二㈠①「」《》…—　"]
)
def test_what_the_city_writes_can_be_printed(text):
    check_glyphs(text)


def test_both_weights_have_the_same_characters():
    regular, bold = (
        set(TTFont(FONTS / f"NotoSansTC-{weight}.ttf", lazy=True).getBestCmap()) for weight in ("Regular", "Bold")
    )
    assert regular == bold and len(regular) > 20_000


def test_two_that_print_at_once_do_not_spoil_each_others_file(year, monkeypatch):
    """The second finishes while the first still prints: what stands there is whole either way."""
    real, inner = printing.pdf, []

    def slow(html, styles):
        if not inner:
            inner.append("printing")
            monkeypatch.setattr(printing.os, "getpid", lambda: 4_000_000)  # the other process
            inner.append(chapter_pdf().read_bytes())
            monkeypatch.undo()
            monkeypatch.setattr(printing, "pdf", slow)
        return real(html, styles)

    monkeypatch.setattr(printing, "pdf", slow)
    path = chapter_pdf()
    assert read(path.read_bytes()) == read(inner[1])


def test_the_command_writes_the_chapter_to_a_file(year, tmp_path, capsys):
    target = tmp_path / "chapter.pdf"
    call_command("report", "build", "results", "111", chapter="5", output=target)
    assert f"派工案件{DISPATCHES}件" in read(target.read_bytes())
    assert "chapter.pdf" in capsys.readouterr().out
    page = tmp_path / "chapter.html"
    call_command("report", "build", "results", "111", chapter="5", format="html", language="en", output=page)
    assert "Pothole" in page.read_text() and 'lang="en"' in page.read_text()
    for wrong in (("results", "0"), ("results", "111-08"), ("analysis", "111"), ("results", "x")):
        with pytest.raises(CommandError):
            call_command("report", "build", *wrong, output=tmp_path / "never-written.pdf")
    assert not (tmp_path / "never-written.pdf").exists()
