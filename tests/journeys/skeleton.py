"""What of a page matters to axe, without its words: so that a page like one that axe has seen is not given to it again.

Axe is the dear half of looking at a page. What it judges hangs on elements, their attributes and how they are drawn,
hardly ever on which words they hold; and of most pages all of that was on a page before, with other words.
"""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

from playwright.sync_api import Page

from tests.browser import axe_violations

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
REFERENCES = frozenset({"for", "headers", "list", "aria-labelledby", "aria-describedby", "aria-controls"})


class Skeleton(HTMLParser):
    """The elements of a page's source with their classes and attributes, its outline of headings, and its ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[tuple] = set()
        self._open: list[str] = []
        self._outline: list[str] = []
        self._ids: Counter[str] = Counter()
        self._references: set[str] = set()
        self.feed(text)
        self.elements.add(("outline", *(tag for tag, before in pairwise(self._outline) if tag != before)))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        shown = tuple(sorted((name, known[name] if name in {"class", "role", "type", "rel"} else "") for name in known))
        self.elements.add((self._open[-1] if self._open else "", tag, shown))
        self._ids.update([known["id"] or ""] if "id" in known else [])
        self._references |= {target for name in REFERENCES & known.keys() for target in (known[name] or "").split()}
        if re.fullmatch("h[1-6]", tag):
            self._outline.append(tag)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def faults(self) -> list[str]:
        """Ids that are there twice, and references to such as are not there: what hangs on values, not on elements."""
        twice = [f"the id {id} is there {times} times" for id, times in self._ids.items() if times > 1]
        return twice + [f"nothing has the id {id}" for id in sorted(self._references - self._ids.keys())]


# Each kind of element on a page as it is drawn now: its place and attributes, whether it shows, has words and scrolls,
# its colour, what that lies on and whether it is large (WCAG 1.4.3); and the order of headings and landmarks.
DRAWN = """() => {
  const VALUES = new Set(["class", "role", "type", "rel", "lang", "scope", "tabindex", "aria-hidden", "aria-expanded"]);
  const grounds = new Map([[null, "none"]]);
  const found = new Set(), outline = [], named = [];
  for (const element of document.querySelectorAll("*")) {
    const style = getComputedStyle(element), tag = element.localName;
    const own = style.backgroundImage !== "none" ? style.backgroundImage : style.backgroundColor;
    const ground = own === "rgba(0, 0, 0, 0)" ? grounds.get(element.parentElement) : own;
    grounds.set(element, ground);
    const attributes = [...element.attributes]
      .map(({name, value}) => `${name}=${VALUES.has(name) ? value : Boolean(value.trim())}`).sort();
    const shows = element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    found.add([
      element.parentElement?.localName, tag, ...attributes, shows, Boolean(element.textContent.trim()),
      element.labels?.length, shows && style.color, shows && ground, size >= 24 || (bold && size >= 18.66),
      shows && /auto|scroll/.test(style.overflowX + style.overflowY) &&
        (element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight),
    ].join(" "));
    if (!shows) continue;
    if (/^h[1-6]$/.test(tag) && outline.at(-1) !== tag) outline.push(tag);
    if (/^(main|nav|header|footer|aside|section|form)$/.test(tag) || element.role) {
      const label = element.getAttribute("aria-label") ||
        document.getElementById(element.getAttribute("aria-labelledby"))?.textContent;
      if (label || tag !== "section" && tag !== "form") named.push(`${element.role || tag} ${label}`);
    }
  }
  found.add(`outline ${outline}`);
  found.add(`alike ${named.length - new Set(named).size}, title ${Boolean(document.title)}`);
  return [...found];
}"""


class Axe:
    """Axe on every page that has something drawn which no page before had."""

    def __init__(self) -> None:
        self.runs = 0
        self._seen: set[str] = set()

    def violations(self, page: Page) -> list[str]:
        """What axe finds on ``page`` as it stands, or nothing where it has seen all that is on it."""
        drawn = set(page.evaluate(DRAWN))
        if drawn <= self._seen:
            return []
        self._seen |= drawn
        self.runs += 1
        return axe_violations(page)
