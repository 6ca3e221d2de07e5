"""A resident's own affairs on the simulated phones: asking for a home, a word for others, leaving, one's data."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.cli.stack import Stack
from tests.e2e.checks import barriers, overflow
from tests.e2e.hands import PATIENCE, Hand

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def wang(page: Page) -> Hand:
    return Hand(page, "wang-guilan")


@pytest.fixture
def hong(page: Page) -> Hand:
    return Hand(page, "li-hong")


# The station's manager writes down that Wang lives alone, and looks.
LOOK_AFTER_WANG = """async () => {
    const { Api } = await import(document.querySelector("script[src*='phone/main']").src.replace("main.js", "api.js"));
    const [wang, zhang] = [new Api("wang-guilan"), new Api("zhang-li")];
    await Promise.all([wang.signIn(), zhang.signIn()]);
    const { items: [home] } = await wang.get("me/homes");
    const day = new Date(Date.now() + 100 * 24 * 3600 * 1000).toISOString().slice(0, 10);
    const { id } = await zhang.post("care", { person_id: wang.person, home_id: home.id, kind: "alone",
        reason: "腿脚不便，敲门等一会儿", expires_on: day });
    await zhang.post(`care/${id}/look`, { purpose: "上门看望" });
}"""


def own_page(hand: Hand, name: str) -> None:
    """Open a page of 我的."""
    hand.open()
    hand.tab("me")
    hand.tap(name)


def ask(hand: Hand, kind: str, address: str) -> None:
    """Fill in who one is and which home, up to what shows it."""
    own_page(hand, "我的房屋")
    hand.tap("申请登记一套房子")
    hand.card.locator(f"[data-key=kind-{kind}]").click()
    hand.card.get_by_label("小区编号").fill("bx-cj")
    hand.card.get_by_label("哪一套").fill(address)


def test_a_daughter_asks_to_live_with_her_mother_who_says_yes_and_leaves_again(
    page: Page, wang: Hand, hong: Hand, troubles: list[str]
) -> None:
    ask(hong, "family", "一栋一单元201")
    hong.choose("户口本")
    hong.photograph()
    assert barriers(page) == []
    hong.tap("交给服务站")
    hong.sees("等房主确认")
    hong.sees("请等房主点“是的”")
    hong.sees("交了1张照片")

    own_page(wang, "我的房屋")
    wang.sees("请您说一声：是不是住在您家")
    assert barriers(page) == []
    wang.tap("是的")
    expect(wang.card.locator(".toast")).to_contain_text("登记好了")
    hong.sees("已经登记好了，不用再办。")
    hong.tap("‹ 返回")
    hong.sees("1号楼1单元201室")

    hong.card.get_by_role("button", name="我不住这里了").first.click()
    hong.choose("搬走了")
    hong.tap("结束我的登记")
    expect(hong.card.locator(".toast")).to_contain_text("您在1号楼1单元201室的登记结束了")
    assert overflow(page) <= 0
    assert [said for said in troubles if "401" not in said] == []


def test_without_a_deed_two_neighbors_put_in_a_word(page: Page, wang: Hand, hong: Hand, troubles: list[str]) -> None:
    ask(hong, "co_owner", "不存在的楼")
    hong.choose("两位邻居或网格长担保")
    hong.tap("交给服务站")
    expect(hong.card.get_by_role("alert").filter(has_text="没有找到这套房子").first).to_be_visible()
    hong.card.get_by_label("哪一套").fill("1-1-501")
    hong.tap("交给服务站")
    hong.sees("等邻居担保")
    for slug in ("wang-guilan", "zhao-laobing"):
        neighbor = Hand(page, slug)
        own_page(neighbor, "我的房屋")
        neighbor.tap("我知道，我担保")
        neighbor.tap("我们是老邻居")
        assert barriers(page) == []
        neighbor.tap("我担保")
        expect(neighbor.card.locator(".toast")).to_contain_text("谢谢您")
    hong.sees("等服务站审核")
    hong.sees("请等服务站审核。")
    hong.sees("我们是老邻居")
    hong.tap("不办了，撤回")
    hong.sees("已撤回")
    assert [said for said in troubles if "404" not in said] == []


def test_a_stranger_writes_down_name_and_phone_before_asking(page: Page, stack: Stack, troubles: list[str]) -> None:
    page.request.put(f"{stack.sandbox_url}/sandbox/phones/newcomer", data={"name": "马秀兰"})
    page.reload()
    ma = Hand(page, "newcomer")
    ma.open()
    ma.sees("没有的，自己申请。")
    ma.tap("申请登记房屋")
    ma.tap("申请登记一套房子")
    ma.sees("先写下您的姓名和电话")
    ma.card.get_by_label("姓名（和证件上一样）").fill("马秀兰")
    ma.card.get_by_label("电话").fill("13941412222")
    ma.tap("存下来")
    ma.sees("您是这套房子的什么人？")
    ma.card.locator("[data-key=kind-tenant]").click()
    assert barriers(page) == []
    assert troubles == []


def test_consents_are_given_and_taken_back_one_by_one(page: Page, wang: Hand, troubles: list[str]) -> None:
    own_page(wang, "我的资料")
    wang.tap("我同意过什么")
    wang.card.locator("[data-key=consent-share]").click()
    assert barriers(page) == []
    wang.tap("同意")
    expect(wang.card.locator("[data-key=consent-share]")).to_contain_text("您同意了")
    wang.card.locator("[data-key=consent-share]").click()
    wang.tap("收回同意")
    expect(wang.card.locator("[data-key=consent-share]")).to_contain_text("还没有问过您")
    assert troubles == []


def test_the_message_of_a_care_entry_opens_what_is_written_and_the_way_to_end_it(
    page: Page, wang: Hand, troubles: list[str]
) -> None:
    own_page(wang, "我的资料")
    wang.tap("我的关怀登记")
    wang.sees("没有您的关怀登记")
    wang.tap("同意，或者收回同意")
    wang.tap("同意")
    wang.sees("没有您的关怀登记")
    page.evaluate(LOOK_AFTER_WANG)
    wang.tab("inbox")
    wang.card.get_by_role("button").filter(has_text="您的关怀登记办好了").first.click()
    for words in ("独居老人，1号楼1单元201室", "腿脚不便，敲门等一会儿", "谁能看", "原因：登记的人", "上门看望"):
        wang.sees(words)
    assert barriers(page) == []
    assert overflow(page) <= 0
    wang.tap("同意，或者收回同意")
    wang.tap("收回同意")
    wang.sees("结束了，谁也看不到了。")
    assert troubles == []


def test_own_data_are_seen_at_once_and_a_correction_has_a_day(page: Page, wang: Hand, troubles: list[str]) -> None:
    own_page(wang, "我的资料")
    wang.tap("看、改、删我的资料")
    wang.tap("提交")
    wang.tap("打开")
    expect(wang.sheet.locator(".file-text")).to_contain_text("王桂兰")
    assert barriers(page) == []
    wang.tap("关上")
    wang.choose("有写错的，请改过来")
    wang.tap("名字写错了一个字")
    wang.tap("提交")
    wang.sees("最晚")
    wang.sees("收到了")
    wang.choose("把我的资料删掉")
    wang.tap("提交")
    wang.sees("删掉以前，请看一看")
    wang.tap("关上")
    wang.tap("不要了，撤回")
    wang.sees("撤回了")
    assert troubles == []


def test_who_looked_is_told_in_sentences(page: Page, wang: Hand) -> None:
    own_page(wang, "我的资料")
    wang.tap("谁看过我的信息")
    expect(wang.card.locator(".content")).to_contain_text(re.compile("还没有人看过|看了"))
    assert barriers(page) == []
