"""Key households at the console: numbers for who manages, the case for who may know, nothing for anybody else."""

import re

import pytest
import sqlalchemy as sa

from models import AuditEntry, CareEntry, CareKnower, CareVisit
from tests.services.privacy.test_care import agree, opened

CASE = ("腿脚不便", "独居老人", "1号楼1单元201室")


@pytest.fixture
def entry(world):
    found = opened(world)
    world.session.commit()
    return found.id


def said_of_the_case(page):
    return [words for words in CASE if words in page]


def test_it_is_shown_for_a_purpose_only_and_the_household_reads_of_it(browser, world, entry):
    browser.enter(world, world.manager)
    assert said_of_the_case(browser.get("/console/care")) == []
    url = f"/console/care/{entry}"
    assert said_of_the_case(browser.get(url)) == []
    assert said_of_the_case(browser.post(url, purpose="")) == []
    assert browser.status == 422
    assert set(said_of_the_case(browser.post(url, purpose="上门看望"))) == set(CASE)
    looked = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "care.looked")).one()
    assert (looked.actor_id, looked.purpose) == (world.manager.id, "上门看望")


def test_who_manages_but_may_not_know_sees_numbers_only(browser, world, entry):
    browser.enter(world, world.community_officer)
    page = browser.get(f"/console/care?neighborhood={world.place.neighborhood.id}")
    assert f"第{entry}号" in page
    assert said_of_the_case(page) == []
    browser.get(f"/console/care/{entry}")
    assert browser.status == 404


def test_one_more_may_know_after_being_named(browser, new_browser, world, entry):
    browser.enter(world, world.manager)
    url = f"/console/care/{entry}/manage"
    page = browser.get(url)
    assert said_of_the_case(page) == []
    grid_leader = re.search(r'<option value="(\d+)">[^<]*网格长', page).group(1)
    browser.post(f"/console/care/{entry}/knowers", person_id=grid_leader, why="这栋楼归他管", ends_on="2027-04-01")
    assert "加上了" in browser.follow()
    assert (
        world.session.scalar(sa.select(CareKnower.why).where(CareKnower.person_id == int(grid_leader)))
        == "这栋楼归他管"
    )
    world.session.commit()
    other = new_browser()
    other.enter(world, world.grid_leader)
    assert f"第{entry}号" in other.get("/console/care")


def test_who_may_know_no_longer_sees_it_from_the_moment_of_being_taken_off(browser, new_browser, world, entry):
    knower = world.session.scalars(sa.select(CareKnower.id).where(CareKnower.entry_id == entry)).one()
    browser.enter(world, world.community_officer)
    page = browser.get(f"/console/care/{entry}/manage")
    assert "不让看了" in page
    assert said_of_the_case(page) == []
    browser.post(f"/console/care/{entry}/knowers/{knower}/withdraw")
    page = browser.follow()
    assert "撤下了" in page
    assert "现在没有人能看" in page
    world.session.commit()
    other = new_browser()
    other.enter(world, world.manager)
    assert f'/console/care/{entry}"' not in other.get("/console/care")
    other.get(f"/console/care/{entry}")
    assert other.status == 404


def test_who_was_taken_off_already_is_not_taken_off_again(browser, world, entry):
    knower = world.session.scalars(sa.select(CareKnower).where(CareKnower.entry_id == entry)).one()
    browser.enter(world, world.manager)
    browser.get(f"/console/care/{entry}/manage")
    url = f"/console/care/{entry}/knowers/{knower.id}/withdraw"
    token = browser.token
    browser.post(url)
    first = knower.withdrawn_at
    page = browser.post(url, csrf=token)
    assert browser.status == 409
    assert "这个人已经撤下了" in page
    assert knower.withdrawn_at == first


def test_somebody_is_written_down_with_their_consent_and_visited(browser, world):
    browser.enter(world, world.manager)
    url = f"/console/persons/{world.resident.id}/care"
    form = {"home_id": world.place.home.id, "kind": "alone", "reason": "腿脚不便", "expires_on": "2027-04-01"}
    browser.get(f"{url}?home={world.place.home.id}")
    page = browser.post(url, **form)
    assert browser.status == 409
    assert "要本人先同意" in page
    agree(world)
    world.session.commit()
    browser.post(url, csrf=browser.token, **form)
    browser.follow()
    entry = world.session.scalars(sa.select(CareEntry.id)).one()
    world.session.commit()
    browser.post(f"/console/care/{entry}", csrf=browser.token, purpose="上门看望")
    browser.post(f"/console/care/{entry}/visits", visited_at="2026-11-23T09:00", purpose="上门看望", words="都好")
    assert "走访记下了" in browser.follow()
    visited = world.session.scalars(sa.select(CareVisit)).one()
    assert visited.visited_at.isoformat() == "2026-11-23T01:00:00+00:00"
