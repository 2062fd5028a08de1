"""Translations: every .po beside the code becomes the .mo that gettext reads, without the gettext tools."""

import os
from pathlib import Path

from launcher.progress import Stop

ROOT = Path(__file__).resolve().parent.parent


def stale_catalogues(root: Path = ROOT) -> list[Path]:
    """The .po files whose .mo is missing or older than they are."""
    return [
        po
        for po in sorted(root.glob("*/locale/*/LC_MESSAGES/*.po"))
        if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns
    ]


def compile_catalogues(root: Path = ROOT) -> int:
    """Compile what is stale and return how many files that were. Safe when two processes do it at once.

    Raises Stop with the file and the reason where one is not a catalogue, or a translation has other %(placeholders)s
    than its original (which would break the page that shows it).
    """
    stale = stale_catalogues(root)
    if not stale:
        return 0
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    for po in stale:
        try:
            with po.open("rb") as source:
                catalogue = read_po(source, locale=po.parent.parent.name, abort_invalid=True)
        except PoFileError as error:
            raise Stop(f"{po}: {error}") from None
        for message, errors in catalogue.check():
            raise Stop(f"{po}: {message.id!r}: {errors[0]}")
        draft = po.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as target:
            write_mo(target, catalogue)
        draft.replace(po.with_suffix(".mo"))
    return len(stale)
