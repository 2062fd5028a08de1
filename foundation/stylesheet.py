"""The one stylesheet that every page loads, joined from its parts.

The parts under ``static/foundation/css/`` are what people edit; ``city.css`` is what browsers fetch, in one request.
``manage.py stylesheet`` writes it and a test fails when it was forgotten.
"""

from pathlib import Path

STATIC = Path(__file__).parent / "static" / "foundation"
TARGET = STATIC / "city.css"
PARTS = (
    "tokens",
    "base",
    "header",
    "layout",
    "buttons",
    "forms",
    "promise",
    "numbers",
    "tables",
    "parts",
    "board",
    "picture",
    "print",
)


def joined() -> str:
    """The text of ``city.css``: every part in order, each under its name."""
    head = "/* Joined from css/*.css by `manage.py stylesheet`. Edit the parts, not this file. */\n"
    return head + "\n".join(
        f"/* css/{part}.css */\n{(STATIC / 'css' / f'{part}.css').read_text(encoding='utf-8')}" for part in PARTS
    )
