"""Mandates of the small world, and people who act by them."""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from app import identity
from models import (
    ActingArea,
    AgentRelation,
    InboxItem,
    Mandate,
    MandateArea,
    MandateConsent,
    MandateState,
    Person,
    ReadBack,
    ReadBackMeans,
    SignIn,
)
from services import sign_in
from services.actors import Actor
from services.mandates import rules, using
from services.tickets import filing
from services.tickets.filing import Filed, Report
from tests.world import LONG_AGO, NOW, World, account_of

YEAR = dt.timedelta(days=365)


def mandate(
    world: World,
    agent: Person,
    *areas: ActingArea,
    principal: Person | None = None,
    starts_at: dt.datetime = LONG_AGO,
    ends_at: dt.datetime | None = None,
    relation: AgentRelation = AgentRelation.DAUGHTER,
) -> Mandate:
    """A mandate in force, given in the app by the resident unless told otherwise; for tickets unless told otherwise."""
    principal = principal or world.resident
    row = Mandate(
        neighborhood_id=world.place.neighborhood.id,
        principal_id=principal.id,
        agent_id=agent.id,
        relation=relation,
        consent=MandateConsent.IN_APP,
        text_id=rules.texts(world.session, NOW)[MandateConsent.IN_APP].id,
        state=MandateState.IN_FORCE,
        offered_until=NOW + YEAR,
        consented_at=starts_at,
        starts_at=starts_at,
        ends_at=ends_at or NOW + YEAR,
        created_at=starts_at,
    )
    world.session.add(row)
    world.session.flush()
    world.session.add_all(MandateArea(mandate_id=row.id, area=area) for area in areas or (ActingArea.TICKETS,))
    world.session.flush()
    return row


def to_call(world: World, given: Mandate, month: str = "2026-10") -> ReadBack:
    """A principal whom the station is to call about what was done in a month."""
    row = ReadBack(
        neighborhood_id=given.neighborhood_id,
        mandate_id=given.id,
        principal_id=given.principal_id,
        month=month,
        means=ReadBackMeans.CALL,
        acts=1,
        created_at=NOW,
        tries=0,
    )
    world.session.add(row)
    world.session.flush()
    return row


def acting(world: World, given: Mandate, now: dt.datetime = NOW) -> Actor:
    """The agent of a mandate, acting by it."""
    agent = world.session.get_one(Person, given.agent_id)
    return using.act_for(world.session, actor=world.actor(agent), mandate_id=given.id, now=now)


def acting_headers(world: World, given: Mandate, **more: str) -> dict[str, str]:
    """Request headers of the agent of a mandate, acting by it."""
    now = dt.datetime.now(dt.UTC)
    actor = acting(world, given, now)
    world.session.commit()
    token = identity.issue(actor, now=now, lifetime=dt.timedelta(minutes=10))
    return {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in more.items()}}


def again(world: World, actor: Actor, now: dt.datetime = NOW) -> Actor:
    """Who the sign-in of an actor stands for when it is looked at once more."""
    return sign_in.actor_of(world.session, world.session.get_one(SignIn, actor.sign_in_id), now=now)


def without_phone(world: World, person: Person) -> Person:
    """Somebody whom WeChat does not reach."""
    assert account_of(world.session, person) is not None
    world.session.query(SignIn).filter_by(person_id=person.id).delete()
    world.session.delete(account_of(world.session, person))
    world.session.flush()
    return person


def report_for(world: World, actor: Actor, now: dt.datetime = NOW, **where: Any) -> Filed:
    """A report that an agent files, in the resident's building unless told otherwise."""
    report = Report(category="elec", text="3单元门口的灯不亮", **(where or {"building_id": world.place.building.id}))
    filed = filing.file_ticket(world.session, actor=actor, report=report, now=now)
    world.session.flush()
    return filed


def read_backs(world: World) -> list[ReadBack]:
    """What was to be read back to anybody, in order."""
    return list(world.session.scalars(sa.select(ReadBack).order_by(ReadBack.id)))


def told_of_acts(world: World, person: Person) -> list[str]:
    """What somebody's inbox says was done for them."""
    query = sa.select(InboxItem.body).where(InboxItem.person_id == person.id, InboxItem.title.startswith("上个月"))
    return list(world.session.scalars(query))
