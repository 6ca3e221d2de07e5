"""The call list at the console: whom to call, what to read out, what was said, and who looked."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from models import AuditEntry, ReadBack, ReadBackAnswer
from services.mandates import read_back
from tests.proxies import acting, mandate, report_for, without_phone

FIRST = dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC)


@pytest.fixture
def call(world):
    """The resident has no WeChat; somebody filed for them, and the first of the month has come."""
    report_for(world, acting(world, mandate(world, world.far_neighbor)))
    without_phone(world, world.resident)
    read_back.read_back(world.session, now=FIRST)
    row = world.session.scalars(sa.select(ReadBack)).one()
    world.session.commit()
    return row


def stands(world, call):
    row = world.session.get_one(ReadBack, call.id, populate_existing=True)
    world.session.commit()
    return row


def test_the_list_is_masked_and_names_the_month(browser, world, call):
    browser.enter(world, world.clerk)
    page = browser.get("/console/calls")
    assert "王*兰" in page
    assert "2026年11月" in page
    assert "王桂兰" not in page


def test_a_call_from_looking_up_to_writing_down(browser, world, call):
    browser.enter(world, world.clerk)
    url = re.search(r"/console/calls/\d+", browser.get("/console/calls")).group()
    page = browser.get(url)
    assert "报修" in page
    assert "王桂兰" not in page
    shown = browser.post(f"{url}/contact")
    assert "王桂兰" in shown
    assert re.search(r">154\d{8}<", shown)
    looked = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "person.revealed")).one()
    assert (looked.actor_id, looked.about_person_id) == (world.clerk.id, world.resident.id)
    world.session.commit()
    browser.post(f"{url}/not-reached")
    assert "没打通" in browser.follow()
    assert "打过1次没通" in browser.text
    browser.get(url)
    refused = browser.post(f"{url}/answer", answer="question", words="")
    assert browser.status == 422
    assert "请写一句有什么疑问" in refused
    assert 'value="question" checked' in refused  # what was chosen is still chosen
    browser.post(f"{url}/answer", answer="question", words="我没让他报过修。")
    assert "现在没有要打的回访电话" in browser.follow()
    assert stands(world, call).answer is ReadBackAnswer.QUESTION
    again = browser.post(f"{url}/answer", csrf=browser.token, answer="agreed")
    assert browser.status == 409
    assert "已经问过、记下了" in again
    assert "我没让他报过修。" in again


def test_nobody_else_reads_or_answers_it(browser, new_browser, world, call):
    url = f"/console/calls/{call.id}"
    for person, status in ((world.foreign_manager, 404), (world.repairer, 403), (world.stranger, 403)):
        other = new_browser()
        other.enter(world, person)
        token = other.token
        other.get(url)
        assert other.status == status
        other.post(f"{url}/contact", csrf=token)
        assert other.status == status
        assert "王桂兰" not in other.text
    assert stands(world, call).answer is None
