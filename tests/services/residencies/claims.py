"""Requests in tests: what somebody claims, and who brings a request into which state."""

import datetime as dt

import sqlalchemy as sa

from models import Evidence, HomeRight, InboxItem, RequestState, Residency, ResidencyKind, ResidencyRequest, Right, Role
from services.residencies import answering, asking
from services.residencies.asking import Claim
from tests.world import NOW, move_in, new_person

WHY = "照片看不清"


def claim(kind=ResidencyKind.OWNER, **more):
    """A claim that shows what it should."""
    usual = {
        ResidencyKind.OWNER: {"evidence": Evidence.DEED, "document": "辽(2020)本溪市不动产权第0001234号"},
        ResidencyKind.CO_OWNER: {"evidence": Evidence.DEED, "document": "辽(2020)本溪市不动产权第0001234号"},
        ResidencyKind.FAMILY: {"evidence": Evidence.OWNER_WORD},
        ResidencyKind.TENANT: {"evidence": Evidence.OWNER_WORD},
        ResidencyKind.OCCUPANT: {"evidence": Evidence.OWNER_WORD},
        ResidencyKind.AGENT: {"evidence": Evidence.MANDATE, "document": "委托书2026第3号"},
    }[kind]
    return Claim(**{"kind": kind, "since": dt.date(2026, 11, 1), **usual, **more})


def asked(world, person, *, home, kind=ResidencyKind.OWNER, now=NOW, **more):
    """A request of a person for a home."""
    request = asking.ask(
        world.session,
        actor=world.actor(person, Role.RESIDENT),
        home_id=home.id,
        claim=claim(kind, **more),
        vault=world.vault,
        now=now,
    )
    world.session.flush()
    return request


def newcomer(world, name="马秀兰"):
    """Somebody with a name and a phone who lives nowhere yet."""
    return new_person(world.session, world.vault, name)


def neighbors(world, count=2):
    """People who live in further homes of the first building."""
    found = []
    for number in range(count):
        person = new_person(world.session, world.vault, f"邻居{number}")
        move_in(world.session, person, another_home(world, f"30{number + 1}"))
        found.append(person)
    return found


def another_home(world, room):
    """A further home in the first building."""
    place = world.place.home
    home = type(place)(
        neighborhood_id=place.neighborhood_id,
        building_id=place.building_id,
        room=room,
        floor=3,
        code=f"1-1-{room}",
        label=f"1号楼1单元{room}室",
        area_centi=5_000,
    )
    world.session.add(home)
    world.session.flush()
    return home


def vouch(world, person, request, role=Role.RESIDENT, now=NOW):
    return answering.vouch(
        world.session, actor=world.actor(person, role), request_id=request.id, words="他家住了十年了。", now=now
    )


def approve(world, request, *, by=None, now=NOW, **more):
    """The station approves."""
    actor = world.actor(by or world.manager)
    answering.approve(world.session, actor=actor, request_id=request.id, now=now, **more)
    return request


def request_of(world, request) -> ResidencyRequest:
    """The row of a request, fresh."""
    return world.session.get_one(ResidencyRequest, request.id, populate_existing=True)


def rights_of(world, person, home, at=None) -> set[Right]:
    """The rights that somebody has in a home, now or at a moment."""
    world.session.flush()
    query = sa.select(HomeRight.right).where(HomeRight.person_id == person.id, HomeRight.home_id == home.id)
    if at is None:
        query = query.where(HomeRight.ends_at.is_(None))
    else:
        query = query.where(HomeRight.starts_at <= at, sa.or_(HomeRight.ends_at.is_(None), HomeRight.ends_at > at))
    return set(world.session.scalars(query))


def residency_of(world, person, home) -> Residency | None:
    """What somebody is to a home now."""
    world.session.flush()
    return world.session.scalar(
        sa.select(Residency).where(
            Residency.person_id == person.id, Residency.home_id == home.id, Residency.ends_at.is_(None)
        )
    )


def read_by(world, person) -> list[str]:
    """What somebody finds in their inbox, oldest first."""
    world.session.flush()
    query = sa.select(InboxItem.body).where(InboxItem.person_id == person.id).order_by(InboxItem.id)
    return list(world.session.scalars(query))


def into(world, state: RequestState):
    """A request in a state, with its applicant."""
    person = newcomer(world)
    if state is RequestState.WAITING_VOUCHERS:
        return asked(
            world, person, home=world.place.home, kind=ResidencyKind.FAMILY, evidence=Evidence.VOUCHING
        ), person
    if state is RequestState.WAITING_OWNER:
        return asked(world, person, home=world.place.home, kind=ResidencyKind.TENANT), person
    request = asked(world, person, home=world.place.home, kind=ResidencyKind.CO_OWNER)
    if state is RequestState.RETURNED:
        answering.send_back(world.session, actor=world.actor(world.manager), request_id=request.id, words=WHY, now=NOW)
    if state is RequestState.APPROVED:
        approve(world, request)
    if state is RequestState.WITHDRAWN:
        asking.withdraw(world.session, actor=world.actor(person), request_id=request.id, now=NOW)
    world.session.flush()
    return request, person
