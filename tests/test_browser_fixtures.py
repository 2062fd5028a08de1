"""The browser fixtures themselves: what they let pass and what they refuse."""

import socket
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import Complaints, axe_violations

GOOD = '<!doctype html><html lang="zh-Hant"><title>頁</title><main><h1>你好</h1></main></html>'
BAD = '<!doctype html><html><title>頁</title><main><h1>你好</h1><img src="x.png"><input></main></html>'


def test_axe_accepts_a_good_page_and_names_the_faults_of_a_bad_one(page: Page, axe: Callable[[Page], None]) -> None:
    page.set_content(GOOD)
    axe(page)
    page.set_content(BAD)
    found = "\n".join(axe_violations(page))
    for rule in ("html-has-lang", "image-alt", "label"):
        assert rule in found
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


def test_script_errors_and_policy_violations_are_collected(page: Page, complaints: list[Complaints]) -> None:
    page.set_content(
        '<meta http-equiv="Content-Security-Policy" content="style-src \'none\'"><style>p{}</style>'
        "<script>throw new Error('broken on purpose')</script>"
    )
    lines = "\n".join(complaints[0].lines)
    assert "broken on purpose" in lines
    assert "Content Security Policy" in lines
    complaints.clear()


def test_nothing_leaves_this_machine(page: Page) -> None:
    """Neither by name nor by number: another loopback address, where somebody listens, stands for the net."""
    failed: dict[str, str | None] = {}
    page.on("requestfailed", lambda request: failed.update({request.url: request.failure}))
    with socket.create_server(("127.0.0.2", 0)) as elsewhere:
        addresses = ["https://wmts.nlsc.gov.tw/tile.png", f"http://127.0.0.2:{elsewhere.getsockname()[1]}/tile.png"]
        page.set_content("".join(f'<img src="{address}">' for address in addresses))
        page.wait_for_function("[...document.images].every(image => image.complete)")
    assert failed == dict.fromkeys(addresses, "net::ERR_NAME_NOT_RESOLVED")
