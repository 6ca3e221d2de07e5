"""Cards in a WeChat group on the page of the phones: shared by a thumb, opened by another, the group bound."""

import pytest
from playwright.sync_api import Page, expect

from app.cli.stack import Stack
from tests.e2e.checks import barriers
from tests.e2e.hands import Hand

pytestmark = pytest.mark.slow


def open_card(page: Page, group: str, name: str) -> None:
    chat = page.locator(f"#group-{group}")
    if not chat.get_by_role("button", name=name, exact=True).is_visible():
        chat.get_by_text("点开卡片：用谁的手机？").first.click()
    chat.get_by_role("button", name=name, exact=True).first.click()


def test_a_card_is_shared_opened_and_its_group_bound(
    page: Page, stack: Stack, zhang: Hand, troubles: list[str]
) -> None:
    group = page.request.get(f"{stack.sandbox_url}/sandbox/groups").json()["items"][0]
    zhang.open()
    zhang.tab("me")
    zhang.tap("发卡片到微信群")
    zhang.choose("1号楼")
    zhang.choose(group["name"])
    assert barriers(page) == []
    zhang.tap("发出去")
    expect(zhang.card.locator(".toast")).to_contain_text("卡片发到群里了")
    chat = page.locator(f"#group-{group['slug']}")
    expect(chat).to_contain_text("成员正在加入，当前")
    zhang.card.get_by_role("button", name="合上张丽的手机").click()
    open_card(page, group["slug"], "张丽")
    zhang.sees("绑这个群")
    zhang.tap("绑到小区")
    expect(zhang.card.locator(".toast")).to_contain_text("绑好了")
    wang = Hand(page, "wang-guilan")
    open_card(page, group["slug"], "王桂兰")
    expect(wang.card.locator(".toast")).to_contain_text("您是从“彩进小区”的群里进来的。")
    wang.sees("我的房屋")
    assert (barriers(page), troubles) == ([], [])
