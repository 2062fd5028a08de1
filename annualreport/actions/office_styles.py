"""The looks of the office files: pandoc's reference documents with the styles of official documents put in.

標楷體 for Chinese and Times New Roman for the rest, on A4 (文書處理手冊); the report's title over each page and its
number under it; chapters begin a page. Nothing slants: there is no italic of Chinese. A named style is what whoever
goes on writing in the file changes once for all.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO

CHINESE, LATIN = "標楷體", "Times New Roman"
INK, QUIET, LINE = "12263A", "4A5D70", "C3CCD5"
# By level: size in points, space before and after.
HEADINGS = ((20, 0, 10), (16, 14, 6), (14, 12, 4), (12, 10, 4), (12, 8, 2), (12, 8, 2))
MARGIN_CM, TEXT_CM = 2.5, 16.0  # of A4's 21 cm


@lru_cache(maxsize=2)
def reference(form: str, default: Callable[[str], bytes]) -> bytes:
    """Pandoc's own reference document of a format, which ``default`` gets, in the city's styles."""
    edits: dict[str, dict[str, Callable[[str], str]]] = {
        "odt": {"styles.xml": _odt},
        "docx": {
            "word/styles.xml": _docx,
            "word/document.xml": _docx_page,
            "word/_rels/document.xml.rels": _docx_relations,
            "[Content_Types].xml": _docx_types,
        },
    }
    return edited(default(form), edits[form], DOCX_PARTS if form == "docx" else {})


def edited(packed: bytes, edit: Mapping[str, Callable[[str], str]], added: Mapping[str, str] | None = None) -> bytes:
    """A zipped document with some of its parts changed and some added."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(packed)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if change := edit.get(item.filename):
                content = change(content.decode()).encode()
            # The first entry of an ODT, its type, is stored and not compressed; each keeps its way.
            new.writestr(item, content, compress_type=item.compress_type)
        for name, text in (added or {}).items():
            new.writestr(name, text)
    return made.getvalue()


def with_styles(xml: str, element: str, key: str, styles: Mapping[str, str], end: str) -> str:
    """A list of styles with some written anew, in their places or before ``end``."""
    for name, text in styles.items():
        known = re.compile(rf'<{element}\b(?=[^>]*\b{key}="{re.escape(name)}")[^>]*?(?:/>|>.*?</{element}>)', re.DOTALL)
        xml, found = known.subn(text.replace("\\", r"\\"), xml, count=1)
        xml = xml if found else xml.replace(end, f"{text}{end}", 1)
    return xml


# --- OpenDocument ---


def _odt_style(name: str, parent: str, paragraph: str = "", text: str = "", more: str = "") -> str:
    shown = name.replace("_20_", " ")
    return (
        f'<style:style style:family="paragraph" style:name="{name}" style:display-name="{shown}"'
        f' style:parent-style-name="{parent}" style:class="text"{more}>'
        f"<style:paragraph-properties {paragraph}/><style:text-properties {text}/></style:style>"
    )


def _odt_text(size: float, *, bold: bool = False, colour: str = INK) -> str:
    weight = "bold" if bold else "normal"
    return (
        f'fo:font-size="{size}pt" style:font-size-asian="{size}pt" fo:font-weight="{weight}" fo:color="#{colour}"'
        f' style:font-weight-asian="{weight}" fo:font-style="normal" style:font-style-asian="normal"'
    )


