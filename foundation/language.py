"""Which of the city's two languages the reader has chosen."""

from __future__ import annotations

from django.utils.translation import get_language


def reads_english() -> bool:
    """Whether the reader's language is English; everybody else gets Chinese."""
    return (get_language() or "").startswith("en")


def in_language(zh: str, en: str) -> str:
    """The text in the reader's language; Chinese where the English one is empty."""
    return en if en and reads_english() else zh
