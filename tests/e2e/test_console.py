"""The console in a real browser: in by scanning with a simulated phone, out from the phone, by keyboard, and narrow."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.cli.stack import Stack
from tests.e2e.checks import barriers, listen, overflow
from tests.e2e.hands import Hand, allow_whenever_asked, report

pytestmark = pytest.mark.slow


@pytest.fixture
def computer(browser: Browser, stack: Stack, troubles: list[str]) -> Iterator[Page]:
    """The computer at the station: another browser than the one with the phones."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN") as context:
        page = context.new_page()
        listen(page, troubles)
        page.goto(f"{stack.api_url}/console")
        yield page


def code_on(computer: Page) -> str:
    return computer.locator(".code-line .code").inner_text()


def scan(hand: Hand, code: str) -> None:
    """Type the code that a computer shows into the phone's 扫一扫."""
    hand.tab("me")
    expect(hand.card.locator(".content[aria-busy]")).to_have_count(0)  # what is typed before that is lost
    hand.card.get_by_label("电脑上二维码下面的码").fill(code)
    hand.tap("扫一扫")


def sign_in(computer: Page, hand: Hand) -> None:
    hand.open()
    scan(hand, code_on(computer))
    hand.sees("上的 Chrome")
    hand.tap("确认登录")
    computer.get_by_role("heading", name="今天").wait_for()


def test_in_by_scanning_and_out_from_the_phone(page: Page, computer: Page, zhang: Hand, troubles: list[str]) -> None:
    assert barriers(computer) == []
    zhang.open()
    scan(zhang, code_on(computer))
    computer.get_by_text("扫到了").wait_for()
    zhang.sees("和您的手机是同一个网络")
    assert barriers(page) == []
    zhang.tap("确认登录")
    computer.get_by_role("heading", name="今天").wait_for()
    expect(computer.get_by_role("link", name=re.compile("服务站站长 · 彩进小区"))).to_be_visible()

    zhang.tab("me")
    zhang.tap("看看登录了哪些手机和电脑")
    assert barriers(page) == []
    zhang.card.get_by_role("button", name=re.compile("结束：.*Chrome")).first.click()
    computer.get_by_role("link", name="单子").click()
    computer.get_by_text("您在别的设备上结束了这台电脑的登录").wait_for()
    assert troubles == []


def test_a_code_from_another_screen_lets_nobody_in(
    browser: Browser, stack: Stack, page: Page, computer: Page, zhang: Hand
) -> None:
    """A thief sees the code over a shoulder, or it is scanned twice, or too late."""
    code = code_on(computer)
    zhang.open()
    with browser.new_context(locale="zh-CN") as context:
        thief = context.new_page()
        thief.goto(f"{stack.api_url}/console/sign-in")
        scan(zhang, code)
        zhang.sees("上的 Chrome")
        zhang.tap("确认登录")
        computer.get_by_role("heading", name="今天").wait_for()
        thief.wait_for_timeout(2_500)
        expect(thief.get_by_role("heading", name="登录五有控制台")).to_be_visible()
        scan(zhang, code)
        zhang.sees("这个码已经用过了")
        scan(zhang, code_on(thief))
        zhang.sees("上的 Chrome")
        zhang.tap("不是我")
        thief.get_by_text("手机上点了“不是我”").wait_for()
        thief.get_by_role("button", name="换一个二维码").click()
        expect(thief.get_by_role("img", name=re.compile("二维码"))).to_be_visible()


PAGES = {"/console": "今天", "/console/tickets": "单子", "/console/homes": "找人找房", "/console/calls": "要打的电话",
         "/console/residency-requests": "住户登记", "/console/desk": "个人信息申请",
         "/console/care": "关怀户", "/console/coverage": "缺什么人", "/console/hats": "换身份",
         "/console/sign-ins": "我的登录",
         "/console/nothing-here": "没有这个页面"}  # fmt: skip


def test_every_page_is_easy_to_read_for_everybody(
    page: Page, computer: Page, zhang: Hand, stack: Stack, troubles: list[str]
) -> None:
    """By axe, at 320 px, and magnified to 200 %."""
    allow_whenever_asked(page)
    report(Hand(page, "wang-guilan"))
    sign_in(computer, zhang)
    for width in (1280, 640, 320):
        computer.set_viewport_size({"width": width, "height": 800})
        for path, title in PAGES.items():
            computer.goto(f"{stack.api_url}{path}")
            expect(computer.get_by_role("heading", level=1)).to_have_text(title)
            assert overflow(computer) <= 0, (path, width)
            assert barriers(computer) == [], (path, width)
    assert [said for said in troubles if "404" not in said] == []


def test_the_keyboard_alone_signs_in_by_code_and_out_again(computer: Page, stack: Stack) -> None:
    said = stack.flask("people", "console-code", "15400000003")
    code = re.search(r"：(\w{8})（", said)
    assert code, said
    computer.get_by_role("textbox", name="登录码").focus()
    computer.keyboard.type("wrong")
    computer.keyboard.press("Enter")
    expect(computer.get_by_role("alert")).to_contain_text("登录码不对")
    expect(computer.get_by_role("textbox", name="登录码")).to_have_value("wrong")
    computer.get_by_role("textbox", name="登录码").fill(code.group(1))
    computer.keyboard.press("Enter")
    computer.get_by_role("heading", name="今天").wait_for()
    computer.keyboard.press("Tab")
    expect(computer.get_by_role("link", name="跳到正文")).to_be_focused()
    computer.keyboard.press("Enter")
    computer.get_by_role("button", name="退出").focus()
    computer.keyboard.press("Enter")
    computer.get_by_text("您已经退出了").wait_for()


def test_without_scripts_it_works_too(browser: Browser, stack: Stack, page: Page, zhang: Hand) -> None:
    zhang.open()
    with browser.new_context(locale="zh-CN", java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto(f"{stack.api_url}/console/sign-in")
        scan(zhang, code_on(plain))
        zhang.sees("上的 Chrome")
        zhang.tap("确认登录")
        plain.get_by_role("button", name="进入控制台").click()  # the page looks again every five seconds by itself
        expect(plain.get_by_role("heading", name="今天")).to_be_visible()


def test_from_half_a_name_to_a_phone_for_a_purpose(
    page: Page, computer: Page, zhang: Hand, troubles: list[str]
) -> None:
    sign_in(computer, zhang)
    computer.get_by_role("link", name="找人找房").click()
    computer.get_by_label("电话里怎么说的").fill("王桂兰")
    computer.keyboard.press("Enter")
    computer.get_by_role("link", name=re.compile(r"看电话\s*：王\*兰")).first.click()
    assert barriers(computer) == []
    computer.get_by_role("button", name="看", exact=True).click()
    expect(computer.get_by_role("alert").first).to_be_visible()
    computer.get_by_label("为了什么").select_option(index=1)
    computer.get_by_label("再说具体些").fill("暖气漏水，要上门看看。")
    computer.get_by_role("button", name="看", exact=True).click()
    expect(computer.get_by_text(re.compile(r"^154\d{8}$"))).to_be_visible()
    assert barriers(computer) == []
    assert overflow(computer) <= 0
    assert [said for said in troubles if "422" not in said] == []
