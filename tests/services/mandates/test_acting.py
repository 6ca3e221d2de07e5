"""Acting by a mandate: in the principal's right, with the agent's hands, within the areas, and no longer than it counts."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given as examples
from hypothesis import strategies as st

from models import (
    ActingArea,
    AgentRelation,
    AuditEntry,
    Home,
    MandateState,
    Membership,
    Role,
    SignIn,
    Ticket,
    TicketEvent,
)
from services import acting as acts
from services import inbox, sign_in
from services.areas import AREA_PERMISSIONS, NEVER_BY_PROXY, WITH_EVERY_AREA, allowed, area_of, spoken, unplaced
from services.errors import Conflict, NotFound, WrongHat
from services.mandates import ending, using
from services.permissions import ROLE_PERMISSIONS, Permission
from services.reading import inbox as reading_inbox
from services.reading import tickets as reading_tickets
from services.reading.pages import PageRequest
from services.tickets import by_resident, filing
from services.tickets.filing import Report
from tests.proxies import acting, again, mandate, report_for
from tests.world import LONG_AGO, NOW, hire, move_in

RESIDENT = ROLE_PERMISSIONS[Role.RESIDENT]


# The table of areas: pure.


def test_every_permission_of_residents_has_its_place_and_only_one_kind_of_place():
    assert unplaced(RESIDENT) == frozenset()
    assert set(AREA_PERMISSIONS) == set(ActingArea)
    in_areas = frozenset().union(*AREA_PERMISSIONS.values())
    assert not NEVER_BY_PROXY & (in_areas | WITH_EVERY_AREA)
    assert in_areas | WITH_EVERY_AREA | NEVER_BY_PROXY == RESIDENT


def test_a_permission_that_nobody_placed_is_found_and_refused():
    strange = Permission.ORG_WRITE
    assert unplaced(RESIDENT | {strange}) == {strange}
    assert strange not in allowed(set(ActingArea))
    assert area_of(strange) is None


@examples(st.sets(st.sampled_from(ActingArea)))
def test_more_areas_never_give_less_and_never_what_is_never_given(areas):
    got = allowed(areas)
    assert got <= RESIDENT - NEVER_BY_PROXY
    assert all(allowed({area}) <= got for area in areas)
    assert bool(got) == bool(areas)
    assert (Permission.TICKET_FILE in got) == (ActingArea.TICKETS in areas)
    assert (Permission.INBOX_READ in got) == (ActingArea.MESSAGES in areas)


def test_areas_are_said_in_one_order():
    assert spoken({ActingArea.MESSAGES, ActingArea.TICKETS}) == "报修、看消息"


# Acting.


def test_an_agent_stands_in_the_principals_shoes_and_remains_who_they_are(world):
    given = mandate(world, world.far_neighbor)
    actor = acting(world, given)
    assert (actor.person_id, actor.agent_id, actor.doer_id) == (
        world.resident.id,
        world.far_neighbor.id,
        world.far_neighbor.id,
    )
    assert [home.home_id for home in actor.dwellings] == [world.place.home.id]
    assert actor.hat.ends_at == given.ends_at
    assert actor.may(Permission.TICKET_CONFIRM)
    assert not actor.may(Permission.INBOX_READ)
    entry = world.session.get_one(SignIn, actor.sign_in_id)
    assert (entry.person_id, entry.mandate_id) == (world.far_neighbor.id, given.id)


def test_the_principal_can_read_who_entered_in_their_name(world):
    given = mandate(world, world.far_neighbor)
    acting(world, given)
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "mandate.used")).one()
    assert (entry.about_person_id, entry.actor_id, entry.agent_id) == (world.resident.id, world.far_neighbor.id, None)


def test_being_oneself_again(world):
    given = mandate(world, world.far_neighbor)
    actor = acting(world, given)
    oneself = using.act_for(world.session, actor=actor, mandate_id=None, now=NOW)
    assert (oneself.person_id, oneself.agent_id) == (world.far_neighbor.id, None)
    assert again(world, actor).person_id == world.far_neighbor.id


def test_from_one_principal_to_another(world):
    first = mandate(world, world.neighbor)
    second = mandate(world, world.neighbor, principal=world.far_neighbor)
    actor = acting(world, first)
    assert using.act_for(world.session, actor=actor, mandate_id=second.id, now=NOW).person_id == world.far_neighbor.id


def test_a_worker_acts_as_the_resident_not_as_a_worker(world):
    actor = acting(world, mandate(world, world.clerk))
    assert actor.role is Role.RESIDENT
    assert not actor.may(Permission.TICKET_LIST)
    assert world.session.get_one(SignIn, actor.sign_in_id).membership_id is None


@pytest.mark.parametrize("name", ["resident", "neighbor", "stranger"])
def test_nobody_else_acts_by_it(world, name):
    given = mandate(world, world.far_neighbor)
    with pytest.raises(WrongHat) as refusal:
        using.act_for(world.session, actor=world.actor(getattr(world, name)), mandate_id=given.id, now=NOW)
    assert refusal.value.reason == "no_such_mandate"


@pytest.mark.parametrize(
    ("starts", "ends", "now", "counts"),
    [
        (LONG_AGO, NOW, NOW, False),
        (LONG_AGO, NOW, NOW - dt.timedelta(seconds=1), True),
        (NOW, NOW + dt.timedelta(days=1), NOW, True),
        (NOW + dt.timedelta(seconds=1), NOW + dt.timedelta(days=1), NOW, False),
    ],
)
def test_it_counts_from_its_first_moment_to_before_its_last(world, starts, ends, now, counts):
    given = mandate(world, world.far_neighbor, starts_at=starts, ends_at=ends)
    found = acts.acting_by(world.session, mandate_id=given.id, agent_id=world.far_neighbor.id, now=now)
    assert (found is not None) == counts


def test_when_it_was_withdrawn_the_device_is_the_agents_own_again(world):
    given = mandate(world, world.far_neighbor)
    actor = acting(world, given)
    ending.withdraw(world.session, actor=world.actor(world.resident), mandate_id=given.id, now=NOW)
    assert again(world, actor).person_id == world.far_neighbor.id
    assert again(world, actor).agent_id is None


def test_another_hat_ends_acting(world):
    given = mandate(world, world.clerk)
    actor = acting(world, given)
    held = world.session.scalars(sa.select(Membership.id).where(Membership.person_id == world.clerk.id)).one()
    changed = sign_in.change_hat(world.session, actor=actor, membership_id=held, now=NOW)
    assert (changed.person_id, changed.role, changed.agent_id) == (world.clerk.id, Role.STATION_CLERK, None)
    assert world.session.get_one(SignIn, actor.sign_in_id).mandate_id is None


def test_messages_are_left_out_when_the_principal_takes_up_work(world):
    given = mandate(world, world.far_neighbor, ActingArea.TICKETS, ActingArea.MESSAGES)
    assert acting(world, given).may(Permission.INBOX_READ)
    hire(world.session, world.resident, world.place.building, Role.BUILDING_LEADER)
    world.session.flush()
    assert not acting(world, given).may(Permission.INBOX_READ)


# What is done, and what stands in the history.


def test_a_report_names_both(world):
    given = mandate(world, world.far_neighbor)
    filed = report_for(world, acting(world, given))
    ticket = world.ticket(filed)
    assert (ticket.reporter_id, ticket.recorded_by_id) == (world.resident.id, world.far_neighbor.id)
    event = world.session.scalars(sa.select(TicketEvent).where(TicketEvent.ticket_id == filed.id)).one()
    assert (event.actor_id, event.on_behalf_of_id, event.mandate_id) == (
        world.far_neighbor.id,
        world.resident.id,
        given.id,
    )


def test_the_timeline_is_signed_with_both(world):
    given = mandate(world, world.far_neighbor)
    filed = report_for(world, acting(world, given))
    connection = world.session.connection()
    seen = reading_tickets.one(connection, actor=world.actor(world.manager), ticket_id=filed.id, now=NOW)
    assert [(event["by"], event["by_proxy"]) for event in seen["timeline"]] == [("钱*英（女儿）代王*兰", True)]


def test_a_neighbor_does_not_read_who_it_was(world):
    given = mandate(world, world.far_neighbor)
    filed = report_for(world, acting(world, given))
    connection = world.session.connection()
    seen = reading_tickets.one(connection, actor=world.actor(world.neighbor), ticket_id=filed.id, now=NOW)
    assert [event["by"] for event in seen["timeline"]] == [None]


def test_what_the_principal_does_alone_is_signed_as_before(world):
    filed = world.file()
    event = world.session.scalars(sa.select(TicketEvent).where(TicketEvent.ticket_id == filed.id)).one()
    assert (event.actor_id, event.on_behalf_of_id, event.mandate_id) == (world.resident.id, None, None)


def test_a_volunteer_confirms_for_somebody_without_a_phone(world):
    ticket = world.bring_to("done_by_worker", world.file())
    given = mandate(world, world.clerk, relation=AgentRelation.STATION)
    by_resident.confirm(world.session, actor=acting(world, given), now=NOW, ticket_id=ticket.id)
    assert (ticket.state, ticket.confirmed_by_id) == ("confirmed", world.clerk.id)


@pytest.mark.parametrize("move", ["confirm", "reopen", "rate"])
def test_a_worker_has_no_say_on_their_own_work_as_an_agent_either(world, move):
    ticket = world.bring_to("confirmed" if move == "rate" else "done_by_worker", world.file())
    actor = acting(world, mandate(world, world.repairer, relation=AgentRelation.NEIGHBOR))
    more = {"reopen": {"note": "还是不亮"}, "rate": {"satisfaction": "satisfied"}}.get(move, {})
    with pytest.raises(Conflict) as refusal:
        getattr(by_resident, move)(world.session, actor=actor, now=NOW, ticket_id=ticket.id, **more)
    assert refusal.value.reason == "worker_cannot_confirm"
    seen = reading_tickets.one(world.session.connection(), actor=actor, ticket_id=ticket.id, now=NOW)
    assert not {"confirm", "reopen", "rate"} & set(seen["actions"])


def test_the_database_too_refuses_a_worker_who_confirms_as_an_agent(world):
    ticket = world.bring_to("done_by_worker", world.file())
    with pytest.raises(sa.exc.IntegrityError, match="no_worker_confirms"):
        world.session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(confirmed_by_id=world.repairer.id))


def test_another_repairer_may_confirm_as_an_agent(world):
    ticket = world.bring_to("done_by_worker", world.file())
    actor = acting(world, mandate(world, world.other_repairer, relation=AgentRelation.NEIGHBOR))
    by_resident.confirm(world.session, actor=actor, now=NOW, ticket_id=ticket.id)
    assert ticket.confirmed_by_id == world.other_repairer.id


# One neighborhood.


@pytest.fixture
def two_homes(world):
    """The resident has a home in the other neighborhood too, and a broken lamp there."""
    move_in(world.session, world.resident, world.elsewhere.home)
    world.session.flush()
    return world.file(building_id=world.elsewhere.building.id)


def test_it_counts_in_one_neighborhood_only(world, two_homes):
    actor = acting(world, mandate(world, world.far_neighbor))
    assert actor.neighborhood_ids == {world.place.neighborhood.id}
    with pytest.raises(NotFound):
        by_resident.add_note(world.session, actor=actor, now=NOW, ticket_id=two_homes.id, text="在吗")
    here = report_for(world, actor)
    page = reading_tickets.of_reporter(world.session.connection(), actor=actor, page=PageRequest(), now=NOW)
    assert [item["id"] for item in page.items] == [here.id]
    own = reading_tickets.of_reporter(
        world.session.connection(), actor=world.actor(world.resident), page=PageRequest(), now=NOW
    )
    assert {item["id"] for item in own.items} == {here.id, two_homes.id}


@pytest.mark.usefixtures("two_homes")
def test_a_report_for_the_other_home_is_refused(world):
    actor = acting(world, mandate(world, world.far_neighbor))
    home: Home = world.elsewhere.home
    with pytest.raises(NotFound):
        filing.file_ticket(
            world.session, actor=actor, report=Report(category="elec", text="灯不亮", home_id=home.id), now=NOW
        )


def test_messages_of_the_other_neighborhood_are_not_shown(world):
    actor = acting(world, mandate(world, world.far_neighbor, ActingArea.MESSAGES))
    for place, title in ((world.place, "这边"), (world.elsewhere, "那边")):
        inbox.put(
            world.session,
            person_id=world.resident.id,
            neighborhood_id=place.neighborhood.id,
            title=title,
            body="请看一看。",
            dedupe_key=title,
            now=NOW,
        )
    connection = world.session.connection()
    page = reading_inbox.items(connection, actor=actor, page=PageRequest())
    assert [item["title"] for item in page.items] == ["这边"]
    assert reading_inbox.unread(connection, actor=actor) == 1
    inbox.mark_all_read(world.session, actor=actor, now=NOW)
    assert reading_inbox.unread(connection, actor=world.actor(world.resident)) == 1


def test_an_agent_does_not_see_what_the_principal_gave_to_others(world):
    actor = acting(world, mandate(world, world.far_neighbor))
    other = mandate(world, world.neighbor)
    with pytest.raises(NotFound):
        ending.withdraw(world.session, actor=actor, mandate_id=other.id, now=NOW)
    assert other.state is MandateState.IN_FORCE
