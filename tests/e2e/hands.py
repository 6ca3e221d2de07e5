"""What hands do on the page of simulated phones: open one, tap its buttons, read what it shows."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

PATIENCE = 15_000  # milliseconds for what needs the worker and the page's next look
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Hand:
    """Somebody's phone on the page."""

    page: Page
    slug: str

    @property
    def card(self) -> Locator:
        return self.page.locator(f"#phone-{self.slug}")

    @property
    def sheet(self) -> Locator:
        return self.card.get_by_role("dialog")

    def open(self) -> None:
        self.card.get_by_role("button", name="打开五有").click()
        self.card.get_by_role("navigation").get_by_role("button", name="我的").last.wait_for()

    def tab(self, key: str) -> None:
        self.card.locator(f"[data-tab={key}]").click()

    def tap(self, label: str) -> None:
        self.card.get_by_role("button", name=label, exact=True).last.click()

    def sees(self, words: str) -> None:
        self.card.locator(".screen, .sheet").get_by_text(words).first.wait_for(timeout=PATIENCE)

    def photograph(self) -> None:
        before = self.card.locator("figure.thumbnail").count()
        self.tap("拍一张")
        self.card.locator("figure.thumbnail").nth(before).wait_for()

    def choose(self, label: str | re.Pattern[str]) -> None:
        self.card.get_by_role("radio", name=label, exact=True).check()

    def open_message(self) -> None:
        """Open the newest message of WeChat, and with it the ticket it is about."""
        drawer = self.card.locator("details.wechat > summary").filter(has_text="微信通知")
        drawer.click()
        self.card.get_by_role("button", name="点开看看").first.click(timeout=PATIENCE)
        drawer.click()

    def scan_newest(self) -> None:
        """Scan the code that the simulated WeChat drew last."""
        drawer = self.card.locator("details.wechat > summary").filter(has_text="扫一扫")
        drawer.click()
        self.card.get_by_role("button", name="扫这个码").first.click(timeout=PATIENCE)
        drawer.click()

    def open_newest(self, words: str) -> None:
        """Open the newest ticket of the list that has these words in it."""
        self.card.locator(".ticket-card").filter(has_text=words).first.click(timeout=PATIENCE)

    def does(self, label: str, *, photo: bool = False, words: str = "") -> None:
        """Tap a button of the ticket that opens a sheet, and send the sheet."""
        self.card.locator(".actions").get_by_role("button", name=label, exact=True).click()
        self.sheet.wait_for()
        if photo:
            self.photograph()
        if words:
            self.tap(words)
        self.sheet.get_by_role("button", name=label, exact=True).click()


def allow_whenever_asked(page: Page) -> None:
    """Say yes each time WeChat asks about messages; it asks when nothing is left of the last yes."""
    _answer_whenever_asked(page, "允许")


def refuse_whenever_asked(page: Page) -> None:
    """Say no each time WeChat asks about messages."""
    _answer_whenever_asked(page, "不允许")


def _answer_whenever_asked(page: Page, answer: str) -> None:
    asked = page.get_by_role("dialog", name="允许通知？")
    page.add_locator_handler(asked, asked.get_by_role("button", name=answer, exact=True).first.click)


def report(wang: Hand) -> None:
    """A manhole cover is broken: a photo, where, a sentence, done."""
    wang.open()
    wang.tap("井盖缺失破损 井盖压坏")
    wang.photograph()
    wang.tap("东侧路边")
    wang.card.get_by_label("出了什么事").fill("1号楼旁边的井盖被车压坏了，掉下去半块，天黑看不见，很危险。")
    wang.tap("报上去")
    wang.sees("请等服务站核实派单。")


def assign(zhang: Hand, worker: str = "李师傅") -> None:
    """Send the repairer, from the ticket that is open."""
    zhang.card.locator(".actions").get_by_role("button", name="派单").click(timeout=PATIENCE)
    zhang.choose(re.compile(worker))
    zhang.tap("先围挡，再修")
    zhang.sheet.get_by_role("button", name="派单", exact=True).click()
    zhang.sees("请等师傅接单。")


def work(li: Hand) -> None:
    """Accept, arrive, barrier, start, finish, from the job that is open."""
    li.tap("接单")
    li.sees("请等师傅上门。")
    li.tap("到场")
    li.does("已防护", photo=True, words="围挡和警示牌放好了")
    li.tap("开工")
    li.does("完工", photo=True, words="换了新的")
    li.sees("请报修人看一看")
