"""What this app says is said in English too."""

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

APP = Path(__file__).resolve().parents[1]


def test_the_english_catalogue_is_complete() -> None:
    keywords: dict[str, None] = {"_": None, "gettext": None}
    methods = [("tests/**", "ignore"), ("**.py", "python")]
    said = {message for _f, _l, message, _c, _x in extract_from_dir(APP, method_map=methods, keywords=keywords)}
    with (APP / "locale" / "en" / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = {message.id: message for message in read_po(file, locale="en") if message.id}
    assert said
    assert set(catalogue) == said
    for message in catalogue.values():
        assert message.string, message.id
        assert not list(message.check()), message.id
