"""The way in and out of the console over HTTP: who is let in, what a stolen code or cookie is worth, what is said."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine

from app.web.console import pages
from app.web.console.blueprint import ConsoleBlueprint
from app.web.console.browsers import label
from app.web.console.sign_in import CODES
from models import ConsoleRequest, Membership, SignIn
from services.console import codes
from tests.app.asking import expect_refusal

LOOK = "/api/v1/console-requests/look"
CONFIRM = "/api/v1/console-requests/confirm"
REFUSE = "/api/v1/console-requests/refuse"


def later(minutes):
    return time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes))


def cookie(browser, name="wuyou_console"):
    return browser.client.get_cookie(name, path="/")


def test_a_browser_is_let_in_by_scanning(browser, world):
    assert "用手机扫一扫" in browser.get("/console/sign-in")
    browser.enter(world, world.manager)
    assert "服务站站长 · 彩进小区" in browser.text
    assert "今天" in browser.text


def test_the_page_that_waits_is_told_how_things_stand(browser, world):
    browser.get("/console/sign-in")
    code, headers = browser.code(), world.headers(world.manager)

    def state():
        return browser.client.get("/console/sign-in/state").get_json()["state"]

    assert state() == "waiting"
    question = browser.client.post(LOOK, json={"code": code.lower()}, headers=headers).get_json()
    assert (question["browser"], question["address"], question["same_network"]) == (
        "Windows 电脑上的 Edge",
        "127.0.0.1",
        True,
    )
    assert [hat["title"] for hat in question["hats"]] == ["服务站站长", "居民"]
    assert state() == "seen"
    assert "请在手机上核对" in browser.get("/console/sign-in")
    assert browser.client.post(REFUSE, json={"code": code}, headers=headers).status_code == 204
    assert state() == "refused"
    # A page that was refused shows how to go on.
    assert "换一个二维码" in browser.get("/console/sign-in")
    browser.post("/console/sign-in/new")
    browser.follow()
    assert browser.code() != code
    assert state() == "waiting"


def test_a_page_that_is_reloaded_keeps_its_code_and_one_that_waits_too_long_asks_for_no_other(browser, world):
    browser.get("/console/sign-in")
    code = browser.code()
    assert code in browser.get("/console/sign-in?waiting=1").replace(" ", "")
    with later(3):
        assert "二维码过期了" in browser.get("/console/sign-in?waiting=1")
        assert browser.client.get("/console/sign-in/state").get_json() == {"state": "over"}
        assert world.session.scalar(sa.select(sa.func.count()).select_from(ConsoleRequest)) == 1
        world.session.commit()  # a request begins with no transaction open
        browser.get("/console/sign-in")
        assert browser.code() != code


def test_a_stolen_code_lets_no_other_browser_in(browser, new_browser, world):
    """A thief who photographs the QR code, or sends their own to somebody, gets nothing."""
    browser.get("/console/sign-in")
    code, headers = browser.code(), world.headers(world.manager)
    thief = new_browser()
    thief.get("/console/sign-in")
    browser.client.post(LOOK, json={"code": code}, headers=headers)
    hat = {"membership_id": None, "case_key_id": None}
    assert browser.client.post(CONFIRM, json={"code": code, **hat}, headers=headers).status_code == 204
    assert "手机上还没有" not in thief.post("/console/sign-in/enter")
    assert thief.status == 422
    assert cookie(thief) is None
    browser.get("/console/sign-in")
    browser.post("/console/sign-in/enter")
    assert cookie(browser) is not None
    # And a second time it is worth nothing to anybody.
    expect_refusal(browser.client.post(LOOK, json={"code": code}, headers=headers), 409, "state_forbids")


def test_a_code_that_is_over_or_made_up_is_refused_in_words(browser, world):
    browser.get("/console/sign-in")
    code = browser.code()
    expect_refusal(
        browser.client.post(LOOK, json={"code": "AAAA-BBBB"}, headers=world.headers(world.manager)),
        404,
        "console_code_unknown",
    )
    with later(3):
        headers = world.headers(world.manager)
        expect_refusal(browser.client.post(LOOK, json={"code": code}, headers=headers), 404, "console_code_unknown")


def test_guessing_codes_with_a_phone_is_slowed_down(client, world):
    headers = world.headers(world.manager)
    with time_machine.travel(dt.datetime.now(dt.UTC).replace(minute=1)):
        headers = world.headers(world.manager)
        for _ in range(30):
            client.post(LOOK, json={"code": "AAAABBBB"}, headers=headers)
        response = client.post(LOOK, json={"code": "AAAABBBB"}, headers=headers)
    expect_refusal(response, 429, "too_many")
    assert 0 < int(response.headers["Retry-After"]) <= 600


def test_a_one_time_code_lets_in_once(browser, new_browser, world):
    phone = world.vault.open(world.manager.phone_sealed, "person.phone")
    given = codes.give(world.session, phone=phone, person_id=None, vault=world.vault, now=dt.datetime.now(dt.UTC))
    world.session.commit()
    browser.get("/console/sign-in?to=/console/tickets")
    browser.post("/console/sign-in/code", code=given.code, to="/console/tickets")
    assert browser.response.headers["Location"] == "/console/tickets"
    assert "服务站站长" in browser.follow()
    other = new_browser()
    other.get("/console/sign-in")
    said = other.post("/console/sign-in/code", code=given.code)
    assert other.status == 422
    assert "登录码不对，或者已经用过" in said
    assert f'value="{given.code}"' in said  # what was typed is still there
    assert cookie(other) is None


def test_guessing_one_time_codes_is_slowed_down(browser, world):
    with time_machine.travel(dt.datetime.now(dt.UTC).replace(minute=1)):
        browser.get("/console/sign-in")
        token = browser.token
        for _ in range(CODES.most):
            browser.post("/console/sign-in/code", csrf=token, code="AAAABBBB")
            assert browser.status == 422
        said = browser.post("/console/sign-in/code", csrf=token, code="AAAABBBB")
    assert browser.status == 429
    assert "请过十分钟再试" in said


def test_who_is_not_signed_in_is_led_to_the_door_and_back(browser, world):
    browser.get("/console/tickets?view=late")
    assert browser.response.headers["Location"] == "/console/sign-in?to=/console/tickets?view%3Dlate"
    assert "用手机扫一扫" in browser.follow()
    assert 'name="to" value="/console/tickets?view=late"' in browser.text


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/", "//evil.example/console", "/console\\evil", "/consolex", "/api/v1/me", "/console/\n"],
)
def test_nobody_is_led_to_another_place(to):
    assert pages.inside(to) is None


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser, world):
    browser.enter(world, world.manager)
    kept = cookie(browser)
    assert kept.http_only
    assert kept.same_site == "Lax"
    entry = world.session.scalars(sa.select(SignIn).where(SignIn.label.is_not(None))).one()
    assert kept.value not in {entry.refresh_hash, entry.previous_hash}


def test_a_cookie_opens_no_api_and_a_token_no_console(browser, new_browser, world):
    browser.enter(world, world.manager)
    expect_refusal(browser.client.get("/api/v1/me"), 401, "not_signed_in")
    expect_refusal(browser.client.post("/api/v1/sign-out", json={}), 401, "not_signed_in")
    other = new_browser()
    other.get("/console", **world.headers(world.manager))
    assert other.status == 303


def test_a_form_from_elsewhere_is_not_taken(browser, world):
    browser.enter(world, world.manager)
    for csrf, headers in (("", {}), ("0" * 64, {}), (None, {"Sec-Fetch-Site": "cross-site"})):
        browser.get("/console/sign-ins")
        browser.post("/console/sign-out", csrf=csrf, headers=headers)
        assert browser.status == 409
    assert browser.get("/console/sign-ins")
    assert browser.status == 200
    browser.post("/console/sign-out")
    assert "您已经退出了" in browser.follow()


def test_signing_out_is_for_good_even_if_the_cookie_was_copied(browser, world):
    browser.enter(world, world.manager)
    stolen = cookie(browser).value
    browser.post("/console/sign-out")
    browser.client.set_cookie("wuyou_console", stolen)
    browser.get("/console")
    assert "您已经退出了" in browser.follow()


def test_ended_from_the_phone_the_page_says_so(browser, world):
    browser.enter(world, world.manager)
    headers = world.headers(world.manager)
    rows = browser.client.get("/api/v1/me/sign-ins", headers=headers).get_json()["items"]
    entry = next(row for row in rows if row["device"] == "console")
    assert entry["device_name"] == "Windows 电脑上的 Edge"
    assert browser.client.delete(f"/api/v1/me/sign-ins/{entry['id']}", headers=headers).status_code == 204
    browser.get("/console/tickets")
    assert "您在别的设备上结束了这台电脑的登录" in browser.follow()


def test_all_sign_ins_end_together(browser, new_browser, world):
    browser.enter(world, world.manager)
    other = new_browser()
    other.enter(world, world.manager)
    other.get("/console/sign-ins")
    other.post("/console/sign-ins/end-all")
    assert "包括这一台" in other.follow()
    browser.get("/console")
    assert "结束了这台电脑的登录" in browser.follow()


def test_an_open_page_does_not_keep_itself_alive(browser, world):
    browser.enter(world, world.manager)
    with later(20):
        assert browser.get("/console/alive") == ""
        assert browser.status == 204
    with later(31):
        browser.get("/console/alive")
        assert "没人用" in browser.follow()


def test_a_click_keeps_it_alive(browser, world):
    browser.enter(world, world.manager)
    for minutes in (20, 40, 60):
        with later(minutes):
            browser.get("/console")
            assert browser.status == 200


def test_a_hat_that_ends_is_off_at_the_next_click(browser, world):
    browser.enter(world, world.manager)
    assert "超时" in browser.get("/console")
    world.session.execute(
        sa.update(Membership)
        .where(Membership.person_id == world.manager.id)
        .values(ends_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
    )
    world.session.commit()
    assert "您现在的身份在这里没有要办的事" in browser.get("/console")
    browser.get("/console/tickets")
    assert browser.status == 403


def test_scanned_with_something_else_the_page_says_how(browser):
    said = browser.get("/console/scan/ABCD2345")
    assert "请在五有小程序里扫" in said
    assert "ABCD 2345" in said


def test_a_view_that_names_no_permission_is_refused_when_it_is_registered():
    blueprint = ConsoleBlueprint("forgetful", __name__)
    with pytest.raises(RuntimeError, match="names no permission"):
        blueprint.get("/forgotten")(lambda: "everybody's secrets")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36 Edg/131.0", "Windows 电脑上的 Edge"),
        ("Mozilla/5.0 (Windows NT 6.1) Chrome/86.0 Safari/537.36 QIHU 360SE", "Windows 电脑上的 360浏览器"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Linux 电脑上的火狐"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Version/17 Safari/605.1.15", "苹果电脑上的 Safari"),
        ("", "一台电脑上的浏览器"),
    ],
)
def test_browsers_are_called_by_names_that_people_know(said, name):
    assert label(said) == name
