"""Codes at the console: made, printed, replaced."""

import re

from models import Role


def test_codes_are_made_printed_and_replaced(browser, world):
    browser.enter(world, world.manager)
    page = browser.get("/console/codes")
    assert "还没有码" in page
    browser.post("/console/codes")
    page = browser.follow()
    assert "新发了3个码" in page
    sheets = browser.client.get("/console/codes/sheet?what=buildings&size=card")
    assert (sheets.status_code, sheets.mimetype, sheets.get_data()[:5]) == (200, "application/pdf", b"%PDF-")
    page = browser.get("/console/codes")
    code_id = re.search(r"/console/codes/(\d+)/sheet", page).group(1)
    assert browser.client.get(f"/console/codes/{code_id}/sheet").mimetype == "application/pdf"
    browser.get("/console/codes")
    browser.post(f"/console/codes/{code_id}/replace?neighborhood={world.place.neighborhood.id}", why="lost")
    assert "新码发好了，编号没变" in browser.follow()


def test_a_spot_is_added_and_a_name_that_is_taken_is_said_on_the_form(browser, world):
    browser.enter(world, world.manager)
    browser.get("/console/codes")
    browser.post("/console/codes/spots", kind="checkpoint", name="水泵房")
    assert "记下了“水泵房”" in browser.follow()
    said = browser.post("/console/codes/spots", kind="checkpoint", name="水泵房")
    assert browser.status == 409
    assert "已经有一个叫“水泵房”的地方" in said


def test_an_address_with_nonsense_is_refused_on_a_page(browser, world):
    browser.enter(world, world.manager)
    page = browser.get("/console/codes/sheet?size=huge")
    assert browser.status == 422
    assert "请从页面上点" in page


def test_a_repairer_has_no_codes_to_look_after(new_browser, world):
    manager, repairer = new_browser(), new_browser()
    manager.enter(world, world.manager, Role.STATION_MANAGER)
    assert "墙上的码" in manager.get("/console")
    repairer.enter(world, world.repairer, Role.REPAIRER)
    assert "墙上的码" not in repairer.get("/console")
