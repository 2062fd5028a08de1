"""The whole report as files: office documents with real styles, data for programs, the command line."""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override
from pypdf import PdfReader

from annualreport.actions.checking import compare
from annualreport.actions.compiling import perform, write
from annualreport.actions.documents import Part, document
from annualreport.actions.printing import file_of
from annualreport.registry import RESULTS, kind
from figures import actions as figures
from figures.registry import Period, registry

pytestmark = pytest.mark.django_db

YEAR = Period.year(2022)
PARTS = [
    Part("5", "為民服務", "研究發展考核委員會", "前言 {year}。"),
    Part("5.1", "人民陳情受理", "研究發展考核委員會",
         "共 {servicerequests.petitions} 件、{contactcentre.calls} 通。\n\n- 第一\n- 第二\n\n"
         "| 類 | 數 |\n| 甲 | {contactcentre.seats} |"
         "\n{chart servicerequests.requests by month}"),
]  # fmt: skip


@pytest.fixture
def made(city):
    with override("zh-hant"):
        figures.enter(registry.figure("contactcentre.calls"), YEAR, Decimal(852_101), "月報")
        yield document(kind(RESULTS), YEAR, PARTS)


def inside(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as packed:
        return packed.read(name).decode()


def test_an_odt_has_headings_lists_tables_and_the_fonts_of_official_documents(made):
    path = file_of(made, "odt", "test")
    content, styles = inside(path, "content.xml"), inside(path, "styles.xml")
    with zipfile.ZipFile(path) as packed:
        first = packed.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    headings = re.findall(r'<text:h text:style-name="Heading_20_(\d)"[^>]*>.*?</text:h>', content)
    assert headings[:2] == ["1", "2"]
    assert "伍、為民服務" in content and "852,101" in content and "<text:list" in content and "<table:table" in content
    assert 'style:font-name-asian="標楷體"' in styles and 'style:country-asian="TW"' in styles
    assert not set(re.findall(r'style:font-name-asian="([^"]*)"', styles)) - {"標楷體"}


def test_a_docx_has_real_styles_and_the_right_chinese_font(made):
    path = file_of(made, "docx", "test")
    content, styles = inside(path, "word/document.xml"), inside(path, "word/styles.xml")
    assert re.findall(r'<w:pStyle w:val="Heading(\d)" ?/>', content)[:2] == ["1", "2"]
    assert "人民陳情受理" in content and "<w:tbl>" in content
    assert set(re.findall(r'<w:rFonts[^>]*w:eastAsia="([^"]*)"', styles)) == {"標楷體"}
    assert re.findall(r'<w:pStyle w:val="TOC(\d)"/>', content)[:2] == ["1", "2"]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_both_with_contents_header_and_numbered_pages(made, tmp_path):
    """Both at once, for starting it takes most of the time. What it prints is read back."""
    files = [file_of(made, form, f"as-{form}") for form in ("odt", "docx")]
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), *map(str, files)], check=True, capture_output=True, timeout=120
    )
    printed = sorted(tmp_path.glob("as-*.pdf"))
    assert len(printed) == 2
    for path in printed:
        reader = PdfReader(path)
        pages = [re.sub(r"\s+", "", page.extract_text()) for page in reader.pages]
        box = reader.pages[0].mediabox
        assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == (210, 297)
        number = next(n for n, page in enumerate(pages, 1) if "前言111。" in page)
        assert number > 1 and "852,101" in pages[number - 1]
        for line in ("伍、為民服務", "一、人民陳情受理"):
            assert re.search(rf"{line}\.*{number}(?!\d)", pages[0]), pages[0]
        assert "尚未公布的草稿" in pages[0] and "Error" not in pages[0]
        for n, page in enumerate(pages, 1):
            assert "民國111年施政成果報告" in page and page.endswith(str(n))


def test_the_pdf_of_several_sections_is_tagged_with_bookmarks_and_contents(made):
    reader = PdfReader(file_of(made, "pdf", "test"))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and reader.trailer["/Root"]["/Lang"] == "zh-Hant-TW"
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert "伍、為民服務" in titles
    pages = [re.sub(r"\s+", "", page.extract_text()) for page in reader.pages]
    contents = next(page for page in pages if "目次" in page)
    number = next(number for number, page in enumerate(pages, 1) if "前言111。" in page)
    assert re.search(rf"伍、為民服務[.]+{number}", contents)
    assert pages[number - 1].endswith(str(number)) or str(number) in pages[number - 1][-6:]


