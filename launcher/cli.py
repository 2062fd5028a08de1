"""The verbs of `./cityhall`, one line each in --help."""

import argparse
import os
from collections.abc import Callable, Sequence

from launcher.installation import Installation
from launcher.progress import Stop, say

# Verbs that are Django commands: `./cityhall VERB ...` is `manage.py COMMAND ...` with the database running.
COMMANDS = {
    "import": ("cityimport", "bring in records: import NAME FILE [--dry-run]"),
    "export": ("cityexport", "write records as CSV in the columns of the import: export NAME"),
    "figures": ("figures", "rebuild, freeze or show the figures: figures rebuild|freeze|show"),
    "report": ("report", "the city's reports: report build|check|compare"),
    "bench": ("bench", "measure the speed on this machine, as ratios"),
    "model": ("model", "the models that suggest: model train|evaluate FILE|show"),
    "shell": ("shell", "a Python shell with the models at hand"),
    "manage": ("", "any other Django command: manage COMMAND ..."),
}
EPILOGUE = """\
DATABASE_URL   a PostgreSQL 15 or newer to use instead of the embedded one
CITYHALL_VAR   the folder for everything that is not code (default: var/)
CITYHALL_PACK  the city pack, a folder of packs/ (default: kaohsiung)
More in docs/operators.md."""


def parser() -> argparse.ArgumentParser:
    """The command line. tests/launcher and docs/reference.md read it too."""
    root = argparse.ArgumentParser(
        prog="./cityhall", epilog=EPILOGUE, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    verbs = root.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, words: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=words, description=words, allow_abbrev=False)

    demo = verb("demo", "a city hall with a year of demo data, ready to be tried")
    _serving(demo)
    demo.add_argument("--scale", type=_scale, default=0.01, help="size of the demo, 1 is a city's year (default: 0.01)")
    demo.add_argument("--year", type=int, default=111, help="year of the demo in the ROC calendar (default: 111)")
    demo.add_argument("--empty", action="store_true", help="city pack and accounts alone, no demo records")
    demo.add_argument("--no-serve", dest="serve", action="store_false", help="load, then end")
    demo.add_argument("--pack", default="", help="the city pack (default: CITYHALL_PACK, else kaohsiung)")

    _serving(verb("serve", "the web server"))
    work = verb("work", "a job worker")
    work.add_argument("--concurrency", type=int, help="jobs at the same time (default: as in the settings)")
    simulate = verb("simulate", "an outside system on loopback, for development: simulate fido")
    simulate.add_argument("what", choices=["fido"])
    simulate.add_argument("--port", type=int, default=8010, help="default: 8010")
    test = verb("test", "everything that CI runs: checks, then all tests")
    test.add_argument(
        "pytest", nargs=argparse.REMAINDER, help="paths or options for pytest; then the checks are left out"
    )
    check = verb("check", "the checks and the tests that need neither browser nor database")
    check.add_argument("--fix", action="store_true", help="mend what can be mended by a program")
    for name in ("import", "export", "figures", "report", "bench", "model"):
        verb(name, COMMANDS[name][1])
    database = verb("db", "the embedded database: start, stop, status, url, psql, dump")
    database.add_argument("what", choices=["start", "stop", "status", "url", "psql", "dump"])
    database.add_argument("rest", nargs=argparse.REMAINDER, help="arguments for psql, or the file for dump")
    for name in ("shell", "manage"):
        verb(name, COMMANDS[name][1])
    verb("lock", "write requirements/*.txt anew from requirements/*.in")
    return root


def _serving(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--port", type=int, default=8000, help="default: 8000")
    verb.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1); see CITYHALL_HOSTS"
    )
    verb.add_argument("--workers", type=int, default=2, help="web processes (default: 2)")


def _scale(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("above 0, at most 1")
    return value


def main(arguments: Sequence[str]) -> int:
    """Carry out one verb; the exit status."""
    try:
        if arguments and arguments[0] in COMMANDS:
            return _command(arguments[0], list(arguments[1:]))
        options = parser().parse_args(arguments)
        return _verbs()[options.verb](options)
    except Stop as reason:
        if str(reason):
            say(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130


def _verbs() -> dict[str, Callable[[argparse.Namespace], int]]:
    """Imported when called for: a verb should not wait for another one's modules."""
    from launcher import database, locking, serving, testing

    return {
        "demo": serving.demo,
        "serve": serving.serve,
        "work": serving.work,
        "simulate": serving.simulate,
        "test": testing.test,
        "check": testing.check,
        "db": database.db,
        "lock": locking.lock,
    }


def _command(verb: str, arguments: list[str]) -> int:
    installation = Installation()
    command = [COMMANDS[verb][0], *arguments] if COMMANDS[verb][0] else arguments
    if {"-h", "--help"} & set(arguments):
        return installation.manage(command, dict(os.environ))
    with installation.database() as url:
        environment = installation.environment(url)
        # The verb may be the first one on an empty folder: the schema has to be there. `manage` may be what makes it.
        if verb != "manage":
            status = installation.python(["-m", "launcher.prepare", "--pack"], environment)
            if status != 0:
                return status
        return installation.manage(command, environment)
