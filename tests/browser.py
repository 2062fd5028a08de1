"""What the browser tests share: where Chromium is, how it is started, and axe as a Python call."""

import json
import shutil
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
# WCAG 2.1 AA, and what axe calls good practice.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
WIDE = {"width": 1920, "height": 1080}
VIEWPORTS = {"phone": PHONE, "desktop": DESKTOP, "wide": WIDE}

# Debian's Chromium in a container, often as root, on a closed network: it must not look anything up by itself.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A test's result must not hang on the net (map tiles). Not by a route of Playwright's: each request would go
    # through Python, and nothing would be cached.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def chromium() -> str | None:
    """The path of a Chromium or Chrome in PATH, or None."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Complaints:
    """Collects what a page complains about: script errors and refusals by the Content-Security-Policy.

    Left out: a resource that the server refused on purpose (a 404 page is a page) or that is out on the net.
    """

    def __init__(self, page: Page) -> None:
        self.lines: list[str] = []
        page.on("pageerror", lambda error: self.lines.append(f"{page.url}: {error}"))
        page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.lines.append(f"{message.location.get('url', '')}: {message.text}")


def axe_violations(page: Page) -> list[str]:
    """Run axe on ``page`` as it stands; one line for each element at fault.

    The script goes in through the debugger, so the page's Content-Security-Policy stays in force.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    options = json.dumps({"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]})
    # Of all that axe found out only this: what is well is long, and takes as long to hand over as to find.
    violations = page.evaluate(f"axe.run(document, {options}).then(found => found.violations)")
    return [
        f"{page.url}: {violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:200]}"
        for violation in violations
        for node in violation["nodes"]
    ]
