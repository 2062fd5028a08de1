"""The words of a message: from a notice and its context to a subject and a body, and from the body to HTML."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Context, Engine, TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from messages.registry import Audience, Notice
from organisation.pack import CityInfo, pack

_CLOSING = "-- "  # the line by which mail programs know a signature
# ASCII alone, so that an address ends where Chinese goes on, and not on a full stop or a bracket.
_ADDRESS = re.compile(r"https?://[!-~]*[A-Za-z0-9/=_~#&%+-]")
_STYLE = Path(__file__).parent / "static" / "messages" / "letter.css"


@dataclass(frozen=True)
class Letter:
    """What somebody reads: a line and plain text."""

    subject: str
    body: str


def write(notice: Notice, language: str, context: Mapping[str, Any]) -> Letter:
    """Render a notice in a language, the city's closing lines under it. It is plain text, so nothing is escaped."""
    with override(language):
        known = {"city": pack().city, "PUBLIC_URL": settings.PUBLIC_URL, **context}
        subject, _line, body = _text(notice.template(language), known).strip().partition("\n")
        closing = _closing(language, notice.audience, pack().city, settings.PUBLIC_URL, bool(settings.INBOX_URL))
        return Letter(" ".join(subject.split()), f"{body.strip()}\n\n{_CLOSING}\n{closing}\n")


@lru_cache(maxsize=20)
def _closing(language: str, audience: Audience, city: CityInfo, address: str, answers_are_read: bool) -> str:
    """The city's lines under a letter: the same for all of a kind, so made once; in the language that is on."""
    told = {"house": house(language), "audience": audience.value, "city": city, "PUBLIC_URL": address}
    return _text("messages/closing.txt", told | {"answers_are_read": answers_are_read}).strip()


def write_short(notice: Notice, language: str, context: Mapping[str, Any], subject: str) -> str:
    """The few words of a notice in a language; its subject where neither it nor its app declares any."""
    with override(language):
        known = {"city": pack().city, "house": house(language), "PUBLIC_URL": settings.PUBLIC_URL, **context}
        for template in notice.short_templates(language):
            with suppress(TemplateDoesNotExist):
                return _text(template, known | {"subject": subject}).strip()
        return subject


def address_in(text: str) -> str:
    """The last address of a text, or the empty text."""
    found = _ADDRESS.findall(text)
    return found[-1] if found else ""


def html(subject: str, body: str, language: str) -> str:
    """The body as an HTML document of its own: one layout for all notices, no images, nothing loaded from anywhere."""
    with override(language):
        context = {
            "subject": subject,
            "letter": fragment(body, language),
            "style": format_html("<style>{}</style>", _style()),
        }
        return render_to_string("messages/mail.html", context)


def house(language: str) -> str:
    """The name under which the city writes, in a language."""
    city = pack().city
    return city.brand_en if language == "en" and city.brand_en else city.brand


def few_words(text: str) -> SafeString:
    """A text message or a push as HTML inside a document."""
    return _paragraphs(text)


def fragment(body: str, language: str) -> SafeString:
    """The body as HTML inside a document: paragraphs, line breaks, addresses as links, the closing lines apart."""
    text, _line, closing = body.partition(f"\n{_CLOSING}\n")
    return format_html(
        '<p class="letter-brand">{}</p>\n{}\n{}',
        house(language),
        _paragraphs(text),
        format_html('<footer class="letter-closing">{}</footer>', _paragraphs(closing)) if closing else "",
    )


def _paragraphs(text: str) -> SafeString:
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    return mark_safe("\n".join(f"<p>{_linked(block)}</p>" for block in blocks))


def _linked(text: str) -> str:
    """Everything escaped, addresses as links, lines as lines."""
    pieces, end = [], 0
    for found in _ADDRESS.finditer(text):
        address = escape(found[0])
        pieces += [escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    pieces.append(escape(text[end:]))
    return "".join(pieces).replace("\n", "<br>\n")


@cache
def _style() -> SafeString:
    """The style sheet, which a mail has to carry with it. The outbox page links to the same file."""
    return mark_safe(_STYLE.read_text(encoding="utf-8"))


def _text(template: str, context: dict[str, Any]) -> str:
    return Engine.get_default().get_template(template).render(Context(context, autoescape=False))
