"""Finding homes and people at the console, and reading a phone in full for a purpose."""

import re

import pytest
import sqlalchemy as sa

from models import AuditEntry


def search(browser, text):
    browser.get("/console/homes")
    return browser.post("/console/homes", text=text)


@pytest.mark.parametrize("said", ["1-1-201", "１号楼一单元201", "1栋201"])
def test_a_home_is_found_as_it_is_said(browser, world, said):
    browser.enter(world, world.clerk)
    page = search(browser, said)
    assert browser.status == 200
    assert "1号楼1单元201室" in page
    assert "2号楼1单元201室" not in page


def test_people_are_found_by_name_and_shown_masked(browser, world):
    browser.enter(world, world.clerk)
    page = search(browser, "王桂兰")
    assert "王*兰" in page
    assert "1号楼1单元201室" in page
    assert page.count("王桂兰") == 1  # as it was typed
    # Nothing of it stands in an address, where every log would keep it.
    assert "王桂兰" not in browser.response.request.url


def test_what_is_not_found_says_how_to_ask_better(browser, world):
    browser.enter(world, world.clerk)
    assert "换个说法试试" in search(browser, "99号楼99单元9901")
    assert "这一项要填。" in search(browser, " ")


def test_who_lives_in_a_home_is_found_by_its_number(browser, world):
    browser.enter(world, world.clerk)
    page = search(browser, "1-1-201")
    assert "王*兰" in page
    assert "赵*福" in page
    assert "钱*英" not in page


def test_a_home_shows_what_is_known_of_it_and_who_is_registered_there(browser, world):
    browser.enter(world, world.clerk)
    page = browser.get(f"/console/homes/{world.place.home.id}")
    assert "1号楼1单元201室" in page
    assert "住宅" in page
    assert "王*兰" in page
    assert "赵*福" in page
    assert "王桂兰" not in page
    assert "投票" in page


def test_a_phone_is_read_in_full_for_a_purpose_and_on_record(browser, world):
    phone = world.vault.open(world.resident.phone_sealed, "person.phone").removeprefix("+86")
    url = f"/console/persons/{world.resident.id}/reveal"
    browser.enter(world, world.clerk)
    page = browser.get(url)
    assert phone not in page
    purpose = re.search(r'<option value="(\w+)"', page.split("请选一个")[1]).group(1)
    refused = browser.post(url, fields="phone", purpose="")
    assert browser.status == 422
    assert phone not in refused
    browser.get(url)
    shown = browser.post(url, fields="phone", purpose=purpose, words="暖气漏水，要上门看看。")
    assert browser.status == 200, shown
    assert phone in shown
    looked = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "person.revealed")).one()
    assert (looked.actor_id, looked.about_person_id) == (world.clerk.id, world.resident.id)
    world.session.commit()
    assert phone not in browser.get(url)


def test_a_registered_resident_gets_a_code_that_is_shown_once(browser, world):
    browser.enter(world, world.manager)
    url = f"/console/homes/{world.place.home.id}"
    browser.get(url)
    page = browser.post(f"{url}/invite", person_id=world.resident.id, kind="owner")
    code = re.search(r'class="code">(\w{4}) (\w{4})<', page)
    assert code
    assert code.group() not in browser.get(url)
