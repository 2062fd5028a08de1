"""One bench in a process of its own: ``python -m bench.child NAME`` prints its rows as JSON.

The environment names the database and everything else (``bench.ground``), as for any program of the product.
"""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from importlib import import_module

import django

from bench.ground import Size
from bench.table import dump


def main(name: str, small: bool) -> None:
    django.setup()
    with redirect_stdout(sys.stderr):
        rows = import_module(f"bench.{name}").measure(Size.small() if small else Size())
    print(dump(rows))


if __name__ == "__main__":
    main(sys.argv[1], "--small" in sys.argv[2:])
