"""Fixtures shared by every test of the house: those in tests/ and those in the apps' own tests/."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from launcher.catalogues import compile_catalogues
from tests.browser import (
    CHROMIUM_FLAGS,
    DESKTOP,
    PHONE,
    VIEWPORTS,
    Complaints,
    axe_violations,
    chromium,
)
from tests.database import Copy

pytest_plugins = ["tests.city", "tests.order"]

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server", "admin_user", "embedded_postgres"}
SHARED_DATA = Path(__file__).resolve().parent.parent / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    compile_catalogues()
    settings.register_profile("house", deadline=None)  # a busy machine is slow, not wrong
    settings.load_profile("house")
    expect.set_options(timeout=20_000)  # likewise


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "browser" in fixtures:
            item.add_marker("browser")
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker("database")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real public data beside the repository; tests that need it are skipped without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public data beside the repository (../shared/data) is not there")
    return SHARED_DATA


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """A database of this worker's own, with the city of the settings in it; a new one after each test that commits."""
    copy = Copy()
    with django_db_blocker.unblock():
        copy.make()
    with patch.object(TransactionTestCase, "_fixture_teardown", lambda test: copy.renew()):
        yield
    with django_db_blocker.unblock():
        copy.drop()


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """A page that one test read in English leaves the next one its Chinese."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    """Each test has its own folder for uploads."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _memory(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the process remembers of the organisation (directory, closures) never outlives a test's database."""
    if request.node.get_closest_marker("database") is None:
        yield
        return
    from organisation.memory import forget

    forget()
    yield
    forget()


# --- The browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium from PATH instead of a download of Playwright's own."""
    # Playwright's synchronous calls run inside an event loop of their own; Django takes that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    path = chromium()
    if path is None:
        pytest.fail("No Chromium in PATH: `./cityhall test` installs it, or `apt-get install chromium`.", pytrace=False)
    return {"executable_path": path, "args": CHROMIUM_FLAGS, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"locale": "zh-TW", "timezone_id": "Asia/Taipei", "viewport": DESKTOP, "reduced_motion": "reduce"}


@pytest.fixture
def complaints() -> list[Complaints]:
    return []


@pytest.fixture
def open_page(
    browser: Browser, browser_context_args: dict[str, Any], complaints: list[Complaints], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """``open_page(viewport=PHONE, java_script_enabled=False, ...)``: a page in a context (a person) of its own.

    Keyword arguments are those of Playwright's ``Browser.new_context``; with ``live_server`` in the test, addresses may
    be relative. The test fails at its end if any of its pages had a script error or broke the Content-Security-Policy.
    """
    contexts: list[BrowserContext] = []
    base_url = request.getfixturevalue("live_server").url if "live_server" in request.fixturenames else None

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{**browser_context_args, "base_url": base_url, **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        complaints.append(Complaints(page))
        return page

    yield open_page
    for context in contexts:
        context.close()
    lines = [line for each in complaints for line in each.lines]
    assert not lines, "\n".join(["The browser complained:", *lines])


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """One desktop page."""
    return open_page()


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """One page of a phone, 360 px wide, with touch."""
    return open_page(viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def page_without_javascript(open_page: Callable[..., Page]) -> Page:
    return open_page(java_script_enabled=False)


@pytest.fixture(params=sorted(VIEWPORTS))
def page_at_each_width(open_page: Callable[..., Page], request: pytest.FixtureRequest) -> Page:
    """The test runs three times: at 360, 1280 and 1920 px."""
    return open_page(viewport=VIEWPORTS[request.param])


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """``axe(page)`` fails the test where axe-core finds anything at WCAG 2.1 AA on the page as it stands."""

    def axe(page: Page) -> None:
        violations = axe_violations(page)
        assert not violations, "\n".join(violations)

    return axe
