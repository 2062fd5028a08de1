"""HTML into the files of an office: ODT (CNS 15251, ISO/IEC 26300) and DOCX, by pandoc, in the city's styles.

Pandoc leaves the table of contents to whoever opens the file and presses a key; here it is there from the beginning,
each line with a reference to its page, which the word processor counts.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from annualreport.actions import office_styles
from annualreport.actions.office_styles import LINE, edited, reference
from foundation.printing import Unprintable

SECONDS = 60
# Which conversion this is: files that an older one made are made anew.
VERSION = sha256(b"".join(Path(module).read_bytes() for module in (__file__, office_styles.__file__))).hexdigest()
DEEPEST = 3  # level of the table of contents


class Heading(NamedTuple):
    """A heading of a document: its whole XML, its level, its words as XML, the name of its bookmark."""

    whole: str
    level: int
    words: str
    bookmark: str


def convert(html: str, form: str, note: str = "") -> bytes:
    """A complete HTML document as ODT or DOCX, with a table of contents and a note (which edition) under the title.

    Raises Unprintable where pandoc fails."""
    with tempfile.TemporaryDirectory() as folder:
        styles = Path(folder) / f"reference.{form}"
        styles.write_bytes(reference(form, _default))
        target = Path(folder) / f"report.{form}"
        # --sandbox: pandoc reads and fetches nothing that the HTML names.
        _pandoc("--from=html", f"--to={form}", "--sandbox", "--toc", f"--toc-depth={DEEPEST}",
                f"--metadata=toc-title:{_('目次')}", f"--metadata=subtitle:{note}", f"--reference-doc={styles}",
                f"--output={target}", given=html.encode())  # fmt: skip
        finish = {"odt": {"content.xml": _odt}, "docx": {"word/document.xml": _docx}}[form]
        return _described(edited(target.read_bytes(), finish), _ALT.findall(html))


# Pandoc forgets in ODT what a picture shows, and says in DOCX its whole content once more as its description.
_ALT = re.compile(r'<img src="data:[^"]*" alt="([^"]*)"')
_FRAME_END = re.compile(r"(<draw:image [^>]*/>)(</draw:frame>)")


def _described(packed: bytes, alts: list[str]) -> bytes:
    """The document with what each of its pictures shows; ``alts`` in their order, escaped."""
    if not alts:
        return packed
    given = iter(alts)
    edit: dict[str, Callable[[str], str]] = {
        "content.xml": lambda xml: _FRAME_END.sub(lambda m: f"{m[1]}<svg:desc>{next(given, '')}</svg:desc>{m[2]}", xml),
        "word/document.xml": lambda xml: re.sub(r' descr="data:[^"]*"', "", xml),
    }
    return edited(packed, edit)


def _default(form: str) -> bytes:
    return _pandoc(f"--print-default-data-file=reference.{form}")


def _pandoc(*options: str, given: bytes = b"") -> bytes:
    # The package brings the program with it; importing it only finds out where.
    from pypandoc import get_pandoc_path

    try:
        done = subprocess.run(
            [get_pandoc_path(), *options], input=given, capture_output=True, check=True, timeout=SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        told = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        raise Unprintable(_("文書檔轉換失敗：%(error)s") % {"error": told or error}) from error
    return done.stdout


_ODT_HEADING = re.compile(
    r'<text:h\b[^>]*text:outline-level="(?P<level>\d)"[^>]*><text:bookmark-start text:name="(?P<name>[^"]*)" ?/>'
    r"(?P<words>.*?)<text:bookmark-end",
    re.DOTALL,
)


def _odt(xml: str) -> str:
    """The contents filled in, and a line under each row of a table, which no page tears apart."""
    lines = "".join(
        f'<text:p text:style-name="Contents_20_{each.level}"><text:a xlink:type="simple" xlink:href="#{each.bookmark}"'
        f' text:style-name="Contents_20_link" text:visited-style-name="Contents_20_link">{each.words}<text:tab/>'
        f'<text:bookmark-ref text:reference-format="page" text:ref-name="{each.bookmark}">1</text:bookmark-ref>'
        "</text:a></text:p>"
        for each in _headings(_ODT_HEADING, xml)
    )
    title = f'<text:p text:style-name="Contents_20_Heading">{escape(_("目次"))}</text:p>'
    xml = xml.replace(
        "</text:table-of-content-source>",
        f"</text:table-of-content-source><text:index-body><text:index-title text:name=\"contents\">{title}"
        f"</text:index-title>{lines}</text:index-body>", 1,
    )  # fmt: skip
    row = (
        '<style:style style:name="Row" style:family="table-row"><style:table-row-properties fo:keep-together="always"/>'
    )
    xml = xml.replace("</office:automatic-styles>", f"{row}</style:style></office:automatic-styles>", 1)
    xml = xml.replace("<table:table-row>", '<table:table-row table:style-name="Row">')
    return re.sub(
        r'(<style:style style:name="Table(?:Header)?RowCell"[^>]*>\s*<style:table-cell-properties) [^>]*/>',
        rf'\1 fo:border="none" fo:border-bottom="0.5pt solid #{LINE}" fo:padding="0.1cm"/>',
        xml,
    )


_DOCX_HEADING = re.compile(
    r'<w:bookmarkStart\b[^>]*w:name="(?P<name>[^"]*)" ?/>\s*'
    r'<w:p><w:pPr><w:pStyle w:val="Heading(?P<level>\d)" ?/></w:pPr>'
    r"(?P<words>.*?)</w:p>",
    re.DOTALL,
)


def _docx(xml: str) -> str:
    """The contents filled in: lines with a link and the field PAGEREF, which every word processor counts on opening.

    Not the field TOC: what it holds stays as it was written until somebody renews it, and nobody can write down the
    pages of a document that is not laid out yet.
    """
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    lines = ""
    for number, each in enumerate(_headings(_DOCX_HEADING, xml), 1):
        # Pandoc's bookmark holds the whole section; one that reaches over a table is lost on the way into LibreOffice.
        name, key = f"_Toc{number}", f'w:id="{90_000 + number}"'
        marked = f'<w:bookmarkStart {key} w:name="{name}"/>{each.words}<w:bookmarkEnd {key}/>'
        xml = xml.replace(each.whole, each.whole.replace(f"{each.words}</w:p>", f"{marked}</w:p>"), 1)
        lines += (
            f'<w:p><w:pPr><w:pStyle w:val="TOC{each.level}"/></w:pPr><w:hyperlink w:anchor="{name}" w:history="1">'
            f'{each.words}<w:r><w:tab/></w:r><w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
            f'<w:r><w:instrText xml:space="preserve"> PAGEREF {name} \\h </w:instrText></w:r>{mark.format("separate")}'
            f"<w:r><w:t>1</w:t></w:r>{mark.format('end')}</w:hyperlink></w:p>"
        )
    title = f'<w:p><w:pPr><w:pStyle w:val="TOCHeading"/></w:pPr><w:r><w:t>{escape(_("目次"))}</w:t></w:r></w:p>'
    xml = re.sub(r"<w:tr>(?:<w:trPr>)?", lambda row: f"{row[0]}<w:cantSplit/>" if "trPr" in row[0]
                 else f"{row[0]}<w:trPr><w:cantSplit/></w:trPr>", xml)  # fmt: skip
    return re.sub(r"<w:sdt>.*?</w:sdt>", lambda _match: title + lines, xml, count=1, flags=re.DOTALL)


def _headings(pattern: re.Pattern[str], xml: str) -> Iterator[Heading]:
    for found in pattern.finditer(xml):
        if int(found["level"]) <= DEEPEST:
            yield Heading(found[0], int(found["level"]), found["words"], found["name"])
