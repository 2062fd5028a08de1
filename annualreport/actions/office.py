"""HTML into the files of an office: ODT (CNS 15251, ISO/IEC 26300) and DOCX, by pandoc, in the city's styles.

The reference documents, from which pandoc takes the styles, are its own with the fonts and sizes of official documents
put in: 標楷體 for Chinese, Times New Roman for the rest (文書處理手冊). They are made when first wanted.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import zipfile
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from django.utils.translation import gettext as _

from foundation.printing import Unprintable

CHINESE, LATIN = "標楷體", "Times New Roman"
SECONDS = 60


def convert(html: str, form: str, english: bool = False) -> bytes:
    """A complete HTML document as ODT or DOCX, with a table of contents. Raises Unprintable where pandoc fails."""
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / f"reference.{form}"
        reference.write_bytes(_reference(form))
        target = Path(folder) / f"report.{form}"
        language = "en" if english else "zh-TW"
        # --sandbox: pandoc reads and fetches nothing that the HTML names.
        _pandoc("--from=html", f"--to={form}", "--sandbox", "--toc", "--toc-depth=3", f"--metadata=lang:{language}",
                f"--metadata=toc-title:{_('目次')}", f"--reference-doc={reference}", f"--output={target}",
                given=html.encode())  # fmt: skip
        return target.read_bytes()


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


@lru_cache(maxsize=2)
def _reference(form: str) -> bytes:
    """Pandoc's reference document of a format with the city's fonts."""
    default = _pandoc(f"--print-default-data-file=reference.{form}")
    edit = {"odt": {"styles.xml": _odt_styles}, "docx": {"word/styles.xml": _docx_styles}}[form]
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(default)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename in edit:
                content = edit[item.filename](content.decode()).encode()
            # The first entry of an ODT, its type, is stored and not compressed; each keeps its way.
            new.writestr(item, content, compress_type=item.compress_type)
    return made.getvalue()


def _docx_styles(xml: str) -> str:
    fonts = f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:cs="{LATIN}" w:eastAsia="{CHINESE}"/>'
    xml = re.sub(r"<w:rFonts\b[^>]*/>", fonts, xml)
    return re.sub(r'w:eastAsia="[a-z]{2}-[A-Z]{2}"', 'w:eastAsia="zh-TW"', xml)


def _odt_styles(xml: str) -> str:
    for font in (CHINESE, LATIN):
        face = f'<style:font-face style:name="{font}" svg:font-family="&apos;{font}&apos;"/>'
        xml = xml.replace("</office:font-face-decls>", f"{face}</office:font-face-decls>", 1)
    xml = re.sub(r'style:font-name="[^"]*"', f'style:font-name="{LATIN}"', xml)
    xml = re.sub(r'style:font-name-asian="[^"]*"', f'style:font-name-asian="{CHINESE}"', xml)
    xml = re.sub(r'style:language-asian="[^"]*"', 'style:language-asian="zh"', xml)
    return re.sub(r'style:country-asian="[^"]*"', 'style:country-asian="TW"', xml)
