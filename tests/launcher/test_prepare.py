"""Preparing: translations without the gettext tools, and what is said when something is missing."""

import argparse
import gettext
import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import prepare
from launcher.catalogues import compile_catalogues, stale_catalogues
from launcher.progress import Stop
from launcher.tenancy import ROOT

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "路面坑洞"
msgstr "Pothole"

msgctxt "case"
msgid "結案"
msgstr "Closed"

msgid "%(n)d 件"
msgid_plural "%(n)d 件"
msgstr[0] "%(n)d case"
msgstr[1] "%(n)d cases"
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "cases" / "locale" / "en" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO, "utf-8")
    return path


def test_a_catalogue_is_compiled_once_and_again_when_it_changed(catalogue: Path, tmp_path: Path) -> None:
    assert stale_catalogues(tmp_path) == [catalogue]
    assert compile_catalogues(tmp_path) == 1
    with catalogue.with_suffix(".mo").open("rb") as compiled:
        english = gettext.GNUTranslations(compiled)
    assert english.gettext("路面坑洞") == "Pothole"
    assert english.pgettext("case", "結案") == "Closed"
    assert english.ngettext("%(n)d 件", "%(n)d 件", 2) == "%(n)d cases"
    assert compile_catalogues(tmp_path) == 0
    later = catalogue.with_suffix(".mo").stat().st_mtime_ns + 1
    os.utime(catalogue, ns=(later, later))
    assert compile_catalogues(tmp_path) == 1
    assert [path.name for path in catalogue.parent.iterdir() if path.suffix not in (".po", ".mo")] == []


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('msgid "路面坑洞"\nmsgid "路燈"\nmsgstr ""\n', "missing msgstr"),
        ("這不是翻譯檔\n", "misformatted"),
        ('#, python-format\nmsgid "共 %(n)d 件"\nmsgstr "%(number)d cases"\n', "placeholder"),
    ],
)
def test_a_broken_catalogue_is_named(catalogue: Path, tmp_path: Path, broken: str, reason: str) -> None:
    catalogue.write_text(broken, "utf-8")
    with pytest.raises(Stop, match=rf"(?s)cases/locale/en.*{reason}"):
        compile_catalogues(tmp_path)
    assert not catalogue.with_suffix(".mo").exists()


def run_prepare(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "launcher.prepare", *arguments],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_database_that_does_not_answer_is_said_in_one_line_at_once() -> None:
    done = run_prepare(DATABASE_URL="postgresql://nobody@/gone?host=/nonexistent")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("The database does not answer:") and "/nonexistent" in line


def test_a_pack_that_is_not_there_is_said_with_those_that_are() -> None:
    done = run_prepare(DATABASE_URL="postgresql:///gone?host=/nonexistent", CITYHALL_PACK="atlantis")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "no city pack atlantis" in line and "kaohsiung" in line


def test_a_postgresql_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        info = argparse.Namespace(server_version=14_0012)

        def __enter__(self) -> "Old":
            return self

        def __exit__(self, *error: object) -> None:
            pass

    monkeypatch.setenv("DATABASE_URL", "postgresql:///anything")
    monkeypatch.setattr("psycopg.connect", lambda *arguments, **options: Old())
    with pytest.raises(Stop, match="PostgreSQL 14; 15 or newer"), prepare._alone():
        pass
