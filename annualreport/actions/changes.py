"""Figures that changed after a text was agreed to: whoever signs answers for each, or the section goes back.

Agreeing keeps what every number of a text came to, in running text, tables and charts. What differs since is a
`Change`; signing (``finalize``, or ``confirm`` for what is signed already) wants a reason for each, which stays in the
log of the section, and keeps the new values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from annualreport import markup
from annualreport.actions.documents import Readings, figure_of, rows_of, shifted
from annualreport.models import Section, Version
from annualreport.states import SIGNED
from figures.queries import NOTHING, Reading
from figures.registry import Period


@dataclass(frozen=True)
class Value:
    """What a number of a text comes to now: under ``key`` it is kept, ``label`` says which it is."""

    key: str
    label: str
    text: str
    unit: str = ""
    url: str = ""


@dataclass(frozen=True)
class Change:
    """A number that was another when the text was agreed to."""

    value: Value
    was: str

    @property
    def words(self) -> str:
        return _("%(label)s：核可時 %(was)s，現在 %(now)s") % {
            "label": self.value.label, "was": self.was, "now": self.value.text
        }  # fmt: skip


class Answer(NamedTuple):
    """Why somebody signs although a number changed, and which value they saw when they wrote that."""

    seen: str
    reason: str


def values_of(section: Section, version: Version) -> dict[str, str]:
    """What each number of a text comes to now, as it is kept when the text is agreed to."""
    texts = _texts(version)
    readings = Readings(section.report.of_period, texts)
    return {value.key: value.text for value in _values(section.report.of_period, texts, readings).values()}


def changes_in(sections: Iterable[Section], newest: Mapping[int, Version]) -> dict[int, list[Change]]:
    """What changed in sections of one report since they were agreed to, by their keys; only those with a change.

    The numbers in running text are fetched together, whatever the number of sections."""
    waiting = {each: _texts(newest[each.pk]) for each in sections if each.agreed and each.state in SIGNED}
    if not waiting:
        return {}
    period = next(iter(waiting)).report.of_period
    readings = Readings(period, [text for texts in waiting.values() for text in texts])
    found = {section.pk: _changes(section, _values(period, texts, readings)) for section, texts in waiting.items()}
    return {key: changes for key, changes in found.items() if changes}


def changes_of(section: Section, version: Version) -> list[Change]:
    """What changed in one section since it was agreed to."""
    return changes_in([section], {section.pk: version}).get(section.pk, [])


def answered(changes: Iterable[Change], answers: Mapping[str, Answer]) -> list[str]:
    """The changes with their reasons, as lines for the log.

    Raises ValidationError by the keys of the changes where a reason is missing, or the value is no longer the one that
    was seen.
    """
    lines, wrong = [], {}
    for change in changes:
        answer = answers.get(change.value.key)
        if answer is None or not answer.reason.strip():
            told = _("請說明為什麼仍可定稿，否則請退回修正（%(change)s）。")
        elif answer.seen != change.value.text:
            told = _("這個數字剛剛又變了，請再看一次（%(change)s）。")
        else:
            told = ""
            lines.append(_("%(change)s。原因：%(reason)s") % {"change": change.words, "reason": answer.reason.strip()})
        if told:
            wrong[change.value.key] = [told % {"change": change.words}]
    if wrong:
        raise ValidationError(wrong)
    return lines


def _texts(version: Version) -> list[markup.Parsed]:
    return [markup.parse(version.text_zh), markup.parse(version.text_en)]


def _changes(section: Section, now: Mapping[str, Value]) -> list[Change]:
    """A row of a table that has come or gone is a change from or to nothing."""
    gone = {key: Value(key, key, NOTHING) for key in section.agreed if key not in now}
    return [
        Change(value, was)
        for key, value in {**now, **gone}.items()
        if (was := section.agreed.get(key, NOTHING)) != value.text
    ]


def _values(period: Period, texts: Iterable[markup.Parsed], readings: Readings) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for parsed in texts:
        for number in markup.numbers(parsed.blocks):
            if reading := readings.get(number.code, shifted(period, number.offset)):
                _keep(found, reading)
        for display in markup.displays(parsed.blocks):
            _keep_cells(found, period, display)
    return found


def _keep(found: dict[str, Value], reading: Reading, row: str = "") -> None:
    dims = "".join(f"?{name}={member}" for name, member in sorted(reading.dims.items()))
    key = f"{reading.figure.code}@{reading.period}{dims}"
    which = _("、").join(part for part in (reading.period.label, row) if part)
    label = _("%(figure)s（%(which)s）") % {"figure": reading.figure.label, "which": which}
    found.setdefault(key, Value(key, label, reading.text, reading.unit, reading.url))


def _keep_cells(found: dict[str, Value], period: Period, display: markup.Display) -> None:
    codes = [code for code in display.codes if figure_of(code)]
    try:
        rows, total = rows_of(period, codes, display.by) if codes else ([], [])
    except LookupError:  # no such dimension: the text is refused elsewhere
        return
    for label, cells in rows:
        for reading in cells:
            _keep(found, reading, label if reading.dims else "")
    for reading in total:
        _keep(found, reading)
