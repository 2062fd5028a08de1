"""Templates keep to the Content-Security-Policy: no script, style or handler inside the page."""

import re
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a script inside the page": re.compile(r"<script\b(?![^>]*\b(?:src=|type=[\"']application/(?:ld\+)?json))", re.I),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "a javascript: address": re.compile(r"[\"']\s*javascript:", re.I),
}


def faults(text: str) -> list[str]:
    plain = re.sub(r"{%.*?%}|{#.*?#}|{{.*?}}", "", text, flags=re.S)
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(plain)]


def test_no_template_breaks_the_content_security_policy() -> None:
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in sorted(ROOT.glob("*/templates/**/*.html"))
        # Printed pages and mail are read by WeasyPrint and mail programs, which know no policy.
        if not {"print", "mail"} & set(Path(path).parts) and (wrong := faults(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ('<p style="color: red">', ["a style attribute"]),
        ("<style>p {}</style>", ["a style element"]),
        ("<script>alert(1)</script>", ["a script inside the page"]),
        ('<button onclick="go()">', ["an event handler"]),
        ('<a href="javascript:go()">', ["a javascript: address"]),
        ('<script src="{% static "x.js" %}" defer></script>', []),
        ('<script type="application/json" id="points">[]</script>', []),
        ('<p class="style" data-on="1">on = style</p>', []),
    ],
)
def test_what_is_refused_and_what_is_not(html: str, wrong: list[str]) -> None:
    assert faults(html) == wrong
