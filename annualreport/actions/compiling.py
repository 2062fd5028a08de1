"""Compiling a report: it is opened, its sections are assigned, written, sent back, agreed and made final."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from annualreport import markup
from annualreport.actions.changes import Answer, answered, changes_of, values_of
from annualreport.actions.documents import figure_of
from annualreport.actions.telling import tell
from annualreport.models import Event, Photo, Report, Section, Version
from annualreport.permissions import may
from annualreport.registry import Kind, Node
from annualreport.rules import due_on, in_order
from annualreport.states import LIFE, OPEN, SIGNING
from cases.states import STAY
from figures.registry import Period, registry
from foundation.clock import today
from organisation import directory
from organisation.models import Unit


class Conflict(Exception):
    """Somebody else was quicker; the message says who. What was typed is the page's to keep."""


@transaction.atomic
def open_report(actor: Any, kind: Kind, period: Period) -> Report:
    """Begin a report: a section for each place of the pack's outline, with its first text, its unit and its due date.

    Raises ValidationError where the period has not begun or its report is there already.
    """
    if period.grain != kind.grain or not period.has_begun:
        raise ValidationError({"period": _("「期間」要是已經開始的年度或月份。")})
    report, is_new = Report.objects.get_or_create(
        kind_code=kind.code, period=period.code, defaults={"opened_by": actor}
    )
    if not is_new:
        raise ValidationError({"period": _("這份報告已經開始彙編。")})
    now = today()
    due = due_on(period.end, kind.due_days, now)
    sections = Section.objects.bulk_create(_section(report, node, now, due) for node in kind.nodes)
    texts = {node.code: (node.text_zh, node.text_en) for node in kind.nodes}
    Version.objects.bulk_create(
        Version(section=each, number=1, text_zh=texts[each.code][0], text_en=texts[each.code][1]) for each in sections
    )
    Event.objects.bulk_create(Event(section=each, verb="open", by=actor, to_state=each.state) for each in sections)
    return report


def _section(report: Report, node: Node, now: date, due: date) -> Section:
    """A section as it begins. One that the pack gives no words is a heading: nobody has to write it."""
    is_heading = not node.text_zh
    return Section(
        report=report, code=node.code, title_zh=node.title_zh, title_en=node.title_en, unit=directory.unit(node.unit),
        assigned_on=now, due_on=due, state="final" if is_heading else LIFE.initial, done_on=now if is_heading else None,
    )  # fmt: skip


def _locked(pk: int) -> Section:
    return Section.objects.select_for_update(of=("self",)).for_list().get(pk=pk)


def newest(section: Section) -> Version:
    """The text as it stands."""
    return Version.objects.of(section)[:1].get()


@transaction.atomic
def write(actor: Any, pk: int, seen: int, text_zh: str, text_en: str) -> Version:
    """Keep a new version of a section's text; the same words again are none.

    ``seen`` is the number of the version that the writer began from: if there is a newer one, Conflict. A text that was
    agreed or sent for agreement becomes a draft again. Raises PermissionDenied, or Conflict for a final section.
    """
    section = _locked(pk)
    _check(actor, section, "write")
    last = newest(section)
    text_zh, text_en = (_plain(text) for text in (text_zh, text_en))
    if (text_zh, text_en) == (last.text_zh, last.text_en):
        return last
    if seen != last.number:
        who = last.by.name if last.by else _("系統")
        raise Conflict(_("%(who)s剛剛存了第 %(number)d 版。請對照下面的差異；您寫的內容還在。")
                       % {"who": who, "number": last.number})  # fmt: skip
    version = Version.objects.create(
        section=section, number=last.number + 1, text_zh=text_zh, text_en=text_en, by=actor
    )
    before = section.state
    if before not in OPEN:
        section.state, section.done_on, section.agreed = "assigned", None, {}
    section.version += 1
    section.save()
    _note(section, "write", actor, before)
    return version


