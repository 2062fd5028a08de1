"""What the city tells people: declared in ``<app>/notices.py``, picked up when the program starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.utils.functional import Promise

from foundation.declared import Declared


class Audience(Enum):
    """Whom a notice addresses."""

    CITIZEN = "citizen"
    STAFF = "staff"


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Notice:
    """One thing that the city tells.

    ``code``      "<app>.<name>", as actions name it
    ``label``     what it is called in lists, in both languages
    ``audience``  whom it addresses
    ``example``   a context as :func:`messages.actions.send` gets it; tests render each notice with it in each language

    ``can_wait``  in a storm it goes in batches, after those that cannot
    ``secret``    holds what opens an account: the outbox shows its words to nobody
    ``attach``    makes the files of a mail when it goes out, from the key of the record told of and the language, so
                  that the outbox need not keep them: the same ones each time

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
    secret: bool = False
    attach: Callable[[int, str], Sequence[Attachment]] | None = None

    def __post_init__(self) -> None:
        app, _dot, name = self.code.partition(".")
        if not app or not name:
            raise ValueError(f"the code of a notice is <app>.<name>, not {self.code!r}")

    def template(self, language: str) -> str:
        """The name of the template with the words in a language."""
        app, _dot, name = self.code.partition(".")
        return f"{app}/notices/{name}.{language}.txt"

    def short_templates(self, language: str) -> list[str]:
        """The names of the templates with the few words, its own first; none need be there."""
        own = self.template(language).removesuffix(".txt") + ".short.txt"
        return [own, f"{self.code.partition('.')[0]}/notices/short.{language}.txt"]


_notices = Declared[Notice]("notice")
register, notice, notices = _notices.add, _notices.named, _notices.in_order
