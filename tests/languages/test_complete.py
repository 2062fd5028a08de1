"""Each catalogue says in English everything that its app says in Chinese, with the same blanks, and nothing else."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from django.core.management import call_command

from foundation import texts
from foundation.texts import Key

# Periods: Chinese counts the years of the Republic, English shows the period's own code.
OTHER_BLANKS = re.compile(r"\{roc\}|\{month\} (月|日)")
BLANK = re.compile(r"%\((\w+)\)|%[sd]|(?<!\{)\{(\w+)\}(?!\})")
# Of Chinese, an English text keeps nothing, not even the punctuation.
CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff01-\uff65]")
# Fonts for Chinese set this one a full width apart, and the printed report has no other.
CURLY_APOSTROPHE = "\u2019"


def strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def blanks(text: str) -> list[str]:
    """The named blanks of a text, sorted; ``%s`` and ``%d`` count as they stand."""
    return sorted(match[1] or match[2] or match[0] for match in BLANK.finditer(text.replace("%%", "")))


def slips(message: Message) -> Iterable[str]:
    """What is wrong with one translation."""
    msgids = message.id if isinstance(message.id, tuple) else (message.id,)
    if message.fuzzy:
        yield "is marked as not sure"
    for english in strings(message):  # one for one, one for many
        if not english:
            yield "is not translated"
        if CHINESE.search(english):
            yield f"has Chinese characters or punctuation: {english}"
        if CURLY_APOSTROPHE in english:
            yield f"has a curly apostrophe: {english}"
        if english != english.strip() and not any(msgid != msgid.strip() or CHINESE.search(msgid) for msgid in msgids):
            yield f"begins or ends with a blank: {english!r}"
        if blanks(english) != blanks(msgids[-1]) and not OTHER_BLANKS.search(msgids[-1]):
            yield f"has other blanks: {english}"
        if re.search(r"\s{2,}|\s[,.;:!?]$", english.replace("  +", "")):
            yield f"has stray blanks: {english}"


@pytest.mark.parametrize("app", texts.apps())
def test_everything_is_said_in_english_and_nothing_is_left_over(app: str) -> None:
    assert [(text.key, text.files) for text in texts.missing(app)] == []
    assert texts.stale(app) == []
    catalogue = texts.catalogue(app)
    assert [key for key, text in texts.used(app).items() if catalogue[key].id != text.id] == [], (
        "one form here, two there"
    )


@pytest.mark.parametrize("app", texts.apps())
def test_each_translation_is_well_made(app: str) -> None:
    found = {key.msgid: list(slips(message)) for key, message in texts.catalogue(app).items()}
    assert {msgid: wrong for msgid, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("app", texts.apps())
def test_a_catalogue_has_each_text_once(app: str) -> None:
    entries = re.findall(r'(?:msgctxt .*\n)?msgid (?:".*"\n)+', texts.catalogue_path(app).read_text("utf-8"))
    assert len(entries) > 1
    assert sorted({entry for entry in entries if entries.count(entry) > 1}) == []


def test_a_text_is_said_in_one_way_everywhere() -> None:
    """gettext reads the words of the first app alone, whichever app asks."""
    assert texts.differing() == {}


# The tools themselves.


def test_texts_are_found_in_python_and_templates() -> None:
    python = """
from django.utils.translation import gettext as _, ngettext, pgettext
_("一") + _("二"
  "三") + ngettext("%(n)s 件", "%(n)s 件們", 2) + pgettext("weekday", "日") + _(name) + "不是"
