"""pgbench, from the embedded server's own programs: what the database does when nothing but the SQL is left."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from launcher.binaries import binaries

# Two inserts a transaction, as a yardstick of the machine: most of it is the flush to disk at the commit.
YARDSTICK = """\
BEGIN;
INSERT INTO bench_yardstick (words) VALUES ('a report') RETURNING id \\gset
INSERT INTO bench_yardstick_event (yardstick_id, words) VALUES (:id, 'filed');
COMMIT;
"""
TABLES = """
CREATE TABLE IF NOT EXISTS bench_yardstick (id bigserial PRIMARY KEY, words text);
CREATE TABLE IF NOT EXISTS bench_yardstick_event (id bigserial PRIMARY KEY, yardstick_id bigint REFERENCES
    bench_yardstick, words text);
"""


def run(url: str, script: str, clients: int, seconds: float) -> float:
    """Transactions a second of a script, in pgbench's language. Raises RuntimeError with its words if one fails."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script)
        command = [binaries().program("pgbench"), "--no-vacuum", f"--file={file}", f"--client={clients}", "--jobs=2"]
        command += [f"--time={max(1, round(seconds))}", "--protocol=simple", url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if done.returncode != 0 or not found or (failed and int(failed[1])):
        raise RuntimeError(f"pgbench: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    return float(found[1])
