"""The outbox in a browser: nothing for axe to find, readable on a phone, no script needed."""

import pytest

from tests.browser import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_axe_finds_nothing(open_page, axe, live_server, told, settings, scheme, width):
    settings.DEMO = True
    told()
    message = told(language="en")
    page = open_page(color_scheme=scheme, **({"viewport": PHONE} if width == "phone" else {}))
    page.goto("/outbox/?state=failed")
    axe(page)
    page.goto("/outbox/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name=message.subject, exact=True).click()
    assert page.get_by_role("article").inner_text().count("We received your report") == 1
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_works_without_scripts(page_without_javascript, live_server, told, settings):
    settings.DEMO = True
    told()
    page = page_without_javascript
    page.goto("/outbox/")
    page.get_by_label("狀態").select_option("kept")
    page.get_by_role("button", name="篩選").click()
    assert "state=kept" in page.url
    page.get_by_role("link", name="D111-0000001 已受理").click()
    assert "您通報的「路口」已受理。" in page.get_by_role("article").inner_text()
