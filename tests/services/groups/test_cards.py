"""Cards whose numbers change: counted by household, changed by the outbox, over after a day."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models import CardState, Channel, Home, OutboxMessage, Residency, ShareCard
from services import sending
from services.errors import Conflict, NotFound, Rejected, TryLater
from services.groups import cards
from services.groups.cards import Count
from tests.world import NOW, account_of, move_in, new_person

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def building(world):
    """Three households, nobody with a phone bound."""
    place = {"neighborhood_id": world.place.neighborhood.id, "building_id": world.place.building.id}
    more = [
        Home(**place, room=f"20{number}", floor=2, code=f"1-1-20{number}", label=f"20{number}室", area_centi=5_000)
        for number in (2, 3)
    ]
    homes = [world.place.home, *more]
    world.session.add_all(more)
    world.session.flush()
    people = [new_person(world.session, world.vault, "王桂兰") for _ in homes]
    for person, home in zip(people, homes, strict=True):
        move_in(world.session, person, home)
    bound = sa.text("update wechat_account set unbound_at = last_seen_at, session_key_sealed = null, unionid = null")
    world.session.execute(bound)
    return people


def make(world, gateways, now=NOW, actor=None):
    return cards.keep(
        world.session, actor=actor or world.actor(world.manager), building_id=world.place.building.id,
        new=gateways.cards.create(), now=now,
    )  # fmt: skip


def send(world, gateways, now=NOW):
    """Ask for changes and carry them out; return how many were sent."""
    cards.refresh(world.session, now=now)
    parcels = sending.prepare(world.session, channel=Channel.CARD, now=now, limit=10, link=str)
    sending.settle(world.session, [sending.send(parcel, gateways) for parcel in parcels], now=now)
    world.session.flush()
    world.session.expire_all()
    return len(parcels)


def shown(gateways):
    return [(update.answered, update.households) for update in gateways.cards.shown]


def test_households_are_counted_not_persons(world, building):
    assert cards.count(world.session, world.place.building.id, now=NOW) == Count(0, 3)
    account_of(world.session, building[0])
    move_in(world.session, building[1], world.place.home)
    account_of(world.session, building[1])
    assert cards.count(world.session, world.place.building.id, now=NOW) == Count(2, 3)


def test_a_card_follows_the_count_and_ends_when_all_have_answered(world, gateways, building):
    card = make(world, gateways)
    assert send(world, gateways) == 0
    for person in building:
        account_of(world.session, person)
        assert send(world, gateways) == 1
        assert send(world, gateways) == 0
    assert shown(gateways) == [(1, 3), (2, 3), (3, 3)]
    assert gateways.cards.shown[-1].is_full
    assert (card.state, card.closed_at, card.answered) == (CardState.FULL, NOW, 3)
    with pytest.raises(Conflict) as caught:
        make(world, gateways)
    assert caught.value.reason == "all_answered"


def test_changes_that_wait_go_out_as_one_with_the_newest_numbers(world, gateways, building):
    make(world, gateways)
    account_of(world.session, building[0])
    gateways.cards.error = TryLater()
    send(world, gateways)
    account_of(world.session, building[1])
    gateways.cards.error = None
    assert send(world, gateways, NOW + MINUTE) == 1
    assert shown(gateways) == [(2, 3)]


def test_a_building_has_one_open_card_and_another_after_its_day(world, gateways, building):
    first = make(world, gateways)
    with pytest.raises(Conflict) as caught:
        make(world, gateways, NOW + MINUTE)
    assert caught.value.reason == "card_open"
    account_of(world.session, building[0])
    assert send(world, gateways, NOW + DAY) == 0
    assert (first.state, first.closed_at) == (CardState.EXPIRED, NOW + DAY)


@pytest.mark.parametrize(("code", "state"), [("card_ended", CardState.EXPIRED), ("wechat_rejected", CardState.LOST)])
def test_a_card_that_wechat_will_not_change_is_closed(world, gateways, building, code, state):
    card = make(world, gateways)
    account_of(world.session, building[0])
    gateways.cards.error = Rejected("不行。", code=code)
    send(world, gateways)
    assert (card.state, card.closed_at, card.answered) == (state, NOW, 0)
    assert (
        world.session.scalar(sa.select(OutboxMessage.state).where(OutboxMessage.channel == Channel.CARD)) == "refused"
    )


def test_only_who_looks_after_the_building_makes_a_card(world, gateways, building):
    with pytest.raises(NotFound):
        make(world, gateways, actor=world.actor(world.foreign_manager))


def test_a_building_without_residents_has_no_card(world, gateways):
    world.session.execute(sa.update(Residency).values(ends_at=NOW))
    with pytest.raises(Conflict) as caught:
        make(world, gateways)
    assert caught.value.reason == "nobody_to_count"


@pytest.mark.parametrize(
    "change", [{"answered": 4}, {"households": 0}, {"state": CardState.FULL}, {"expires_at": NOW - DAY}]
)
def test_the_database_refuses_a_card_that_cannot_be(world, gateways, building, change):
    make(world, gateways)
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(sa.update(ShareCard).values(**change))
