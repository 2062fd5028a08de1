"""What the city tells people: declared in ``<app>/notices.py``, picked up when the program starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.utils.functional import Promise


class Audience(Enum):
    """Whom a notice addresses."""

    CITIZEN = "citizen"
    STAFF = "staff"


@dataclass(frozen=True)
class Notice:
    """One thing that the city tells.

    ``code``      "<app>.<name>", as actions name it
    ``label``     what it is called in lists, in both languages
    ``audience``  whom it addresses
    ``example``   a context as :func:`messages.actions.send` gets it; tests render each notice with it in each language

    ``can_wait``  in a storm it goes in batches, after those that cannot

    Its words stand in ``templates/<app>/notices/<name>.<language>.txt``: the first line is the subject and must hold no
    personal data, since it is stored in the clear; the rest is the body. Addresses (``https://...``) stand on lines of
    their own. Besides its own context a notice knows ``city`` (of the pack) and ``PUBLIC_URL``.

    What a text message and a push say stands in ``<name>.<language>.short.txt`` beside it, else in the app's
    ``short.<language>.txt``, which knows the ``subject``; else they say the subject. Few words, and an address on the
    last line.
    """

    code: str
    label: str | Promise
    audience: Audience
    example: Mapping[str, Any] = field(default_factory=dict)
    can_wait: bool = False

    def template(self, language: str) -> str:
        """The name of the template with the words in a language."""
        app, _dot, name = self.code.partition(".")
        return f"{app}/notices/{name}.{language}.txt"

    def short_templates(self, language: str) -> list[str]:
        """The names of the templates with the few words, its own first; none need be there."""
        own = self.template(language).removesuffix(".txt") + ".short.txt"
        return [own, f"{self.code.partition('.')[0]}/notices/short.{language}.txt"]


_notices: dict[str, Notice] = {}


def register(notice: Notice) -> Notice:
    """Declare a notice. ValueError for a code that is taken or has no app in front."""
    app, _dot, name = notice.code.partition(".")
    if not app or not name:
        raise ValueError(f"the code of a notice is <app>.<name>, not {notice.code!r}")
    if notice.code in _notices:
        raise ValueError(f"notice declared twice: {notice.code}")
    _notices[notice.code] = notice
    return notice


def notice(code: str) -> Notice:
    """The declaration of a notice. LookupError if there is none."""
    try:
        return _notices[code]
    except KeyError:
        raise LookupError(f"no notice {code!r} is declared; there are: {', '.join(sorted(_notices))}") from None


def notices() -> list[Notice]:
    """All notices, by code."""
    return [_notices[code] for code in sorted(_notices)]
