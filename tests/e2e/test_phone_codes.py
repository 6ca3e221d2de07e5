"""Codes on the simulated phones: scanned, opened by a link, and typed by who cannot scan."""

import pytest
from playwright.sync_api import Page, expect

from app.cli.stack import Stack
from tests.e2e.checks import barriers, overflow
from tests.e2e.hands import Hand

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def numbers(stack: Stack) -> dict[str, str]:
    """The codes of the neighborhood: their numbers, by the place they hang at."""
    listed = [line.split("　") for line in stack.flask("codes", "make", "BX-CJ").splitlines()]
    return {parts[1]: parts[0] for parts in listed if len(parts) > 1}


@pytest.fixture
def wang(page: Page) -> Hand:
    return Hand(page, "wang-guilan")


def type_number(hand: Hand, number: str) -> None:
    """Type the number of a code on the page 我的."""
    hand.open()
    hand.tab("me")
    hand.card.get_by_label("输入码下面的编号").fill(number)
    hand.tap("找这个地方")


def test_a_code_is_scanned_and_the_report_knows_its_place(
    page: Page, wang: Hand, numbers: dict[str, str], troubles: list[str]
) -> None:
    assert len(numbers) > 1
    wang.scan_newest()
    wang.sees("地方已经填好了")
    assert barriers(page) == []
    wang.tap("在这里报修")
    wang.tap("井盖缺失破损 井盖压坏")
    wang.sees("地方：")
    wang.photograph()
    wang.card.get_by_label("出了什么事").fill("井盖被车压坏了，掉下去半块。")
    wang.tap("报上去")
    wang.sees("请等服务站核实派单。")
    assert troubles == []


def test_a_link_asks_on_which_phone_it_is_opened(
    page: Page, stack: Stack, wang: Hand, numbers: dict[str, str], troubles: list[str]
) -> None:
    wang.card.locator("details.wechat > summary").filter(has_text="扫一扫").click()
    wang.card.get_by_role("button", name="扫这个码").first.wait_for()
    scene = page.request.get(f"{stack.sandbox_url}/sandbox/codes").json()["items"][0]["scene"]
    page.goto(f"{stack.api_url}/s/{scene.removeprefix('h=')}")
    chooser = page.get_by_role("navigation", name="打开链接")
    expect(chooser).to_contain_text("用谁的手机打开？")
    assert barriers(page) == []
    chooser.get_by_role("button", name="王桂兰").click()
    wang.sees("地方已经填好了")
    assert len(numbers) > 1
    assert troubles == []


def test_who_cannot_scan_types_the_number(page: Page, wang: Hand, numbers: dict[str, str]) -> None:
    type_number(wang, "0001")
    expect(wang.card.get_by_role("alert").filter(has_text="编号不对")).to_be_visible()
    wang.card.get_by_label("输入码下面的编号").fill(" ".join(numbers["1号楼"]))
    wang.tap("找这个地方")
    wang.sees("这里是彩进小区1号楼。")
    expect(wang.card.get_by_role("button", name="看这栋楼的报修")).to_be_visible()
    assert barriers(page) == []
    assert overflow(page) <= 0


def test_the_station_writes_down_a_report_for_a_number_heard_on_the_phone(
    zhang: Hand, numbers: dict[str, str], troubles: list[str]
) -> None:
    type_number(zhang, numbers["1号楼"])
    zhang.tap("替人登记报修")
    zhang.sees("地方：1号楼")
    zhang.card.get_by_label("居民怎么说的").fill("楼门口的灯不亮了。")
    zhang.card.get_by_label("报修人姓名").fill("路过的人")
    zhang.card.get_by_label("报修人电话").fill("13941411111")
    zhang.tap("登记")
    zhang.sees("楼门口的灯不亮了。")
    assert troubles == []
