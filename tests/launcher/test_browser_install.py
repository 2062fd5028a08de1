"""`./cityhall test` sees to a browser and an office, or says in one line how to get them."""

import os
import shutil
from pathlib import Path

import pytest

from launcher.progress import Stop
from launcher.testing import ensure_browser, ensure_office

APT = """#!{shell}
echo "$@" >> {log}
case "$1" in install) {install} ;; esac
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own, without any browser."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(path: Path, text: str = "#!/bin/sh\n") -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_a_browser_that_is_there_is_enough(path: Path) -> None:
    program(path / "google-chrome-stable")
    ensure_browser()


def test_root_on_debian_installs_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    chromium, log = path / "chromium", path / "log"
    install = f"printf '#!/bin/sh\\n' > {chromium}; /bin/chmod 755 {chromium}"
    program(path / "apt-get", APT.format(shell="/bin/sh", log=log, install=install))
    ensure_browser()
    update, installed = log.read_text().splitlines()
    assert update.startswith("update")
    assert installed.startswith("install -y") and " chromium " in f"{installed} "
    assert shutil.which("chromium")


def test_an_installation_that_fails_says_why(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    failing = "echo 'Unable to locate package chromium' >&2; exit 100"
    program(path / "apt-get", APT.format(shell="/bin/sh", log=path / "log", install=failing))
    with pytest.raises(Stop, match="Unable to locate package chromium"):
        ensure_browser()


@pytest.mark.parametrize(("uid", "apt"), [(1000, True), (0, False)])
def test_others_are_told_how(path: Path, monkeypatch: pytest.MonkeyPatch, uid: int, apt: bool) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    if apt:
        program(path / "apt-get")
    with pytest.raises(Stop, match="apt-get install chromium") as told:
        ensure_browser()
    assert "\n" not in str(told.value)


def test_an_office_is_installed_where_it_can_be_and_nobody_is_stopped_without_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_office()
    assert "sudo apt-get install libreoffice-writer-nogui" in capsys.readouterr().err
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    failing = "echo 'no room on the disk' >&2; exit 100"
    program(path / "apt-get", APT.format(shell="/bin/sh", log=path / "log", install=failing))
    ensure_office()
    assert "no room on the disk" in capsys.readouterr().err
    install = f"printf '#!/bin/sh\\n' > {path / 'soffice'}; /bin/chmod 755 {path / 'soffice'}"
    program(path / "apt-get", APT.format(shell="/bin/sh", log=path / "log", install=install))
    ensure_office()
    asked = (path / "log").read_text()
    ensure_office()
    assert shutil.which("soffice") and (path / "log").read_text() == asked