def _odt_styles() -> dict[str, str]:
    styles = {
        "Title": _odt_style("Title", "Standard", 'fo:text-align="center" fo:margin-top="36pt" fo:margin-bottom="12pt"',
                            _odt_text(24, bold=True)),
        "Subtitle": _odt_style("Subtitle", "Standard", 'fo:text-align="center" fo:margin-bottom="24pt"',
                               _odt_text(12, colour=QUIET)),
        "Contents_20_Heading": _odt_style("Contents_20_Heading", "Standard", 'fo:margin-bottom="6pt"',
                                          _odt_text(16, bold=True)),
        "Caption": _odt_style("Caption", "Standard", 'fo:margin-top="8pt" fo:margin-bottom="3pt"'
                              ' fo:keep-with-next="always"', _odt_text(11, bold=True)),
        "Text_20_body": _odt_style("Text_20_body", "Standard", 'fo:margin-top="0pt" fo:margin-bottom="6pt"'
                                   ' fo:line-height="150%" fo:orphans="2" fo:widows="2"'),
        "Table_20_Contents": _odt_style("Table_20_Contents", "Standard", "", _odt_text(11)),
        "Table_20_Heading": _odt_style("Table_20_Heading", "Table_20_Contents", "", _odt_text(11, bold=True)),
        "Header": _odt_style("Header", "Standard", 'fo:text-align="end"', _odt_text(9, colour=QUIET)),
        "Footer": _odt_style("Footer", "Standard", 'fo:text-align="center"', _odt_text(10, colour=QUIET)),
        "Internet_20_link": '<style:style style:family="text" style:name="Internet_20_link"'
        f' style:display-name="Internet link"><style:text-properties fo:color="#{INK}" style:text-underline-style='
        f'"dotted" style:text-underline-width="auto" style:text-underline-color="#{QUIET}"/></style:style>',
        "Contents_20_link": '<style:style style:family="text" style:name="Contents_20_link" style:display-name='
        f'"Contents link"><style:text-properties fo:color="#{INK}" style:text-underline-style="none"/></style:style>',
    }  # fmt: skip
    for level, (size, before, after) in enumerate(HEADINGS, 1):
        begins = ' fo:break-before="page"' if level == 1 else ""
        spaces = f'fo:margin-top="{before}pt" fo:margin-bottom="{after}pt" fo:keep-with-next="always"{begins}'
        styles[f"Heading_20_{level}"] = _odt_style(
            f"Heading_20_{level}", "Heading", spaces, _odt_text(size, bold=True),
            f' style:default-outline-level="{level}" style:next-style-name="Text_20_body"',
        )  # fmt: skip
    for level in (1, 2, 3):
        weight = _odt_text(12 if level < 3 else 11, bold=level == 1)
        styles[f"Contents_20_{level}"] = (
            f'<style:style style:family="paragraph" style:name="Contents_20_{level}" style:display-name="Contents'
            f' {level}" style:parent-style-name="Standard" style:class="index"><style:paragraph-properties'
            f' fo:margin-left="{(level - 1) * 0.7:.1f}cm" fo:margin-top="{6 if level == 1 else 0}pt"><style:tab-stops>'
            f'<style:tab-stop style:position="{TEXT_CM - (level - 1) * 0.7:.1f}cm" style:type="right"'
            f' style:leader-style="dotted" style:leader-text="."/></style:tab-stops></style:paragraph-properties>'
            f"<style:text-properties {weight}/></style:style>"
        )
    return styles


def _odt(xml: str) -> str:
    for font in (CHINESE, LATIN):
        face = f'<style:font-face style:name="{font}" svg:font-family="&apos;{font}&apos;"/>'
        xml = xml.replace("</office:font-face-decls>", f"{face}</office:font-face-decls>", 1)
    xml = re.sub(r'style:font-name="[^"]*"', f'style:font-name="{LATIN}"', xml)
    xml = re.sub(r'style:font-name-asian="[^"]*"', f'style:font-name-asian="{CHINESE}"', xml)
    xml = re.sub(r'style:language-asian="[^"]*"', 'style:language-asian="zh"', xml)
    xml = re.sub(r'style:country-asian="[^"]*"', 'style:country-asian="TW"', xml)
    xml = with_styles(xml, "style:style", "style:name", _odt_styles(), "</office:styles>")
    xml = xml.replace('fo:page-height="11in"', 'fo:page-height="29.7cm"').replace(
        'fo:page-width="8.5in"', 'fo:page-width="21cm"'
    )
    for side in ("left", "right", "top", "bottom"):
        xml = xml.replace(f'fo:margin-{side}="1in"', f'fo:margin-{side}="{MARGIN_CM}cm"', 1)
    room = '<style:header-footer-properties fo:min-height="0.8cm" fo:margin-bottom="0.4cm"/>'
    xml = xml.replace("<style:header-style />", f"<style:header-style>{room}</style:header-style>")
    return re.sub(
        r"<style:footer>.*?</style:footer>",
        '<style:header><text:p text:style-name="Header"><text:title/></text:p></style:header><style:footer><text:p'
        ' text:style-name="Footer"><text:page-number text:select-page="current">1</text:page-number></text:p>'
        "</style:footer>",
        xml,
        flags=re.DOTALL,
    )


# --- Office Open XML ---

_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
DOCX_PARTS = {
    "word/header1.xml": f'{_HEAD}<w:hdr {_NAMES}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>'
    '<w:fldSimple w:instr=" TITLE "><w:r><w:t></w:t></w:r></w:fldSimple></w:p></w:hdr>',
    "word/footer1.xml": f'{_HEAD}<w:ftr {_NAMES}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
    '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>',
}


def _docx_style(name: str, label: str, parent: str, paragraph: str = "", text: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{label}"/><w:basedOn w:val="{parent}"/>'
        f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{text}</w:rPr></w:style>"
    )


def _docx_text(size: float, *, bold: bool = False, colour: str = INK) -> str:
    half = round(size * 2)
    return (
        f'{"<w:b/><w:bCs/>" if bold else ""}<w:color w:val="{colour}"/><w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
    )


def _spaces(before: float, after: float, line: str = "") -> str:
    return f'<w:spacing w:before="{before * 20:.0f}" w:after="{after * 20:.0f}"{line}/>'


