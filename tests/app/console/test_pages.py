"""Pages of the console: what each hat sees, hats that would do, and what went wrong in words."""

import datetime as dt
import re

import pytest
import time_machine

from app.factory import CONSOLE_BLUEPRINTS
from models import Role
from tests.world import NOW, hire


def test_the_station_sees_what_is_new_and_what_is_late(browser, world):
    world.file()
    world.bring_to("assigned", world.file(category="noise", text="楼上装修太晚了"))
    with time_machine.travel(NOW + dt.timedelta(days=60)):
        browser.enter(world, world.manager)
        numbers = {name: int(count) for count, name in re.findall(r"<b>(\d+)</b> (\S+?)</a>", browser.text)}
        listed = browser.get("/console/tickets?view=new")
    assert numbers == {"超时": 2, "新报的": 1, "没修好": 0, "在办": 2, "登记申请": 0, "要打的电话": 0}
    assert "3单元门口的灯不亮" in listed
    assert "楼上装修太晚了" not in listed


def test_a_ticket_can_be_read_with_its_history_and_masked_names(browser, world):
    filed = world.file()
    browser.enter(world, world.clerk)
    page = browser.get(f"/console/tickets/{filed.id}")
    assert filed.number in page
    assert "王*兰" in page
    assert "王桂兰" not in page


def test_another_neighborhoods_ticket_is_not_there(browser, world):
    filed = world.file()
    browser.enter(world, world.foreign_manager)
    page = browser.get(f"/console/tickets/{filed.id}")
    assert browser.status == 404
    assert "没有找到这张单子" in page
    assert filed.number not in page
    browser.get(f"/console/tickets?neighborhood={world.place.neighborhood.id}")
    assert browser.status == 404


def test_an_officer_sees_the_neighborhoods_with_the_most_that_is_late_first(browser, world):
    world.file()
    browser.enter(world, world.community_officer)
    names = re.findall(r'data-label="小区"><a href="([^"]+)">(\S+)</a>', browser.text)
    assert [name for _, name in names] == ["彩进小区", "新立小区"]
    assert "3单元门口的灯不亮" in browser.get(names[0][0])


@pytest.mark.parametrize("name", ["repairer", "resident"])
def test_hats_without_lists_are_told_where_their_things_are(browser, world, name):
    browser.enter(world, getattr(world, name))
    assert "手机上的小程序" in browser.text
    assert "单子</a>" not in browser.text


def test_the_wrong_hat_is_told_which_would_do_and_can_put_it_on(browser, world):
    hire(world.session, world.repairer, world.place.neighborhood, Role.STATION_CLERK)
    world.session.flush()
    browser.enter(world, world.repairer, Role.REPAIRER)
    page = browser.get("/console/tickets?view=late")
    assert browser.status == 403
    assert "“服务站值班员 · 彩进小区”" in page
    membership = re.search(r'name="membership_id" value="(\d+)"', page).group(1)
    to = re.search(r'name="to" value="([^"]+)"', page).group(1)
    browser.post("/console/hats", membership_id=membership, to=to)
    assert browser.response.headers["Location"] == "/console/tickets?view=late"
    assert "没有超时的单子" in browser.follow()


def test_hats_are_chosen_from_a_list(browser, world):
    browser.enter(world, world.manager)
    page = browser.get("/console/hats")
    assert page.count("换成这个") == 1
    browser.post("/console/hats")  # neither a membership nor a key: the resident's
    assert "您现在的身份在这里没有要办的事" in browser.follow()
    browser.get("/console/hats")
    said = browser.post("/console/hats", membership_id="987654")
    assert browser.status == 403
    assert "您没有这个身份" in said


@pytest.mark.parametrize(
    ("method", "url", "status", "words"),
    [
        ("GET", "/console/nothing-here", 404, "没有这个页面"),
        ("POST", "/console/tickets", 405, "不能这样操作"),
        ("GET", "/console/tickets?cursor=%20", 422, "请回到第一页"),
        ("GET", "/console/sign-ins?cursor=nonsense", 422, "请回到第一页"),
    ],
)
def test_what_went_wrong_is_said_on_a_page(browser, world, method, url, status, words):
    browser.enter(world, world.manager)
    response = browser.client.open(url, method=method)
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert words in response.get_data(as_text=True)


def test_a_bug_is_admitted_on_a_page(browser, world, monkeypatch):
    browser.enter(world, world.manager)
    monkeypatch.setattr("services.reading.today.counts", lambda *_args, **_more: 1 / 0)
    assert "系统出了点问题，已经记下来了" in browser.get("/console")
    assert browser.status == 500


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def test_pages_are_kept_by_nobody_and_run_nothing_that_stands_in_them(browser, world):
    world.file(text="<script>alert(1)</script>门坏了")
    browser.enter(world, world.manager)
    for url in ("/console", "/console/sign-ins", "/console/hats", "/console/nothing-here"):
        page = browser.get(url)
        headers = browser.response.headers
        assert headers["Cache-Control"] == "no-store"
        assert headers.get_all("Content-Security-Policy") == [POLICY]
        assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
        assert not re.search(r"\son\w+=|style=|javascript:|https?://", page), url
        raw = browser.response.get_data(as_text=True)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", raw))


def test_everything_on_a_page_comes_from_this_machine(browser):
    page = browser.get("/console/sign-in")
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        with browser.client.get(address) as response:
            assert response.status_code in {200, 303}, address


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")]


PUBLIC = {
    "/console/scan/<code>", "/console/sign-in", "/console/sign-in/code", "/console/sign-in/enter", "/console/sign-in/new",
    "/console/sign-in/state",
}  # fmt: skip


def test_only_the_door_stands_open(app):
    open_to_all = {rule.rule for rule in rules(app) if app.view_functions[rule.endpoint].access.permission is None}
    assert open_to_all == PUBLIC


def test_without_a_sign_in_every_page_leads_to_the_door(app, browser, world):
    for rule in rules(app):
        if rule.rule in PUBLIC:
            continue
        url = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            response = browser.client.open(url, method=method)
            assert response.status_code == 303, (method, url)
            assert response.headers["Location"].startswith("/console/sign-in"), (method, url)


def test_every_line_of_the_menu_leads_to_a_page_with_the_permission_it_names(app):
    for entry in (entry for blueprint in CONSOLE_BLUEPRINTS for entry in blueprint.entries):
        assert app.view_functions[entry.endpoint].access.permission is entry.permission
