"""Draws the pictures of the README anew: ``python -m tests.e2e.screenshots`` (needs Chromium and CJK fonts)."""

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from app.cli.stack import Stack
from tests.e2e.hands import BROWSER_OPTIONS, Hand, allow_whenever_asked, assign, report, work

IMAGES = Path(__file__).parents[2] / "docs" / "images"
COLOURS = 200
SETTLED = 7_000  # milliseconds until the last banner has gone


def main() -> None:
    """Play the story to its middle on a stack of its own and take the pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium on this machine: apt-get install chromium fonts-noto-cjk")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack, sync_playwright() as playwright:
        stack.flask("demo", "load")
        stack.flask("demo", "phones")
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        phones(browser, stack.sandbox_url)
        api_docs(browser, f"{stack.api_url}/api/docs/")
        browser.close()


def phones(browser: Browser, url: str) -> None:
    """The three phones and the group in the middle of the story, and one ticket close up."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.goto(url)
    allow_whenever_asked(page)
    wang, zhang, li, zhao = (Hand(page, slug) for slug in ("wang-guilan", "zhang-li", "li-shifu", "zhao-laobing"))
    smaller_matters(zhao)
    zhang.open()
    li.open()
    li.tap("允许通知")
    report(wang)
    zhang.open_newest("井盖")
    assign(zhang)
    li.open_newest("井盖")
    work(li)
    wang.sees("请报修人看一看")
    zhang.tab("station")
    li.card.locator(".content").evaluate("node => { node.scrollTop = 345 }")
    page.evaluate("window.scrollTo(0, 0)")
    page.locator("#live-group-bx-cj").get_by_text("等报修人确认").wait_for()
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=IMAGES / "phones.png")
    page.set_viewport_size({"width": 1400, "height": 1800})
    wang.card.locator(".glass").evaluate("node => { node.style.height = '1400px' }")
    wang.card.screenshot(path=IMAGES / "phone-ticket.png")
    for name in ("phones.png", "phone-ticket.png"):
        shrink(IMAGES / name)
    context.close()


def smaller_matters(zhao: Hand) -> None:
    """A neighbour's two reports, so that the station's list looks like a station's."""
    zhao.open()
    for tile, words in (("楼道灯和公共电路 楼道灯不亮", "三楼的楼道灯不亮，晚上看不见台阶。"),
                        ("单元门和门禁 单元门关不上", "单元门关不上，冷风往里灌。")):  # fmt: skip
        zhao.tab("report")
        zhao.tap(tile)
        zhao.card.get_by_label("出了什么事").fill(words)
        zhao.tap("报上去")
        zhao.sees("请等服务站核实派单。")


def api_docs(browser: Browser, url: str) -> None:
    """The browsable API."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000}, locale="zh-CN")
    page.goto(url)
    page.get_by_text("/api/v1/tickets", exact=True).first.wait_for()
    page.locator("#operations-tag-tickets").evaluate("node => node.scrollIntoView()")
    page.screenshot(path=IMAGES / "api-docs.png")
    shrink(IMAGES / "api-docs.png")


def shrink(picture: Path) -> None:
    """Keep the picture small: a palette is enough for a screenshot."""
    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    main()
