"""The page of simulated phones in a real browser: one repair from report to rating, by tapping only."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.cli.stack import Stack
from app.cli.story import picture
from tests.e2e.checks import barriers, overflow
from tests.e2e.hands import Hand, allow_whenever_asked, assign, refuse_whenever_asked, report, work

pytestmark = pytest.mark.slow


@pytest.fixture
def wang(page: Page) -> Hand:
    return Hand(page, "wang-guilan")


@pytest.fixture
def li(page: Page) -> Hand:
    return Hand(page, "li-shifu")


def test_a_repair_from_report_to_rating(page: Page, wang: Hand, zhang: Hand, li: Hand, troubles: list[str]) -> None:
    allow_whenever_asked(page)
    group = page.locator("#live-group-bx-cj")
    for hand in (zhang, li):
        hand.open()
    li.tap("允许通知")
    li.sees("现在没有派给您的活。")
    report(wang)
    expect(group).to_contain_text("急修")
    zhang.open_newest("1号楼旁边的井盖")
    assign(zhang)
    li.open_message()
    work(li)

    wang.sees("请报修人看一看")
    expect(wang.card.locator(".timeline img")).to_have_count(3)
    expect(page.locator("#live-count-wang-guilan")).to_have_text(re.compile("[1-9] 条"))
    wang.card.locator(".actions").get_by_role("button", name="没修好").click()
    wang.tap("还晃，没垫实")
    wang.sheet.get_by_role("button", name="没修好").click()
    expect(group).to_contain_text("没修好")

    zhang.sees("请服务站重新派单")
    assign(zhang)
    li.sees("请等师傅接单。")
    work(li)
    wang.sees("请报修人看一看")
    assert barriers(page) == []

    wang.tap("确认修好了")
    wang.choose("满意")
    wang.tap("师傅来得快，谢谢")
    wang.sheet.get_by_role("button", name="评价", exact=True).click()
    wang.sees("已经评价，可以归档。")
    expect(group).to_contain_text("办完了")
    zhang.sees("已经评价，可以归档。")
    zhang.tap("归档")
    zhang.sheet.get_by_role("button", name="归档", exact=True).click()
    zhang.sees("已经归档")
    expect(zhang.card.locator(".timeline li")).to_have_count(17)
    assert troubles == []


def test_the_station_records_a_phone_call(page: Page, zhang: Hand, troubles: list[str]) -> None:
    zhang.open()
    zhang.tab("record")
    zhang.card.get_by_label("先找到报修人的家").fill("1-1-201")
    zhang.tap("找")
    zhang.choose("1号楼1单元201室")
    zhang.choose(re.compile(r"王\*兰"))
    zhang.card.get_by_label("什么坏了").select_option(label="暖气不热漏水")
    zhang.card.get_by_label("居民怎么说的").fill("厨房的暖气片在滴水，地板都湿了。")
    assert barriers(page) == []
    zhang.tap("登记")
    zhang.sees("厨房的暖气片在滴水")
    zhang.card.locator(".actions").get_by_role("button", name="查看电话").click()
    zhang.choose("问清楚情况")
    zhang.sheet.get_by_role("button", name="查看电话", exact=True).click()
    zhang.sees("15400000001")
    zhang.tap("关上")
    zhang.does("核实")
    zhang.sees("请等服务站派人。")
    zhang.card.locator(".actions").get_by_role("button", name="退回").click()
    zhang.sheet.get_by_role("button", name="退回", exact=True).click()
    expect(zhang.sheet.get_by_role("alert").first).to_contain_text(re.compile("填|写"))
    assert [said for said in troubles if "422" not in said] == []


def test_hats_and_a_wrong_invitation_code(page: Page, zhang: Hand) -> None:
    zhang.open()
    zhang.tab("me")
    zhang.card.get_by_label("服务站给的邀请码").fill("0000-0000")
    zhang.tap("绑定")
    expect(zhang.card.get_by_role("alert").filter(has_text="邀请码")).to_be_visible()
    zhang.tap("居民")
    zhang.sees("还没有绑定房屋")
    expect(zhang.card.locator("[data-tab=station]")).to_have_count(0)


def test_two_hands_on_one_ticket(page: Page, wang: Hand, zhang: Hand, li: Hand) -> None:
    report_on_the_way(wang)
    zhang.open()
    zhang.open_newest("扶手松了")
    zhang.card.locator(".actions").get_by_role("button", name="派单").click()
    wang.card.locator(".actions").get_by_role("button", name="撤销").click()
    wang.sheet.get_by_role("button", name="撤销", exact=True).click()
    wang.sees("已经撤销")
    zhang.choose(re.compile("李师傅"))
    zhang.sheet.get_by_role("button", name="派单", exact=True).click()
    expect(zhang.card.locator(".toast")).to_contain_text("刚被别人更新过")
    zhang.sees("已经撤销")
    expect(zhang.card.locator(".actions button")).to_have_count(0)


def report_on_the_way(wang: Hand) -> None:
    """File something plain, and say no to messages."""
    refuse_whenever_asked(wang.page)
    wang.open()
    wang.tap("楼道扶手门窗 扶手松了")
    wang.tap("扶手松了")
    wang.tap("报上去")
    wang.sees("请等服务站核实派单。")
    wang.sheet.wait_for(state="detached")


def test_a_plain_job_may_pause_and_messages_lead_to_it(
    page: Page, wang: Hand, zhang: Hand, li: Hand, troubles: list[str]
) -> None:
    allow_whenever_asked(page)
    wang.open()
    wang.tap("楼道扶手门窗 扶手松了")
    wang.card.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture("crushed")}
    )
    wang.card.locator("figure.thumbnail").wait_for()
    wang.card.get_by_label("出了什么事").fill("二楼的扶手松了。")
    wang.tap("报上去")
    zhang.open()
    zhang.open_newest("二楼的扶手松了")
    assign(zhang, "陈师傅")
    chen = Hand(page, "chen-shifu")
    chen.open()
    chen.open_newest("二楼的扶手松了")
    chen.tap("接单")
    chen.sees("请等师傅上门。")
    chen.card.locator(".actions").get_by_role("button", name="暂停").click()
    chen.choose("等配件")
    chen.sheet.get_by_role("button", name="暂停", exact=True).click()
    chen.sees("原因：等配件")
    chen.tap("恢复")
    for label in ("到场", "开工"):
        chen.tap(label)
    chen.does("完工", words="修好了，试过没问题")
    chen.sees("请报修人看一看")
    wang.tab("inbox")
    unread = wang.card.locator(".badge")
    wang.card.locator(".ticket-card").filter(has_text="扶手").first.click()
    wang.sees("请报修人看一看")
    wang.tap("‹ 返回")
    wang.tap("都看过了")
    expect(unread).to_be_hidden()
    assert troubles == []


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_sticks_out(width: int, page: Page, wang: Hand, zhang: Hand) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert overflow(page) <= 0
    assert barriers(page) == []
    wang.open()
    wang.tap("给水管和停水 停水")
    wang.photograph()
    zhang.open()
    zhang.tab("duty")
    zhang.sees("刘值班员")
    page.locator("details.wechat > summary").filter(has_text="微信通知").first.click()
    page.locator("details.switchboard summary").click()
    assert overflow(page) <= 0
    for card in (wang.card, zhang.card):
        assert card.locator(".content").evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    assert barriers(page) == []


def test_trouble_is_ordered_from_lists_in_plain_words(page: Page) -> None:
    page.locator("details.switchboard summary").click()
    form = page.get_by_role("form", name="微信的接口")
    form.get_by_label("微信的接口").select_option(label="额度查询")
    form.get_by_label("怎么坏").select_option(label="挤不进去（HTTP 429）")
    form.get_by_label("几次").select_option(label="三次")
    form.get_by_role("button", name="弄坏它").click()
    expect(page.locator("#live-troubles")).to_contain_text("额度查询：回答 HTTP 429，还有 3 次")
    expect(page.locator("#done")).to_contain_text("额度查询，挤不进去（HTTP 429），三次")
    page.get_by_role("button", name="恢复正常").click()
    expect(page.locator("#live-weather")).to_contain_text("现在一切正常")


def test_the_keyboard_alone_can_report(page: Page, wang: Hand) -> None:
    page.locator("#step-1").focus()
    page.keyboard.press("Enter")
    wang.card.locator("[data-key=category-elec]").focus()
    page.keyboard.press("Enter")
    expect(wang.card.get_by_role("heading", name="楼道灯和公共电路")).to_be_focused()
    wang.card.get_by_label("出了什么事").focus()
    page.keyboard.type("三楼的灯不亮。")
    wang.card.get_by_role("button", name="报上去").focus()
    page.keyboard.press("Enter")
    wang.sees("三楼的灯不亮。")


def test_our_api_may_be_away(page: Page, stack: Stack, wang: Hand, troubles: list[str]) -> None:
    page.route("**/request/categories", lambda route: route.fulfill(status=502, json={"detail": "连不上五有。"}))
    wang.card.get_by_role("button", name="打开五有").click()
    wang.sees("连不上五有。")
    page.unroute("**/request/categories")
    wang.tap("再试一次")
    wang.sees("点一下坏了的东西")
    assert [said for said in troubles if "502" not in said] == []


def test_who_looks_after_the_building_and_a_change_of_hands(page: Page, wang: Hand, stack: Stack) -> None:
    """The clerk leaves: the phone finds out by itself, and what waits is ticked off in it."""
    allow_whenever_asked(page)
    report(wang)
    wang.tab("me")
    wang.sees("网格长：孙网格长（第一网格）")
    wang.sees("房屋维修：李师傅")
    wang.sees("还没有人负责：治安防范、卫生保洁、绿化养护、停车管理。")
    clerk = Hand(page, "liu-yang")
    clerk.open()
    clerk.tab("station")
    hired = next(line for line in stack.flask("org", "members", "1").splitlines() if "刘值班员" in line)
    stack.flask("org", "end", hired.split()[0])
    # A second later its next request is refused, and it signs in again in silence, with what is left to the person.
    page.wait_for_timeout(1_200)
    clerk.tab("me")
    clerk.sees("居民（正用着）")
    expect(clerk.card.get_by_role("button", name="服务站值班员 · 彩进小区")).to_have_count(0)
    clerk.card.get_by_role("button", name=re.compile("彩进小区服务站值班员，还有")).click()
    clerk.card.get_by_role("button", name="交清了").first.click()
    clerk.sees("交了，等接任的人确认")
    assert barriers(page) == []


def test_a_daughter_acts_for_her_mother_and_both_names_stand_in_the_history(
    page: Page, wang: Hand, troubles: list[str]
) -> None:
    """A code is given and entered, a report is filed for the mother, and the end is felt at once."""
    hong = Hand(page, "li-hong")
    wang.open()
    wang.tab("me")
    wang.tap("我的代办")
    wang.tap("请人代办")
    assert barriers(page) == []
    wang.tap("我愿意，请对方代办")
    wang.sees("代办码")
    code = wang.sheet.locator("strong").inner_text()
    wang.tap("关上")
    wang.sees("代办码还没有人用（女儿）")

    hong.open()
    hong.tab("me")
    hong.tap("我的代办")
    hong.card.get_by_label("别人告诉您的代办码").fill(code)
    hong.tap("答应代办")
    hong.tap("替王*兰办")
    expect(hong.card.get_by_text("正在替王*兰办事")).to_be_visible()
    expect(hong.card.locator("[data-tab=me], [data-tab=inbox]")).to_have_count(0)
    assert barriers(page) == []
    hong.tap("楼道灯和公共电路 楼道灯不亮")
    hong.card.get_by_label("出了什么事").fill("妈妈家门口的灯不亮了。")
    hong.tap("报上去")
    hong.sees("请等服务站核实派单。")
    hong.sees("李*（女儿）代王*兰")

    wang.tab("mine")
    wang.open_newest("妈妈家门口的灯不亮了。")
    wang.sees("李*（女儿）代王*兰")
    wang.tab("inbox")
    wang.sees("李*（女儿）替您报修了“楼道灯和公共电路”")
    wang.tab("me")
    wang.tap("我的代办")
    wang.tap("收回")
    wang.sees("已经停了")

    page.wait_for_timeout(1_200)
    hong.tab("mine")
    expect(hong.card.locator(".toast")).to_contain_text("代办的委托停了")
    expect(hong.card.locator("[data-tab=me]")).to_have_count(1)
    expect(hong.card.locator(".acting")).to_be_hidden()
    assert [said for said in troubles if "401" not in said and "403" not in said] == []


def test_the_station_writes_down_a_spoken_consent(page: Page, zhang: Hand, troubles: list[str]) -> None:
    """Read out, heard by two, written down; the new agent gets a code; and it is ended when somebody calls."""
    zhang.open()
    zhang.tab("me")
    zhang.tap("居民的代办")
    zhang.sees("没有要打的电话。")
    zhang.tap("登记一份委托")
    zhang.sees("请您说一声“我愿意”")
    zhang.card.get_by_label("先找到委托人的家").fill("1-1-301")
    zhang.tap("找")
    zhang.choose("1号楼1单元301室")
    zhang.choose(re.compile(r"赵\*福"))
    zhang.card.get_by_label("代办人姓名").fill("赵小军")
    zhang.card.get_by_label("代办人电话").fill("13941410001")
    zhang.choose("儿子")
    zhang.tap("登记")
    expect(zhang.card.get_by_role("alert").filter(has_text="见证人").first).to_be_visible()
    zhang.card.get_by_label("见证人姓名").fill("孙见证")
    zhang.card.get_by_label("见证人电话").fill("13941410002")
    assert barriers(page) == []
    zhang.tap("登记")
    zhang.sees("代办人的邀请码")
    zhang.tap("关上")
    zhang.sees("赵*军（儿子）代赵*福")
    zhang.tap("停掉")
    zhang.choose("代办人说的")
    zhang.sheet.get_by_role("button", name="停掉", exact=True).click()
    zhang.sees("本小区还没有人代办。")
    assert [said for said in troubles if "422" not in said] == []
