"""A page like one that axe has seen is not given to it again; one with any fault that hangs on how it is drawn is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.journeys.skeleton import Axe, Skeleton

GOOD = """<!doctype html><html lang="zh-Hant"><head><title>案件</title><style>
  body { color: #222; background: #fff } .pale { color: #ccc } .night { background: #111; color: #fff }
  @media (max-width: 400px) { .hides span { display: none } .fades { color: #ddd } }
  .box { height: 4em; overflow: auto }
</style></head><body><main><h1>案件</h1><nav aria-label="頁">一</nav><nav aria-label="表">二</nav>
  <p class="night"><a href="/" style="color: inherit">回首頁</a></p><p class="fades">二段</p>
  <p class="hides"><a href="/a"><span>看一看</span></a></p>
  <p><label for="name">姓名</label> <input id="name"></p><div class="box"><p>短</p></div>
  <h2>經過</h2><img src="data:," alt="路面"><h2>附件</h2></main></body></html>"""
FAULTS = {
    "color-contrast": ('class="night"', 'class="night pale" style="color: #333"'),
    "link-name": (">回首頁<", "> <"),
    "label": ('for="name"', 'for="nothing"'),
    "heading-order": ("<h2>經過</h2>", "<h4>經過</h4>"),
    "landmark-unique": ('"表"', '"頁"'),
    "image-alt": ('alt="路面"', ""),
    "html-has-lang": (' lang="zh-Hant"', ""),
    "document-title": ("<title>案件</title>", "<title></title>"),
    "region": ("</main>", "</main><p>外面</p>"),
    "tabindex": ('href="/a"', 'href="/a" tabindex="3"'),
    "scrollable-region-focusable": ("<p>短</p>", "<p>長</p>" * 30),
    "aria-allowed-attr": ("<h1>", '<h1 aria-checked="true">'),
}
TWICE = GOOD.replace("<h2>附件", '<h2 id="name">附件').replace("<h1>", '<h1 aria-describedby="gone">')


def test_axe_is_spared_what_it_has_seen_and_nothing_else(page: Page) -> None:
    axe = Axe()
    page.set_content(GOOD)
    assert axe.violations(page) == []
    page.set_content(GOOD.replace("案件", "工程").replace("看一看", "查一查"))
    assert axe.violations(page) == []
    assert axe.runs == 1
    for rule, (good, bad) in FAULTS.items():
        assert good in GOOD
        page.set_content(GOOD.replace(good, bad))
        assert any(f" {rule} (" in line for line in axe.violations(page)), rule


def test_on_the_phone_axe_sees_what_is_drawn_otherwise(page: Page) -> None:
    axe = Axe()
    page.set_content(GOOD)
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    found = "\n".join(axe.violations(page))
    assert "link-name" in found and "color-contrast" in found


@pytest.mark.parametrize(("text", "faults"), [(GOOD, []), (TWICE, ["name is there 2 times", "has the id gone"])])
def test_ids_are_there_once_and_what_is_referred_to_is_there(text: str, faults: list[str]) -> None:
    found = Skeleton(text).faults()
    assert len(found) == len(faults)
    assert all(fault in line for fault, line in zip(faults, found, strict=True))
