"""What must hold on every page: nothing that axe finds serious, nothing that sticks out, no complaint of the browser."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SERIOUS = {"serious", "critical"}


def barriers(page: Page) -> list[str]:
    """Say what axe finds serious on the page, once nothing on it is still being fetched: until then it is pale."""
    expect(page.locator("[aria-busy]")).to_have_count(0)
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def listen(page: Page, troubles: list[str]) -> None:
    """Write down what the browser complains about from now on."""
    page.on("console", lambda said: troubles.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