def _docx_styles() -> dict[str, str]:
    centre, end = '<w:jc w:val="center"/>', '<w:jc w:val="right"/>'
    body = _spaces(0, 6, ' w:line="360" w:lineRule="auto"')
    styles = {
        "Title": _docx_style("Title", "Title", "Normal", _spaces(36, 12) + centre, _docx_text(24, bold=True)),
        "Subtitle": _docx_style("Subtitle", "Subtitle", "Normal", _spaces(0, 24) + centre,
                                _docx_text(12, colour=QUIET)),
        "TOCHeading": _docx_style("TOCHeading", "TOC Heading", "Normal", _spaces(0, 6), _docx_text(16, bold=True)),
        "Caption": _docx_style("Caption", "Caption", "Normal", f"<w:keepNext/>{_spaces(8, 3)}",
                               _docx_text(11, bold=True)),
        "BodyText": _docx_style("BodyText", "Body Text", "Normal", body),
        "Compact": _docx_style("Compact", "Compact", "Normal", _spaces(2, 2)),
        "Header": _docx_style("Header", "header", "Normal", _spaces(0, 0) + end, _docx_text(9, colour=QUIET)),
        "Footer": _docx_style("Footer", "footer", "Normal", _spaces(0, 0) + centre, _docx_text(10, colour=QUIET)),
        "Hyperlink": '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr>'
        f'<w:color w:val="{INK}"/><w:u w:val="dotted" w:color="{QUIET}"/></w:rPr></w:style>',
        "Table": '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/><w:basedOn w:val='
        '"TableNormal"/><w:qFormat/><w:tblPr><w:tblBorders>'
        + "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>' for side in ("bottom", "insideH"))
        + '</w:tblBorders><w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar>'
        '</w:tblPr><w:rPr><w:sz w:val="22"/></w:rPr><w:tblStylePr w:type="firstRow">'
        '<w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders><w:bottom w:val="single"'
        f' w:sz="8" w:color="{INK}"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>',
    }  # fmt: skip
    for level, (size, before, after) in enumerate(HEADINGS, 1):
        begins = "<w:pageBreakBefore/>" if level == 1 else ""
        kept = f'<w:keepNext/><w:keepLines/>{begins}{_spaces(before, after)}<w:outlineLvl w:val="{level - 1}"/>'
        styles[f"Heading{level}"] = _docx_style(
            f"Heading{level}", f"heading {level}", "Normal", kept, _docx_text(size, bold=True)
        ).replace("<w:qFormat/>", '<w:next w:val="BodyText"/><w:qFormat/>')
    for level in (1, 2, 3):
        tab = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{round(TEXT_CM * 567)}"/></w:tabs>'
        place = f'{tab}{_spaces(6 if level == 1 else 0, 2)}<w:ind w:left="{(level - 1) * 400}"/>'
        styles[f"TOC{level}"] = _docx_style(
            f"TOC{level}", f"toc {level}", "Normal", place, _docx_text(12 if level < 3 else 11, bold=level == 1)
        )
    return styles


def _docx(xml: str) -> str:
    fonts = f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:cs="{LATIN}" w:eastAsia="{CHINESE}"/>'
    xml = re.sub(r"<w:rFonts\b[^>]*/>", fonts, xml)
    xml = re.sub(r'w:eastAsia="[a-z]{2}-[A-Z]{2}"', 'w:eastAsia="zh-TW"', xml)
    return with_styles(xml, "w:style", "w:styleId", _docx_styles(), "</w:styles>")


def _docx_page(xml: str) -> str:
    """A4 with a header and a footer: pandoc takes the last section's properties over."""
    around, twips = round(MARGIN_CM * 567), ("11906", "16838")
    section = (
        f'<w:sectPr xmlns:r="{_KIND}"><w:headerReference w:type="default" r:id="rIdHeader"/><w:footerReference'
        f' w:type="default" r:id="rIdFooter"/><w:pgSz w:w="{twips[0]}" w:h="{twips[1]}"/><w:pgMar w:top="{around}"'
        f' w:right="{around}" w:bottom="{around}" w:left="{around}" w:header="709" w:footer="709" w:gutter="0"/>'
        "</w:sectPr>"
    )
    xml = re.sub(r"<w:sectPr\b[^>]*?(?:/>|>.*?</w:sectPr>)", "", xml, flags=re.DOTALL)
    return xml.replace("</w:body>", f"{section}</w:body>", 1)


def _docx_relations(xml: str) -> str:
    more = "".join(
        f'<Relationship Id="rId{name.title()}" Type="{_KIND}/{name}" Target="{name}1.xml"/>'
        for name in ("header", "footer")
    )
    return xml.replace("</Relationships>", f"{more}</Relationships>", 1)


def _docx_types(xml: str) -> str:
    more = "".join(
        f'<Override PartName="/word/{name}1.xml" ContentType="{_TYPE}.{name}+xml"/>' for name in ("header", "footer")
    )
    return xml.replace("</Types>", f"{more}</Types>", 1)