def test_programs_get_every_figure_with_its_definition_and_provenance(made, settings):
    settings.PUBLIC_URL = "https://city.example"
    read = json.loads(file_of(made, "json", "test").read_text())
    by_code = {figure["code"]: figure for figure in read["figures"]}
    calls = by_code["contactcentre.calls"]
    assert (calls["value"], calls["manual"], calls["period"], calls["owner"]) == ("852101", True, "2022", "rdec")
    assert calls["definition"] and calls["url"] == "https://city.example/figures/contactcentre.calls/2022/"
    assert (calls["computed_from"], calls["evidence"]) == ("entry", "月報") and calls["computed_at"]
    petitions = by_code["servicerequests.petitions"]
    assert (petitions["manual"], petitions["computed_from"]) == (False, "records")
    assert len(petitions["definition_version"]) == 12
    assert set(by_code) == {
        "servicerequests.petitions", "servicerequests.requests", "contactcentre.calls", "contactcentre.seats"
    }  # fmt: skip


def test_everybody_may_have_the_report_of_a_month_as_data(city):
    answer = Client().get("/reports/analysis/2022-08.json")
    assert answer["Content-Type"] == "application/json"
    read = json.loads(b"".join(answer.streaming_content))
    assert {figure["period"] for figure in read["figures"]} == {"2022-08", "2022-07", "2021-08"}
    assert not read["problems"]


def test_the_months_of_a_year_have_a_sum_and_those_up_to_a_month_have_none(year):
    part = Part("1", "受理", "", "{chart servicerequests.requests by month}")
    with override("zh-hant"):
        whole, august = (
            document(kind("analysis"), period, [part])["sections"][0]["blocks"][0]
            for period in (YEAR, Period.month(2022, 8))
        )
    counts = [row["numbers"][0]["text"] for row in whole["rows"]]
    assert counts == ["3", "0", "2", "0", "0", "0", "0", "3", "0", "0", "0", "0"]
    assert [number["text"] for number in whole["total"]] == ["8"] and whole["caption"] == "各月份受理案件"
    assert [row["numbers"][0]["text"] for row in august["rows"]] == counts[:8] and august["total"] == []


def test_the_check_says_what_stands_in_the_way(calls, people, capsys):
    write(people["writer"], calls.pk, 1, "共 5 通，{contactcentre.calls} 通。", "x")
    figures.enter(registry.figure("contactcentre.calls"), YEAR, Decimal(7), "月報")
    call_command("report", "check", "111")
    told = capsys.readouterr().out
    assert "5.4.1  第 1 行：「5」" in told and "contactcentre.calls 2022  話務總量 7" in told
    assert "missing" in told and "contactcentre.seats" in told
    perform(people["writer"], calls.pk, "submit")
    perform(people["head"], calls.pk, "return", text="x")
    write(people["writer"], calls.pk, 2, "{no.such}", "x")
    with pytest.raises(CommandError) as refused:
        call_command("report", "check", "111")
    assert refused.value.returncode == 2 and "no.such" in capsys.readouterr().out


def test_figures_that_this_city_counts_must_be_those_of_the_file(year, tmp_path, capsys):
    figures.enter(registry.figure("contactcentre.calls"), YEAR, Decimal(7), "月報")
    file = tmp_path / "theirs.csv"
    lines = [
        "figure,label,value_111", "servicerequests.petitions,陳情,3", "contactcentre.calls,話務,8",
        "else.where,x,1", "servicerequests.dispatches,派工,",
    ]  # fmt: skip
    file.write_text("\n".join(lines))
    call_command("report", "compare", "111", file)
    assert "same 1  differs 0  manual 1  no_desk 1  empty 1" in capsys.readouterr().out
    file.write_text("\n".join([*lines, "servicerequests.app_cases,App,99"]))
    with pytest.raises(CommandError) as refused:
        call_command("report", "compare", "111", file)
    assert refused.value.returncode == 1 and "differs  servicerequests.app_cases" in capsys.readouterr().out
    for wrong in ("a,b\n1,2\n", ""):
        file.write_text(wrong)
        with pytest.raises(CommandError, match="figure"):
            call_command("report", "compare", "111", file)


SHARED = Path(__file__).resolve().parents[3] / "shared" / "figures_111.csv"


@pytest.mark.skipif(not SHARED.exists(), reason="the city's printed figures are not here")
def test_every_figure_that_the_city_printed_is_known_here(city):
    with SHARED.open(encoding="utf-8-sig", newline="") as lines:
        listed = compare(csv.DictReader(io.StringIO(lines.read())), YEAR)
    assert len(listed) > 140
    assert [line.code for line in listed if line.verdict == "no_desk"] == []
