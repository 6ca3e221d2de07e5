"""The rights desk at the console: what waits and until when, taking it, answering, printing, and the window."""

import pytest
import sqlalchemy as sa

from models import AuditEntry, Person, RightsKind, RightsRequest, RightsState
from services.privacy import desk
from services.privacy.desk import Asking
from tests.world import NOW


def ask(world, kind=RightsKind.CORRECT, words="名字写错了一个字"):
    made = desk.ask(
        world.session, actor=world.actor(world.resident), asking=Asking(kind, words), vault=world.vault, now=NOW
    )
    world.session.commit()
    return f"/console/desk/{made.id}", made.id


def stands(world, request_id):
    found = world.session.get_one(RightsRequest, request_id, populate_existing=True)
    world.session.commit()
    return found


def test_what_waits_is_listed_masked_with_its_day(browser, world):
    ask(world)
    browser.enter(world, world.manager)
    page = browser.get("/console/desk")
    assert "王*兰" in page
    assert "改正我的资料" in page
    assert "王桂兰" not in page
    assert "还没有答复过的申请" in browser.get("/console/desk?settled=1")


def test_a_correction_is_taken_and_done(browser, world):
    url, request_id = ask(world)
    browser.enter(world, world.manager)
    page = browser.get(url)
    assert "名字写错了一个字" in page
    assert "照办" not in page  # not before it is in hand
    browser.post(f"{url}/take")
    assert "请在期限以前答复" in browser.follow()
    browser.post(f"{url}/answer", action="grant", name="王桂岚")
    assert "答复了" in browser.follow()
    assert stands(world, request_id).state is RightsState.GRANTED
    person = world.session.get_one(Person, world.resident.id, populate_existing=True)
    assert world.vault.open(person.name_sealed, "person.name") == "王桂岚"


def test_a_refusal_without_reasons_is_not_taken_and_keeps_what_was_chosen(browser, world):
    url, request_id = ask(world)
    browser.enter(world, world.manager)
    browser.get(url)
    browser.post(f"{url}/take")
    browser.follow()
    page = browser.post(f"{url}/answer", action="refuse")
    assert browser.status == 422
    assert "请写明答复" in page
    assert 'value="refuse" checked' in page
    assert stands(world, request_id).state is RightsState.IN_HAND


def test_before_a_deletion_one_reads_what_goes_and_what_stays(browser, world):
    url, _ = ask(world, RightsKind.DELETE, None)
    browser.enter(world, world.manager)
    browser.get(url)
    browser.post(f"{url}/take")
    page = browser.follow()
    assert "会删掉" in page
    assert "他还是业主" in page


def test_everything_about_somebody_is_shown_once_for_the_print_and_they_read_of_it(browser, world):
    browser.enter(world, world.manager)
    window = f"/console/persons/{world.resident.id}/rights-requests"
    browser.get(window)
    browser.post(window, kind="see", how="spoken", standing="self")
    url = browser.response.headers["Location"]
    browser.follow()
    browser.post(f"{url}/take")
    browser.follow()
    page = browser.post(f"{url}/print", purpose="本人到窗口来要")
    assert "王桂兰" in page
    assert "王桂兰" not in browser.get(url)
    looked = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "person.exported")).one()
    assert (looked.actor_id, looked.purpose) == (world.manager.id, "本人到窗口来要")


@pytest.mark.parametrize("standing", ["guardian", "heir"])
def test_who_asks_for_somebody_else_shows_a_paper(browser, world, standing):
    browser.enter(world, world.manager)
    window = f"/console/persons/{world.resident.id}/rights-requests"
    browser.get(window)
    page = browser.post(window, kind="see", how="spoken", standing=standing)
    assert browser.status == 422
    assert "看过什么证件" in page
