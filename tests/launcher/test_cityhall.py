"""The shell script ./cityhall: which Python it takes, when it installs, and what it hands on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import bootstrap
from launcher.tenancy import ROOT

STUB_BOOTSTRAP = """
import pathlib, subprocess, sys
root = pathlib.Path(__file__).resolve().parent.parent
print("bootstrap", sys.argv[1])
(root / ".venv/bin").mkdir(parents=True)
(root / ".venv/bin/python").symlink_to(sys.executable)
lock = (root / "requirements" / f"{sys.argv[1]}.txt").open("rb")
done = subprocess.run(["cksum"], stdin=lock, capture_output=True, text=True)
(root / ".venv/cityhall.stamp").write_text(f"{sys.argv[1]} {done.stdout.strip()}\\n")
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with a launcher that only says what it was given, and no packages to install."""
    folder = tmp_path / "a clone with a blank"
    (folder / "launcher").mkdir(parents=True)
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "cityhall", folder)
    (folder / "launcher" / "bootstrap.py").write_text(STUB_BOOTSTRAP)
    (folder / "launcher" / "__init__.py").touch()
    (folder / "launcher" / "__main__.py").write_text("import sys; print('launcher', sys.argv[1:])")
    for kind in ("base", "dev", "uv"):
        (folder / "requirements" / f"{kind}.txt").write_text(f"# {kind}\n")
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH of its own with cksum and the like, and no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("cksum", "dirname", "sh"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    path.chmod(0o755)


def cityhall(clone: Path, tools: Path, *arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": str(tools), "HOME": str(tools.parent / "home"), "CITYHALL_VAR": str(tools.parent / "var")}
    return subprocess.run(
        [clone / "cityhall", *arguments], env=environment, cwd=cwd or clone, capture_output=True, text=True, check=False
    )


def test_a_broken_shim_is_passed_over_and_the_second_run_installs_nothing(clone: Path, tools: Path) -> None:
    program(tools / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    program(tools / "python3", f'exec {sys.executable} "$@"')
    first = cityhall(clone, tools, "demo", "--port", "8000")
    assert first.stdout.splitlines() == ["bootstrap base", "launcher ['demo', '--port', '8000']"], first.stderr
    second = cityhall(clone, tools, "serve")
    assert second.stdout == "launcher ['serve']\n"


def test_pythons_of_pyenv_are_found(clone: Path, tools: Path) -> None:
    home = tools.parent / "home" / ".pyenv" / "versions"
    program(home / "3.12.1" / "bin" / "python3", "exit 1")
    program(home / "3.13.0" / "bin" / "python3", f'exec {sys.executable} "$@"')
    assert "bootstrap base" in cityhall(clone, tools, "demo").stdout


def test_without_a_python_uv_is_asked_for_one(clone: Path, tools: Path) -> None:
    program(tools / "uv", f'case "$2" in install) echo fetching >&2 ;; find) echo {sys.executable} ;; esac')
    done = cityhall(clone, tools, "demo")
    assert "fetching" in done.stderr
    assert "launcher ['demo']" in done.stdout


def test_without_any_of_it_one_line_says_what_to_do(clone: Path, tools: Path) -> None:
    done = cityhall(clone, tools, "demo")
    assert done.returncode == 1
    assert "No Python 3.12 or newer" in done.stderr and "apt-get install" in done.stderr
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("verb", "kind"), [("demo", "base"), ("--help", "base"), ("test", "dev"), ("check", "dev"), ("lock", "dev")]
)
def test_tests_and_checks_get_the_packages_for_developers(clone: Path, tools: Path, verb: str, kind: str) -> None:
    program(tools / "python3", f'exec {sys.executable} "$@"')
    assert cityhall(clone, tools, verb).stdout.startswith(f"bootstrap {kind}\n")


@pytest.mark.parametrize("change", ["lock", "interrupted", "python gone"])
def test_it_installs_again_when_something_changed(clone: Path, tools: Path, change: str) -> None:
    program(tools / "python3", f'exec {sys.executable} "$@"')
    cityhall(clone, tools, "demo")
    (clone / "launcher" / "bootstrap.py").write_text("print('bootstrap again')")
    assert "again" not in cityhall(clone, tools, "demo").stdout
    if change == "lock":
        (clone / "requirements" / "base.txt").write_text("# another\n")
    elif change == "interrupted":
        (clone / ".venv" / "cityhall.unfinished").touch()
    else:
        (clone / ".venv" / "bin" / "python").unlink()
        (clone / ".venv" / "bin" / "python").symlink_to("/gone/python")
    assert "bootstrap again" in cityhall(clone, tools, "demo").stdout


def test_modules_in_the_folder_that_one_happens_to_be_in_are_not_imported(clone: Path, tools: Path) -> None:
    program(tools / "python3", f'exec {sys.executable} "$@"')
    elsewhere = tools.parent / "elsewhere"
    (elsewhere / "launcher").mkdir(parents=True)
    (elsewhere / "launcher" / "__init__.py").write_text("raise SystemExit('the wrong launcher')")
    done = cityhall(clone, tools, "demo", cwd=elsewhere)
    assert "launcher ['demo']" in done.stdout, done.stderr


def test_the_stamp_of_the_installer_is_the_one_that_the_script_looks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "STAMP": tmp_path / "cityhall.stamp",
        "UNFINISHED": tmp_path / "cityhall.unfinished",
        "PYTHON": Path(sys.executable),
    }.items():
        monkeypatch.setattr(bootstrap, name, value)
    assert not bootstrap.stamped("base")
    bootstrap.write_stamp("base")
    assert bootstrap.stamped("base") and not bootstrap.stamped("dev")
    bootstrap.write_stamp("dev")
    assert bootstrap.stamped("base") and bootstrap.stamped("dev")
    lock = (ROOT / "requirements" / "dev.txt").open("rb")
    script = subprocess.run(["cksum"], stdin=lock, capture_output=True, text=True, check=True).stdout.strip()
    lock.close()
    assert f"dev {script}" in (tmp_path / "cityhall.stamp").read_text().splitlines()
    (tmp_path / "cityhall.unfinished").touch()
    assert not bootstrap.stamped("base")


def test_the_locks_name_hashes_and_no_address() -> None:
    for kind in ("base", "dev", "uv"):
        text = (ROOT / "requirements" / f"{kind}.txt").read_text()
        assert "://" not in text
        packages = [block for block in text.replace("\\\n", "").splitlines() if block and not block.startswith("#")]
        assert packages and all("--hash=sha256:" in block for block in packages)


def test_the_locks_agree_with_each_other() -> None:
    def pins(kind: str) -> dict[str, str]:
        lines = (ROOT / "requirements" / f"{kind}.txt").read_text().splitlines()
        return {line.split("==")[0]: line.split(" \\")[0] for line in lines if "==" in line}

    base, dev, uv = pins("base"), pins("dev"), pins("uv")
    assert {name: dev.get(name) for name in base} == base
    assert {name: dev.get(name) for name in uv} == uv


def test_help_names_every_verb_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "launcher", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    verbs = "demo serve work test check import export figures report bench db shell manage".split()
    lines = [line.split() for line in done.stdout.splitlines()]
    for verb in verbs:
        assert sum(1 for line in lines if line and line[0] == verb and len(line) > 2) == 1, verb


def test_ci_runs_what_a_developer_runs() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert "./cityhall test" in text
    assert os.access(ROOT / ".ci" / "run", os.X_OK) and os.access(ROOT / "cityhall", os.X_OK)
