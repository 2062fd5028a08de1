"""`./cityhall lock`: requirements/*.txt from requirements/*.in.

Hashes for every platform and no registry address in the files (uv.lock and pylock.toml would name one), so the same
lock serves a public registry and an internal mirror.
"""

import argparse
import subprocess
import sys

from launcher.progress import step
from launcher.tenancy import ROOT

# dev and uv must agree with base on what they share: a folder with the packages of dev serves base too.
LOCKS = {"base": [], "uv": [], "detection": ["base"], "dev": ["base", "uv", "detection"]}
PEERS = "../bench/peers/requirements"  # of what the benches compare with; nobody else installs it


def lock(options: argparse.Namespace) -> int:
    """Resolve anew within the ranges of the .in files, keeping what is locked where it still fits."""
    for name, others in {**LOCKS, PEERS: ["base"]}.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.12"]
        command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        command += [f"--constraint={other}.txt" for other in others]
        with step(f"requirements/{name}.txt".replace("requirements/../", "")):
            subprocess.run([*command, f"{name}.in", f"--output-file={name}.txt"], cwd=ROOT / "requirements", check=True)
    return 0
