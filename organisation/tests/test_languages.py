"""What this app says is said in English too, in its programs and in its pages."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract, extract_from_dir
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

APP = Path(__file__).resolve().parents[1]
PLAIN: dict[str, None] = dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"])
KEYWORDS = {**PLAIN, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2)}


def said() -> Iterator[tuple[str | None, str | tuple[str, ...]]]:
    """Context and message of everything that the app says."""
    methods = [("tests/**", "ignore"), ("**.py", "python")]
    for _file, _line, message, _comments, context in extract_from_dir(APP, method_map=methods, keywords=KEYWORDS):
        yield context, message
    for page in APP.glob("templates/**/*.html"):
        source = BytesIO(templatize(page.read_text("utf-8"), origin=str(page)).encode())
        for _line, message, _comments, context in extract("python", source, keywords=KEYWORDS):
            yield context, message


def test_the_english_catalogue_is_complete() -> None:
    messages = set(said())
    with (APP / "locale" / "en" / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = {(message.context, message.id): message for message in read_po(file, locale="en") if message.id}
    assert (None, "臨時停班") in messages and ("weekday", "日") in messages
    assert (None, ("%(n)s 個行政區", "%(n)s 個行政區")) in messages
    assert set(catalogue) == messages
    for message in catalogue.values():
        translations = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(translations), message.id
        assert not list(message.check()), message.id
