"""A real browser and the whole product as real processes, started once for each file."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.cli.stack import Stack
from tests.e2e.checks import listen
from tests.e2e.hands import BROWSER_OPTIONS, PATIENCE, Hand

WIDE = {"width": 1400, "height": 1000}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("stack")
    with Stack(folder) as running:
        running.flask("demo", "load", "--neighborhoods", "1", "--homes", "300")
        running.flask("demo", "phones")
        yield running


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def troubles() -> list[str]:
    """What the browser complained about."""
    return []


@pytest.fixture
def page(browser: Browser, stack: Stack, troubles: list[str]) -> Iterator[Page]:
    """The page of the phones in a window of its own."""
    with browser.new_context(viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai") as context:
        page = context.new_page()
        listen(page, troubles)
        page.goto(f"{stack.sandbox_url}/")
        yield page


@pytest.fixture
def zhang(page: Page) -> Hand:
    return Hand(page, "zhang-li")
