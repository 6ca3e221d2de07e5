"""Requests to be registered, at the console: reading, approving, giving back with a reason that is not lost."""

import re

import pytest

from models import RequestState, ResidencyRequest
from tests.services.residencies.claims import asked, newcomer


@pytest.fixture
def waiting(world):
    """Somebody asks to be written down as the owner of a home that has another one: id and name."""
    found = asked(world, newcomer(world), home=world.place.other_home)
    world.session.commit()
    return found.id


def state_of(world, request_id):
    found = world.session.get_one(ResidencyRequest, request_id, populate_existing=True).state
    world.session.commit()
    return found


def test_requests_are_listed_masked_and_shown_with_their_evidence(browser, world, waiting):
    browser.enter(world, world.clerk)
    assert "<b>1</b> 登记申请" in browser.text
    page = browser.get("/console/residency-requests")
    assert "马*兰" in page
    assert "2号楼1单元201室" in page
    one = browser.get(f"/console/residency-requests/{waiting}")
    assert "房产证或不动产权证" in one
    assert "马秀兰" not in one
    assert "辽(2020)本溪市不动产权第0001234号" not in one  # numbers of papers are masked
    assert "没有这样的申请" in browser.get("/console/residency-requests?state=withdrawn")


def test_a_request_is_given_back_with_a_reason(browser, world, waiting):
    browser.enter(world, world.clerk)
    url = f"/console/residency-requests/{waiting}"
    browser.get(url)
    refused = browser.post(f"{url}/return", version="1", words=" ")
    assert browser.status == 422
    assert "这一项要填。" in refused
    assert state_of(world, waiting) is RequestState.SUBMITTED
    browser.get(url)
    browser.post(f"{url}/return", version="1", words="房产证第二页没有拍到，请补一张。")
    assert "退回了" in browser.follow()
    assert state_of(world, waiting) is RequestState.RETURNED
    assert "房产证第二页没有拍到" in browser.get(url)


def test_what_was_typed_stays_when_it_cannot_be_approved(browser, world, waiting):
    """The home has an owner already: the box that ends the old ones was not ticked."""
    browser.enter(world, world.clerk)
    url = f"/console/residency-requests/{waiting}"
    browser.get(url)
    refused = browser.post(f"{url}/approve", version="1", words="看过原件了")
    assert browser.status == 409
    assert "看过原件了" in refused
    assert 'role="alert"' in refused
    browser.post(f"{url}/approve", version="1", words="看过原件了", replaces_owner="true")
    assert "通过了" in browser.follow()
    assert state_of(world, waiting) is RequestState.APPROVED


def test_somebody_elses_change_meanwhile_is_not_overwritten(browser, world, waiting):
    browser.enter(world, world.clerk)
    url = f"/console/residency-requests/{waiting}"
    browser.get(url)
    said = browser.post(f"{url}/return", version="7", words="请补一张照片。")
    assert browser.status == 409
    assert "请补一张照片。" in said


def test_an_officer_comes_to_a_neighborhoods_requests_from_the_first_page_and_back(browser, world, waiting):
    browser.enter(world, world.community_officer)
    way = re.search(r'href="(/console/residency-requests\?neighborhood=\d+)"', browser.text).group(1)
    assert "马*兰" in browser.get(way)
    assert f'href="{way}"' in browser.get(f"/console/residency-requests/{waiting}")
    browser.post(f"/console/residency-requests/{waiting}/return", version="1", words="请补一张照片。")
    assert browser.response.headers["Location"] == way
