"""A document as HTML: one way for the web page, the PDF and the office files, which differ in a few switches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from annualreport.rules import in_order

EMPTY = mark_safe("")


@dataclass(frozen=True)
class Renderer:
    """``base`` goes before each address (on paper a link must be whole); ``bars`` draws charts, which office files get
    as tables; ``top`` is the heading of the first level; ``embed`` puts the picture of a token into the document, for
    files that must be whole by themselves."""

    base: str = ""
    embed: Callable[[str], str] | None = None
    bars: bool = True
    top: int = 1

    def sections(self, sections: Iterable[Mapping[str, Any]]) -> SafeString:
        """Sections with their headings, each of which can be linked to by its place: ``#s5.2``."""
        return mark_safe("".join(self._section(section) for section in sections))

    def _section(self, section: Mapping[str, Any]) -> SafeString:
        level = min(len(in_order(section["code"])) + self.top - 1, 6)
        return format_html(
            '<h{} id="s{}">{}</h{}>\n{}', level, section["code"], section["heading"], level,
            mark_safe("".join(self.block(block) for block in section["blocks"])),
        )  # fmt: skip

    def contents(self, sections: Iterable[Mapping[str, Any]], deepest: int = 3) -> SafeString:
        """The table of contents, down to a level; on paper each line ends in its page (report.css)."""
        lines = [section for section in sections if len(in_order(section["code"])) <= deepest]
        return format_html(
            '<ul class="report-contents">{}</ul>',
            format_html_join(
                "\n",
                '<li class="level-{}"><a href="#s{}">{}</a></li>',
                ((len(in_order(line["code"])), line["code"], line["heading"]) for line in lines),
            ),
        )

    def block(self, block: Mapping[str, Any]) -> SafeString:
        """One block of a section."""
        match block["type"]:
            case "paragraph":
                return format_html("<p>{}</p>\n", self.inlines(block["inlines"]))
            case "list":
                items = format_html_join("", "<li>{}</li>", ((self.inlines(item),) for item in block["items"]))
                return format_html("<{0}>{1}</{0}>\n", "ol" if block["numbered"] else "ul", items)
            case "table":
                return self._table(block)
            case "photo":
                return self._photo(block)
            case _:
                return self._display(block) if block["columns"] else EMPTY

    def _photo(self, block: Mapping[str, Any]) -> SafeString:
        """A photo with its caption and credit. In office files as wide as the text, whatever its pixels."""
        source = self.embed(block["token"]) if self.embed else block["url"]
        size = (
            format_html(' width="{}" height="{}" loading="lazy"', block["width"], block["height"])
            if self.bars
            else mark_safe(' width="15cm"')
        )
        credit = _("攝影或來源：%(credit)s") % {"credit": block["credit"]}
        return format_html(
            '<figure class="photo"><img src="{}" alt="{}"{}><figcaption>{} <small>{}</small></figcaption></figure>\n',
            source, block["alt"], size, block["caption"], credit,
        )  # fmt: skip

    def inlines(self, parts: Iterable[Mapping[str, Any]]) -> SafeString:
        """A stretch of running text."""
        return mark_safe("".join(self._inline(part) for part in parts))

    def _inline(self, part: Mapping[str, Any]) -> SafeString:
        match part["type"]:
            case "number":
                return self.number(part)
            case "unknown":
                return format_html(
                    '<mark class="unknown">{}</mark>', _("〔沒有「%(code)s」〕") % {"code": part["text"]}
                )
            case _:
                return format_html("{}", part["text"])

    def number(self, number: Mapping[str, Any]) -> SafeString:
        """A number that leads to where it comes from; one that somebody typed has no dots and bears a mark."""
        url, title = self.base + number["url"], _("這個數字怎麼算的")
        if not number["manual"]:
            return format_html(
                '<a class="figure" href="{}" title="{}"><span class="figure-number">{}</span></a>',
                url, title, number["text"],
            )  # fmt: skip
        return format_html(
            '<a class="figure" href="{}" title="{}">{}</a><sup class="typed-mark" title="{}">{}</sup>',
            url, title, number["text"], _("由承辦人填寫，不是系統從紀錄算出的"), "*",
        )  # fmt: skip

    def _table(self, block: Mapping[str, Any]) -> SafeString:
        head = format_html_join("", '<th scope="col">{}</th>', ((self.inlines(cell),) for cell in block["header"]))
        rows = format_html_join(
            "", "<tr>{}</tr>",
            ((format_html_join("", "<td>{}</td>", ((self.inlines(cell),) for cell in row)),) for row in block["rows"]),
        )  # fmt: skip
        columns = len(block["header"])
        widths = EMPTY if self.bars else _widths(round(100 / columns), columns=columns)
        return self._scroll(_("表格"), format_html("{}<thead><tr>{}</tr></thead><tbody>{}</tbody>", widths, head, rows))

    def _display(self, block: Mapping[str, Any]) -> SafeString:
        """A table of figures; a chart has a bar in each row, for the first of them, and so is its own table."""
        is_chart = block["shape"] == "chart" and self.bars
        most = max((Decimal(row["size"]) for row in block["rows"]), default=Decimal(0)) or Decimal(1)
        bar_head = mark_safe('<td class="bar-cell"></td>') if is_chart else EMPTY
        head = format_html(
            '<tr><th scope="col">{}</th>{}{}</tr>', block["by"], bar_head,
            format_html_join(
                "", '<th scope="col" class="number"{}>{}{}{}{}</th>',
                ((self._right, each["label"], _("（"), each["unit"], _("）")) for each in block["columns"]),
            ),
        )  # fmt: skip
        rows = format_html_join(
            "", '<tr><th scope="row" class="nowrap">{}</th>{}{}</tr>',
            (
                (row["label"], _bar(Decimal(row["size"]) / most) if is_chart else EMPTY, self._cells(row["numbers"]))
                for row in block["rows"]
            ),
        )  # fmt: skip
        foot = (
            format_html(
                '<tfoot><tr><th scope="row">{}</th>{}{}</tr></tfoot>', _("合計"), bar_head, self._cells(block["total"])
            )
            if block["total"]
            else EMPTY
        )
        widths = EMPTY if self.bars else _widths(34, columns=len(block["columns"]) + 1)
        inner = format_html(
            "<caption>{}</caption>{}<thead>{}</thead><tbody>{}</tbody>{}", block["caption"], widths, head, rows, foot
        )
        return self._scroll(block["caption"], inner)

    def _cells(self, numbers: Iterable[Mapping[str, Any]]) -> SafeString:
        cells = ((self._right, self.number(number)) for number in numbers)
        return format_html_join("", '<td class="number"{}>{}</td>', cells)

    @property
    def _right(self) -> SafeString:
        """Pandoc knows no classes; it has no policy against styles in place either, as the pages have."""
        return EMPTY if self.bars else mark_safe(' style="text-align:right"')

    def _scroll(self, label: str, inner: SafeString) -> SafeString:
        table = format_html("<table>{}</table>", inner)
        if not self.bars:
            return table
        return format_html('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>\n', label, table)


def _widths(label: int, *, columns: int) -> SafeString:
    """The widths of a table's columns for pandoc, which else leaves them to chance: ``label`` percent for the first."""
    rest = (100 - label) / max(columns - 1, 1)
    widths = ((label,), *(((rest,),) * (columns - 1)))
    return format_html("<colgroup>{}</colgroup>", format_html_join("", '<col width="{}%">', widths))


def _bar(share: Decimal) -> SafeString:
    return format_html(
        '<td class="bar-cell"><svg class="bar" width="120" height="8" viewBox="0 0 120 8" preserveAspectRatio="none"'
        ' aria-hidden="true"><rect width="{}" height="8" rx="2" fill="#2b7696"/></svg></td>',
        f"{max(float(share), 0) * 120:.1f}",
    )
