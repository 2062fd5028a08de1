"""The texts of the product, and their catalogues.

Texts are written in Traditional Chinese in code and templates; each app carries its English in
``locale/en/LC_MESSAGES/django.po``. Here they are found in the code, read from the catalogues and laid side by side.
Django's own makemessages would ask for the GNU gettext programs; this needs Babel alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_python
from babel.messages.pofile import normalize, read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Rooms whose texts nobody reads in another language: tests, the history of the tables, the made-up lives of the demo.
UNREAD_ROOMS = frozenset({"tests", "migrations", "demo", "static", "locale"})
HEADER = """\
# English texts of {app}. The source language is Traditional Chinese; licensed as the code.
msgid ""
msgstr ""
"Project-Id-Version: OpenCityHall\\n"
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


@dataclass(frozen=True)
class Key:
    """What gettext looks a text up by."""

    msgid: str
    context: str | None = None


@dataclass
class Text:
    """A text as the code says it, with the files (relative to the root) that say it."""

    key: Key
    plural: str | None
    files: list[str]

    @property
    def id(self) -> str | tuple[str, str]:
        """As Babel keeps it: one text, or the pair of one and many."""
        return (self.key.msgid, self.plural) if self.plural else self.key.msgid


def apps() -> list[str]:
    """The apps of the house, low to high, as the settings list them."""
    return [app for app in settings.INSTALLED_APPS if (ROOT / app / "__init__.py").is_file()]


def sources(app: str) -> Iterator[Path]:
    """The files of an app that may hold texts: Python first, then templates."""
    for path in sorted((ROOT / app).rglob("*.py")):
        if not UNREAD_ROOMS & set(path.relative_to(ROOT).parts) and path.name != "factories.py":
            yield path
    yield from (path for path in sorted((ROOT / app / "templates").rglob("*")) if path.is_file())


def used(app: str) -> dict[Key, Text]:
    """The texts of an app's code and templates, in the order of its files."""
    found: dict[Key, Text] = {}
    for path in sources(app):
        name = path.relative_to(ROOT).as_posix()
        for key, plural in said(path.read_text("utf-8"), template=path.suffix != ".py", origin=name):
            text = found.setdefault(key, Text(key, plural, []))
            text.plural = text.plural or plural
            if name not in text.files:
                text.files.append(name)
    return found


def said(content: str, *, template: bool = False, origin: str = "") -> Iterator[tuple[Key, str | None]]:
    """The texts in one file's content, each with its plural: calls of gettext, or the tags of a template."""
    code = templatize(content, origin=origin) if template else content
    for _line, message, _comments, context in extract(extract_python, BytesIO(code.encode()), keywords=KEYWORDS):  # type: ignore[arg-type]  # Babel: one text or several
        one, many = message if isinstance(message, tuple) else (message, None)
        yield Key(one, context), many


def catalogue_path(app: str, language: str = "en") -> Path:
    return ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po"


def catalogue(app: str, language: str = "en") -> dict[Key, Message]:
    """An app's translations, in the order of the file; empty where there is none. Raises PoFileError for a bad one."""
    path = catalogue_path(app, language)
    if not path.exists():
        return {}
    with path.open("rb") as source:
        read: Catalog = read_po(source, locale=language, abort_invalid=True)
    return {
        Key(message.id[0] if isinstance(message.id, tuple) else message.id, message.context): message  # type: ignore[arg-type]  # Babel: one text or several
        for message in read
        if message.id
    }


def missing(app: str) -> list[Text]:
    """The texts of an app that its own catalogue does not translate: an app does not live on another's words."""
    known = {key for key, message in catalogue(app).items() if is_translated(message)}
    return [text for key, text in used(app).items() if key not in known]


def stale(app: str) -> list[Key]:
    """The entries of an app's catalogue whose text its code does not say."""
    said_now = used(app)
    return [key for key in catalogue(app) if key not in said_now]


def is_translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(strings) and not message.fuzzy


def differing() -> dict[Key, dict[str, str]]:
    """Texts that two apps translate differently, each app's words by its name. Only the first one's would be read."""
    found: dict[Key, dict[str, str]] = {}
    for app in apps():
        for key, message in catalogue(app).items():
            found.setdefault(key, {})[app] = str(message.string)
    return {key: by_app for key, by_app in found.items() if len(set(by_app.values())) > 1}


def update(app: str) -> None:
    """Write an app's catalogue anew: what its code says, in the order of its files, with the translations there are.

    Entries that the code does not say any more go; what is missing comes in, translated as an app before this one
    does, or not yet.
    """
    known: dict[Key, Message] = {}
    for other in (app, *apps()[: apps().index(app)]):
        known = catalogue(other) | known
    path = catalogue_path(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [entry(text, known.get(key)) for key, text in used(app).items()]
    path.write_text("\n".join([HEADER.format(app=app), *entries]), encoding="utf-8")


def entry(text: Text, translated: Message | None) -> str:
    """One entry of a .po file; long texts stay on their line, so that a search finds them."""
    strings = translated.string if translated else ""
    one, *many = strings if isinstance(strings, tuple) else (strings,)
    comments = [f"# {line}" for line in (translated.user_comments if translated else ())]
    files = "".join(f"#: {name}\n" for name in text.files)
    flags = sorted((Message(text.id).flags) | (translated.flags if translated else set()))
    lines = [f"msgctxt {quoted(text.key.context)}"] if text.key.context else []
    lines.append(f"msgid {quoted(text.key.msgid)}")
    if text.plural:
        lines.append(f"msgid_plural {quoted(text.plural)}")
        lines += [f"msgstr[{n}] {quoted(string)}" for n, string in enumerate((one, *(many or [""])))]  # type: ignore[arg-type]  # Babel: one text or several
    else:
        lines.append(f"msgstr {quoted(one)}")  # type: ignore[arg-type]  # Babel: one text or several
    head = "".join(f"{line}\n" for line in comments) + files + (f"#, {', '.join(flags)}\n" if flags else "")
    return head + "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    return str(normalize(text, width=0))