def _plain(text: str) -> str:
    """With the line ends of a form made one, and no blanks at the end."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def _check(actor: Any, section: Section, verb: str, version: int | None = None) -> None:
    transition = LIFE.transition(verb, section.state)
    if not may(actor, section, LIFE.transitions[verb].permission):
        raise PermissionDenied(LIFE.transitions[verb].permission)
    if transition is None or (version is not None and version != section.version):
        raise Conflict(
            _("「%(section)s」目前的狀態是「%(state)s」，剛剛有人動過。請看過最新內容再處理；您填寫的內容仍在下方。")
            % {"section": section, "state": section.now_in.label}
        )


def _note(section: Section, verb: str, actor: Any, before: str, text: str = "") -> None:
    Event.objects.create(section=section, verb=verb, by=actor, from_state=before, to_state=section.state, text=text)


@transaction.atomic
def perform(
    actor: Any,
    pk: int,
    verb: str,
    version: int | None = None,
    text: str = "",
    answers: Mapping[str, Answer] | None = None,
) -> Section:
    """Carry out a verb of `annualreport.states` but ``write`` and ``assign``, which have their own.

    Agreeing keeps the values of the figures as they are now; signing wants an answer to each that is another by then
    (`annualreport.actions.changes`). Raises Conflict, PermissionDenied, or ValidationError: nobody agrees to what they
    wrote themselves, and a text that names an unknown figure cannot go on.
    """
    section = _locked(pk)
    _check(actor, section, verb, version)
    transition = LIFE.transitions[verb]
    if transition.inputs and not text.strip():
        raise ValidationError({"text": _("請填寫「%(label)s」。") % {"label": transition.inputs[0].label}})
    before, last = section.state, newest(section)
    if verb in ("submit", "agree", "finalize") and (problems := unreadable(last)):
        raise ValidationError({"text": problems})
    if verb == "agree":
        if last.by_id and last.by_id == getattr(actor, "pk", None):
            raise ValidationError({"text": _("自己寫的內容要由別人核可。")})
        section.agreed = values_of(section, last)
    if verb in SIGNING and (changes := changes_of(section, last)):
        for line in answered(changes, answers or {}):
            _note(section, "confirm", actor, before, line)
        section.agreed = values_of(section, last)
    elif verb == "confirm":
        raise ValidationError({"text": _("沒有變動的數字要確認。")})
    if transition.target != STAY:
        section.state = transition.target
        section.done_on = None if section.state in OPEN else section.done_on or today()
    if verb != "comment":
        section.version += 1
        section.save()
    if verb != "confirm":
        _note(section, verb, actor, before, text.strip())
    if verb in ("return", "reopen"):
        tell(section, "returned", text.strip())
    return section


def unreadable(version: Version) -> list[str]:
    """What a text names that there is not, in sentences with the line; empty if nothing."""
    found = []
    grain = version.section.report.of_period.grain
    photos = {photo.name for photo in Photo.objects.of(version.section)}
    for text in (version.text_zh, version.text_en):
        parsed = markup.parse(text)
        found += [
            _("第 %(line)d 行：「%(text)s」看不懂。") % {"line": problem.line, "text": problem.text}
            for problem in parsed.problems
        ]
        for block in parsed.blocks:
            named = [part.code for part in markup.numbers([block])] + [
                code for display in markup.displays([block]) for code in display.codes
            ]
            found += [
                _("第 %(line)d 行：沒有「%(code)s」這個統計項目。") % {"line": block.line, "code": code}
                for code in named
                if figure_of(code) is None
            ]
            found += [
                _("第 %(line)d 行：「%(text)s」沒有這種期間的數值。") % {"line": block.line, "text": part.code}
                for part in markup.numbers([block])
                if (figure := figure_of(part.code)) and grain not in registry.grains_of(figure)
            ]
            if isinstance(block, markup.Photo) and block.name not in photos:
                told = _("第 %(line)d 行：這一節沒有照片叫「%(text)s」。")
                found.append(told % {"line": block.line, "text": block.name})
            found += [
                _("第 %(line)d 行：不能依「%(by)s」分列。") % {"line": each.line, "by": each.by}
                for each in markup.displays([block])
                if not _divides(each)
            ]
    return list(dict.fromkeys(found))


def _divides(display: markup.Display) -> bool:
    """Whether the figures of a table can be broken down as it asks."""
    figures = [figure for code in display.codes if (figure := figure_of(code))]
    if display.by == "month":
        return all("month" in registry.grains_of(figure) for figure in figures)
    return all(display.by in {each.code for each in registry.dimensions_of(figure)} for figure in figures)


@transaction.atomic
def assign(
    actor: Any, pk: int, version: int, *, unit: Unit, author: int | None, due: date, title_zh: str, title_en: str
) -> Section:
    """Say who writes a section by when, and what it is called; an author who is new to it hears of it.

    ``author`` is the key of somebody who answers for the unit.

    Raises Conflict, PermissionDenied, or ValidationError for somebody else or a day before the assignment.
    """
    section = _locked(pk)
    _check(actor, section, "assign", version)
    if due < section.assigned_on:
        raise ValidationError({"due_on": _("「期限」早於指派日。")})
    names = dict(directory.officers_of([unit.pk]))
    if author is not None and author not in names:
        raise ValidationError({"author": _("「撰稿人」要是撰寫單位的人員。")})
    is_new = author is not None and author != section.author_id
    section.unit, section.author_id, section.due_on = unit, author, due
    section.title_zh, section.title_en = title_zh, title_en
    section.reminded_on = None
    section.version += 1
    section.save()
    _note(section, "assign", actor, section.state, f"{unit} {names[author] if author else ''}".strip())
    if is_new:
        tell(section, "assigned")
    return section


@transaction.atomic
def add_section(actor: Any, report: Report, parent: str, *, title_zh: str, title_en: str, unit: Unit) -> Section:
    """Add a section below a place of the tree (empty: a chapter), after those that are there.

    Raises ValidationError for a place that there is none of. Needs ``city:annualreport:compile``, which its door asks.
    """
    places = set(report.sections.values_list("code", flat=True))
    if parent and parent not in places:
        raise ValidationError({"parent": _("沒有「%(code)s」這一節。") % {"code": parent}})
    beside = [in_order(code)[-1] for code in places if code.rpartition(".")[0] == parent]
    number = max(beside, default=0) + 1
    if number > 99:
        raise ValidationError({"parent": _("這一層的節數已滿。")})
    now = today()
    due = max(report.sections.order_by("-due_on").values_list("due_on", flat=True)[0], now)
    section = Section.objects.create(
        report=report, code=f"{parent}.{number}".lstrip("."), title_zh=title_zh, title_en=title_en, unit=unit,
        assigned_on=now, due_on=due,
    )  # fmt: skip
    Version.objects.create(section=section, number=1, by=actor)
    _note(section, "open", actor, "")
    return section
