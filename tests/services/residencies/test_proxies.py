"""Acting for an owner of homes in two neighborhoods: the mandate is for one of them, and so is everything by it."""

import pytest

from models import ActingArea, LeavingReason, RequestState, Residency, ResidencyKind
from services.errors import NotFound
from services.reading.pages import PageRequest
from services.residencies import answering, asking, leaving, lists
from tests.proxies import acting, mandate
from tests.refusals import raises_refusal
from tests.services.residencies.claims import another_home, asked, claim, newcomer, request_of, residency_of
from tests.world import NOW, move_in

K = ResidencyKind
FIRST = PageRequest(20)


@pytest.fixture
def far_home(world):
    """A home of the resident in the other neighborhood."""
    move_in(world.session, world.resident, world.elsewhere.other_home)
    return world.elsewhere.other_home


@pytest.fixture
def agent(world, far_home):
    """Who acts for the resident, for homes, in the first neighborhood."""
    return acting(world, mandate(world, newcomer(world), ActingArea.HOMES))


def test_the_homes_of_one_neighborhood_are_listed(world, agent):
    assert [one["id"] for one in lists.my_homes(world.session, actor=agent, now=NOW)] == [world.place.home.id]
    own = lists.my_homes(world.session, actor=world.actor(world.resident), now=NOW)
    assert {one["id"] for one in own} == {world.place.home.id, world.elsewhere.other_home.id}


def test_a_home_elsewhere_is_neither_left_nor_asked_for(world, agent, far_home):
    with raises_refusal(NotFound, "residency_not_found"):
        leaving.leave(world.session, actor=agent, home_id=far_home.id, why=LeavingReason.SOLD, now=NOW)
    assert residency_of(world, world.resident, far_home) is not None
    with raises_refusal(NotFound, "home_not_found"):
        asking.ask(
            world.session,
            actor=agent,
            home_id=world.elsewhere.home.id,
            claim=claim(K.CO_OWNER),
            vault=world.vault,
            now=NOW,
        )


def test_a_home_here_is_asked_for_and_left(world, agent):
    home = another_home(world, "501")
    request = asking.ask(world.session, actor=agent, home_id=home.id, claim=claim(), vault=world.vault, now=NOW)
    assert request.person_id == world.resident.id
    leaving.leave(world.session, actor=agent, home_id=world.place.home.id, why=LeavingReason.MOVED_OUT, now=NOW)
    assert residency_of(world, world.resident, world.place.home) is None


def test_a_request_elsewhere_is_neither_seen_nor_withdrawn(world, agent):
    request = asked(world, world.resident, home=world.elsewhere.home, kind=K.CO_OWNER)
    assert lists.my_requests(world.session, actor=agent, page=FIRST).items == []
    with raises_refusal(NotFound, "request_not_found"):
        lists.detail(world.session, actor=agent, request_id=request.id)
    with raises_refusal(NotFound, "request_not_found"):
        asking.withdraw(world.session, actor=agent, request_id=request.id, now=NOW)
    assert request_of(world, request).state is RequestState.SUBMITTED


def test_who_lives_in_a_home_elsewhere_is_not_the_agents_word(world, agent, far_home):
    request = asked(world, newcomer(world), home=far_home, kind=K.TENANT)
    assert lists.to_confirm(world.session, actor=agent, page=FIRST).items == []
    with raises_refusal(NotFound, "request_not_found"):
        answering.confirm(world.session, actor=agent, request_id=request.id, now=NOW)
    with raises_refusal(NotFound, "home_not_found"):
        lists.residents_for_owner(world.session, actor=agent, home_id=far_home.id, now=NOW)
    tenant = newcomer(world, "租户")
    move_in(world.session, tenant, far_home, K.TENANT)
    residency = residency_of(world, tenant, far_home)
    assert isinstance(residency, Residency)
    with raises_refusal(NotFound, "residency_not_found"):
        leaving.end_by_owner(world.session, actor=agent, residency_id=residency.id, words="不租了。", now=NOW)
