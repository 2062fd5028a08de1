"""What stands between a report and its signature: figures missing, typed, changed, sums that do not add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annualreport import markup
from annualreport.actions.changes import changes_in
from annualreport.actions.documents import Part, document, figure_of, parts_of, parts_of_kind
from annualreport.markup import Text, stretches
from annualreport.models import Report, Version
from annualreport.registry import Kind
from annualreport.rules import typed_numbers
from figures import queries
from figures.registry import MONTH, YEAR, Count, Counted, Derived, Period, registry
from figures.shares import shares_of

# What a check may find, the worst first.
SORTS: dict[str, str | Promise] = {
    "unreadable": gettext_lazy("看不懂的標記"),
    "sums": gettext_lazy("加總不符"),
    "changed": gettext_lazy("核可後變動的數字"),
    "missing": gettext_lazy("沒有數值"),
    "typed": gettext_lazy("手打的數字"),
    "corrected": gettext_lazy("結帳後更正"),
    "unfrozen": gettext_lazy("尚未結帳"),
    "manual": gettext_lazy("人工填報的數字"),
}
STOPS = frozenset({"unreadable", "sums", "changed"})  # what nobody should sign over


@dataclass(frozen=True)
class Finding:
    """One thing that a check found: of which sort, where (a section's place, or a figure), and in words."""

    sort: str
    where: str
    text: str


def findings(report: Report) -> list[Finding]:
    """All that a check of a report finds, by sort, in the order of the tree."""
    found = of_parts(report.kind, report.of_period, parts_of(report))
    newest = {version.section_id: version for version in Version.objects.newest_of(report)}
    sections = sorted(report.sections.for_list(), key=lambda each: each.place)
    changes = changes_in(sections, newest)
    for section in sections:
        found += [Finding("changed", section.code, change.words) for change in changes.get(section.pk, [])]
    return sorted(found, key=lambda finding: list(SORTS).index(finding.sort))


def findings_of_kind(kind: Kind, period: Period) -> list[Finding]:
    """The same for a report that nobody has begun, with the pack's texts."""
    found = of_parts(kind, period, parts_of_kind(kind))
    return sorted(found, key=lambda finding: list(SORTS).index(finding.sort))


def of_parts(kind: Kind, period: Period, parts: list[Part]) -> list[Finding]:
    """What is to be found in texts and figures alone, whoever agreed to them."""
    made = document(kind, period, parts)
    found = [
        Finding("unreadable", problem["section"], line)
        for problem, line in zip(made["problems"], in_words(made["problems"]), strict=True)
    ]
    for part in parts:
        found += [Finding("typed", part.code, line) for line in typed_in(part.text)]
    for figure in made["figures"]:
        where = f"{figure['code']} {figure['period']}"
        if figure["value"] is None:
            found.append(Finding("missing", where, figure["label"]))
        if figure["manual"]:
            found.append(Finding("manual", where, f"{figure['label']} {figure['text']}"))
        elif not figure["frozen"] and figure["value"] is not None and _closes(figure["code"]):
            found.append(Finding("unfrozen", where, f"{figure['label']} {figure['text']}"))
        if figure["now"]:
            text = _("%(label)s：公布 %(was)s，紀錄現在為 %(now)s")
            found.append(
                Finding(
                    "corrected", where, text % {"label": figure["label"], "was": figure["text"], "now": figure["now"]}
                )
            )
    named = {figure["code"] for figure in made["figures"] if figure["period"] == period.code}
    return found + list(sums(sorted(named), period))


def _closes(code: str) -> bool:
    """Whether a figure is one that closing a period fixes: counted from records, or computed from such."""
    return isinstance(figure_of(code), (Counted, Derived))


def sums(codes: Sequence[str], period: Period) -> Iterator[Finding]:
    """The shares that do not make their whole, and the counts of a year whose months do not add up to it."""
    named = [each for each in registry.share_sets() if set(each.parts) & set(codes)]
    for shares in shares_of(named, period):
        if not shares.adds_up:
            text = _("%(label)s：各部分合計 %(sum)s，應為 %(whole)s")
            words = {"label": shares.share_set.label, "sum": f"{shares.sum:,}", "whole": shares.whole}
            yield Finding("sums", f"{shares.share_set.code} {period}", text % words)
    for code in codes if period.grain == YEAR else ():
        figure = figure_of(code)
        if not isinstance(figure, Count) or MONTH not in registry.grains_of(figure):
            continue
        whole = queries.value(code, period).value or Decimal(0)
        months = sum((reading.value or Decimal(0) for reading in queries.series(code, period.months)), Decimal(0))
        if whole != months:
            text = _("%(label)s：各月合計 %(months)s，全年 %(whole)s")
            words = {"label": figure.label, "months": f"{months:,}", "whole": f"{whole:,}"}
            yield Finding("sums", f"{code} {period}", text % words)


def in_words(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    """The problems of a document, each with its line."""
    words = {
        "unknown": _("第 %(line)d 行：沒有「%(text)s」這個統計項目。"),
        "no_period": _("第 %(line)d 行：「%(text)s」沒有這種期間的數值。"),
        "no_dimension": _("第 %(line)d 行：不能依「%(text)s」分列。"),
        "no_photo": _("第 %(line)d 行：這一節沒有照片叫「%(text)s」。"),
        markup.BARE_BRACE: _("第 %(line)d 行：大括號「%(text)s」沒有成對；要印出大括號請寫兩個。"),
        markup.UNREADABLE: _("第 %(line)d 行：「%(text)s」看不懂。"),
    }
    return [words[problem["what"]] % {"line": problem["line"], "text": problem["text"]} for problem in problems]


def typed_in(text: str) -> list[str]:
    """The numbers typed by hand into a text, each with the line on which its block begins."""
    found = []
    for block in markup.parse(text).blocks:
        for inlines in stretches(block):
            for part in inlines:
                if isinstance(part, Text):
                    found += [
                        _("第 %(line)d 行：「%(number)s」是手打的數字，有統計項目時請改用名稱帶入。")
                        % {"line": block.line, "number": number}
                        for number in typed_numbers(part.text)
                    ]
    return found


def by_sort(found: Iterable[Finding]) -> list[tuple[str, str, list[Finding]]]:
    """Findings in groups, the worst first: code, words, findings."""
    groups: dict[str, list[Finding]] = {}
    for finding in found:
        groups.setdefault(finding.sort, []).append(finding)
    return [(sort, str(SORTS[sort]), groups[sort]) for sort in SORTS if sort in groups]


@dataclass(frozen=True)
class Comparison:
    """A line of another's figures beside ours. ``verdict``: same, differs, manual (typed here: told apart, whether it
    is the same or not), no_desk (not declared here), empty (theirs has no value)."""

    code: str
    theirs: str
    ours: str
    verdict: str

    @property
    def fails(self) -> bool:
        """Whether a figure that this city counts itself is not the one given."""
        return self.verdict == "differs"


def compare(rows: Iterable[Mapping[str, str]], period: Period) -> list[Comparison]:
    """Compare lines of ``figure`` and a value (the first column that begins with ``value``) with the figures of a
    period. Raises ValueError for a file without these columns."""
    listed = list(rows)
    column = next((name for name in (listed[0] if listed else {}) if name.startswith("value")), None)
    if column is None or "figure" not in listed[0]:
        raise ValueError(_("檔案要有 figure 與 value 開頭的欄位。"))
    codes = [row["figure"] for row in listed if (found := figure_of(row["figure"]))
             and period.grain in registry.grains_of(found)]  # fmt: skip
    readings = queries.values(codes, period)
    return [_compared(row["figure"], row[column].strip(), readings.get(row["figure"])) for row in listed]


def _compared(code: str, theirs: str, reading: queries.Reading | None) -> Comparison:
    if reading is None:
        return Comparison(code, theirs, "", "no_desk")
    ours = "" if reading.value is None else str(reading.value)
    try:
        same = bool(theirs) and reading.value is not None and Decimal(theirs.replace(",", "")) == reading.value
    except InvalidOperation:
        same = False
    if not theirs:
        return Comparison(code, theirs, ours, "empty")
    if reading.is_manual:
        return Comparison(code, theirs, ours, "manual")
    return Comparison(code, theirs, ours, "same" if same else "differs")