"""
    assert list(texts.said(python)) == [
        (Key("一"), None),
        (Key("二三"), None),
        (Key("%(n)s 件"), "%(n)s 件們"),
        (Key("日", "weekday"), None),
    ]
    template = """{% load i18n %}{# 不是 #}<p title="{% translate "一" %}">{{ x|default:_("二") }}不是</p>
{% blocktranslate count n=x %}{{ n }} 件{% plural %}{{ n }} 件們{% endblocktranslate %}{% include "x" with y=_("三") %}
{% blocktranslate %}已用 {{ x }}%{% endblocktranslate %}{% translate "日" context "weekday" %}"""
    assert list(texts.said(template, template=True)) == [
        (Key("一"), None),
        (Key("二"), None),
        (Key("%(n)s 件"), "%(n)s 件們"),
        (Key("三"), None),
        (Key("已用 %(x)s%%"), None),
        (Key("日", "weekday"), None),
    ]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house of two apps, ``low`` and ``high``, that say a thing or two."""
    for app, said in {"low": '_("共同")\n_("舊")', "high": '_("共同")\nngettext("%(n)s 件", "%(n)s 件", 1)'}.items():
        (tmp_path / app / "tests").mkdir(parents=True)
        (tmp_path / app / "__init__.py").write_text(said, "utf-8")
        (tmp_path / app / "tests" / "test_it.py").write_text('_("測試")', "utf-8")
    monkeypatch.setattr(texts, "ROOT", tmp_path)
    monkeypatch.setattr(texts, "apps", lambda: ["low", "high"])
    return tmp_path


def write(app: str, *entries: str) -> None:
    path = texts.catalogue_path(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([texts.HEADER.format(app=app), *entries]), "utf-8")


def test_catalogues_follow_the_code_and_keep_what_is_translated(house: Path, capsys: Any) -> None:
    write("low", 'msgid "共同"\nmsgstr "Common"\n', '# Why so.\nmsgid "沒人說"\nmsgstr "Nobody says"\n')
    assert [text.key.msgid for text in texts.missing("low")] == ["舊"]
    assert texts.stale("low") == [Key("沒人說")]
    call_command("texts")
    report = capsys.readouterr().out
    assert "low: missing: 舊 (low/__init__.py)" in report and "low: not said any more: 沒人說" in report
    assert "high: missing: %(n)s 件" in report and report.endswith("4 to do.\n")

    call_command("texts", "--update")
    low, high = (texts.catalogue_path(app).read_text("utf-8") for app in ("low", "high"))
    assert "沒人說" not in low and '#: low/__init__.py\nmsgid "舊"\nmsgstr ""\n' in low
    # What an app before it says already is said in the same way.
    assert 'msgid "共同"\nmsgstr "Common"\n' in high
    assert '#, python-format\nmsgid "%(n)s 件"\nmsgid_plural "%(n)s 件"\nmsgstr[0] ""\nmsgstr[1] ""\n' in high
    before = low, high
    call_command("texts", "--update")
    assert before == tuple(texts.catalogue_path(app).read_text("utf-8") for app in ("low", "high"))


def test_what_is_not_sure_is_missing_and_what_differs_is_named(house: Path, capsys: Any) -> None:
    write("low", 'msgid "共同"\nmsgstr "Common"\n', '#, fuzzy\nmsgid "舊"\nmsgstr "Old"\n')
    write(
        "high", 'msgid "共同"\nmsgstr "Shared"\n', 'msgid "%(n)s 件"\nmsgid_plural "%(n)s 件"\nmsgstr[0] "%(n)s case"\n'
    )
    assert [text.key.msgid for text in texts.missing("low")] == ["舊"]
    assert texts.differing() == {Key("共同"): {"low": "Common", "high": "Shared"}}
    assert "is not translated" in slips(texts.catalogue("high")[Key("%(n)s 件")])
    call_command("texts", "high")
    assert "differs: 共同: low: Common; high: Shared" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("msgid", "english", "wrong"),
    [
        ("有 %(n)d 件", "%(n)d cases", ""),
        ("有 %(n)d 件", "%(m)d cases", "other blanks"),
        ("有 %(n)d 件", "cases", "other blanks"),
        ("還有 {n} 個字", "{n} characters left", ""),
        ("還有 {n} 個字", "characters left", "other blanks"),
        ("民國 {roc} 年", "{code}", ""),
        ("已用 %(n)s%%", "%(n)s%% used", ""),
        ("地點", "地點", "Chinese characters"),
        ("地點", "Place：", "Chinese characters"),
        ("地點", "", "not translated"),
        ("地點", "The city\u2019s place", "curly apostrophe"),
        ("地點", "Place .", "stray blanks"),
    ],
)
def test_slips_of_a_translation_are_found(msgid: str, english: str, wrong: str) -> None:
    found = list(slips(Message(msgid, english)))
    assert (found == []) is (wrong == "") and all(wrong in line for line in found)
