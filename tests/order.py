"""In which order files are run, and which of them took longest."""

from collections import defaultdict

import pytest

SHOWN = 15  # files
WORTH_SHOWING = 120  # seconds of all tests together


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, then those with a browser, so that no long one is left for the end.

    After pytest-django, which puts tests that commit last; here they leave nothing behind (tests/database.py).
    """
    rank: dict[str, int] = defaultdict(lambda: 2)
    for item in items:
        own = 0 if item.get_closest_marker("slow") else 1 if item.get_closest_marker("browser") else 2
        rank[file_of(item.nodeid)] = min(rank[file_of(item.nodeid)], own)
    items.sort(key=lambda item: (rank[file_of(item.nodeid)], file_of(item.nodeid)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The files that took longest, after a run that took long; seconds of setup, call and teardown on the clock."""
    seconds: dict[str, float] = defaultdict(float)
    tests: dict[str, set[str]] = defaultdict(set)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[file_of(report.nodeid)] += report.duration
                tests[file_of(report.nodeid)].add(report.nodeid)
    whole = sum(seconds.values())
    if whole < WORTH_SHOWING or len(seconds) < SHOWN:
        return
    terminalreporter.write_sep("=", f"the slowest {SHOWN} of {len(seconds)} files")
    for file in sorted(seconds, key=seconds.__getitem__, reverse=True)[:SHOWN]:
        line = f"{seconds[file]:7.1f} s {seconds[file] / whole:5.1%} {len(tests[file]):4} tests  {file}"
        terminalreporter.write_line(line)


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]
