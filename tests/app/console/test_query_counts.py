"""How many statements a page of the console takes, however much it shows."""

import datetime as dt

import pytest
import time_machine

WHO_IT_IS = 4
"""The sign-in, hats, keys, homes; the look at changed rights is not counted here."""

PAGES = {
    "/console": WHO_IT_IS + 5,  # tickets, requests and calls in numbers, what is late, what is newest
    "/console/tickets": WHO_IT_IS + 1,
    "/console/tickets?view=late": WHO_IT_IS + 1,
    "/console/calls": WHO_IT_IS + 2,  # the neighborhood, and its list
    "/console/groups": WHO_IT_IS + 2,  # the neighborhood, and its groups with what waits
    "/console/mass-messages": WHO_IT_IS + 4,  # the neighborhood and its messages; the same with its WeChat groups
    "/console/sign-ins": WHO_IT_IS + 1,
    "/console/hats": WHO_IT_IS + 2,
    "/console/alive": WHO_IT_IS,
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_takes_as_many_statements_for_many_rows_as_for_one(browser, world, statements, address):
    browser.enter(world, world.manager)
    world.file()
    world.session.commit()
    taken = []
    for _ in range(2):
        world.session.expunge_all()
        statements.clear()
        browser.get(address)
        assert browser.status in {200, 204}
        taken.append(len(statements))
        for _ in range(5):
            world.file(text="又一盏灯不亮")
        world.session.commit()
    assert taken == [PAGES[address]] * 2


def test_being_there_is_written_down_once_a_minute(browser, world, statements):
    browser.enter(world, world.manager)

    def writes():
        statements.clear()
        browser.get("/console/alive")
        browser.get("/console/hats")
        return [one for one in statements if one.startswith("UPDATE sign_in")]

    assert writes() == []
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=61)):
        assert len(writes()) == 1
        assert writes() == []
