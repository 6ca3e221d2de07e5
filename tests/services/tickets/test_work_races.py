"""Two at once, with real commits: two workers grab, the station assigns while the resident cancels, and so on."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.settings import VAULT
from app.transaction import transaction
from models import Ticket, TicketAssignment, TicketEvent
from services.errors import Conflict
from services.tickets import by_resident, by_station, passing
from tests.racing import at_once
from tests.services.acting import can, do, put_into
from tests.world import NOW, World

pytestmark = pytest.mark.slow
TIMES = 5
"""A race is run several times: who is first should not always be the same."""


@dataclass
class Scene:
    """Tickets in a world that was committed, and who acts."""

    app: object
    tickets: list[int]
    actors: dict
    ids: dict

    def told(self, who, ticket_id, **more):
        return {"actor": self.actors[who], "now": NOW, "ticket_id": ticket_id, **more}

    def rows(self, kind, ticket_id):
        with self.app.app_context(), transaction() as session:
            found = session.scalars(sa.select(kind).where(kind.ticket_id == ticket_id).order_by(kind.id)).all()
            session.expunge_all()
            return found

    def ticket(self, ticket_id):
        with self.app.app_context(), transaction() as session:
            found = session.get_one(Ticket, ticket_id)
            session.expunge_all()
            return found


@pytest.fixture
def scene(real_app, request):
    state = request.param
    with real_app.app_context():
        with transaction() as session:
            world = World.build(session, real_app.extensions[VAULT])
            people = ("manager", "resident", "repairer", "other_repairer")
            for worker in (world.repairer, world.other_repairer):
                can(world, worker, most=TIMES)
            tickets = []
            for _ in range(TIMES):
                filed = world.file()
                do(world, "triage", filed)
                if state != "triaged":
                    put_into(world, filed, state)
                tickets.append(filed.id)
            actors = {name: world.actor(getattr(world, name)) for name in people}
            ids = {name: getattr(world, name).id for name in people}
        db.session.remove()
    return Scene(real_app, tickets, actors, ids)


def committed(work, told):
    def run():
        with transaction() as session:
            return work(session, **told).assignee_id

    return run


@pytest.mark.parametrize("scene", ["triaged"], indirect=True)
def test_of_two_who_grab_at_once_exactly_one_has_it_and_the_other_is_told(scene):
    for ticket_id in scene.tickets:
        results = at_once(
            scene.app,
            *(committed(passing.grab, scene.told(who, ticket_id)) for who in ("repairer", "other_repairer")),
        )
        won = [one for one in results if isinstance(one, int)]
        lost = [one for one in results if isinstance(one, Conflict)]
        assert (len(won), [one.reason for one in lost]) == (1, ["taken_already"]), results
        assert "另选一单" in lost[0].detail
        assert scene.ticket(ticket_id).assignee_id == won[0]
        assert [row.person_id for row in scene.rows(TicketAssignment, ticket_id)] == won
        assert [row.action for row in scene.rows(TicketEvent, ticket_id)] == ["file", "triage", "grab"]


@pytest.mark.parametrize("scene", ["triaged"], indirect=True)
def test_one_worker_with_one_hand_free_grabs_one_of_two(scene):
    first, second, *others = scene.tickets
    with scene.app.app_context(), transaction() as session:
        session.execute(
            sa.update(Ticket).where(Ticket.id.in_(others)).values(state="accepted", assignee_id=scene.ids["repairer"])
        )
        session.execute(
            sa.text("update load_rule set most = :most where most = :times"), {"most": len(others) + 1, "times": TIMES}
        )
    results = at_once(
        scene.app, *(committed(passing.grab, scene.told("repairer", ticket_id)) for ticket_id in (first, second))
    )
    assert sorted(getattr(one, "reason", "won") for one in results) == ["load_full", "won"], results


@pytest.mark.parametrize("scene", ["triaged"], indirect=True)
def test_what_goes_in_turn_at_once_goes_to_different_workers(scene):
    first, second, *_ = scene.tickets
    results = at_once(
        scene.app, *(committed(by_station.rotate, scene.told("manager", ticket_id)) for ticket_id in (first, second))
    )
    assert sorted(results) == sorted((scene.ids["repairer"], scene.ids["other_repairer"]))


@pytest.mark.parametrize("scene", ["triaged"], indirect=True)
def test_when_the_station_assigns_while_the_resident_cancels_the_last_word_is_the_cancelling(scene):
    for ticket_id in scene.tickets:
        assigned, cancelled = at_once(
            scene.app,
            committed(by_station.assign, scene.told("manager", ticket_id, assignee_id=scene.ids["repairer"])),
            committed(by_resident.cancel, scene.told("resident", ticket_id)),
        )
        assert not isinstance(cancelled, Exception), cancelled
        actions = [row.action for row in scene.rows(TicketEvent, ticket_id)]
        if isinstance(assigned, Conflict):
            assert (assigned.reason, assigned.facts) == ("state_forbids", {"state": "cancelled"})
            assert actions == ["file", "triage", "cancel"]
        else:
            assert actions == ["file", "triage", "assign", "cancel"]
        assert scene.ticket(ticket_id).state.value == "cancelled"


@pytest.mark.parametrize("scene", ["accepted"], indirect=True)
def test_when_a_colleague_takes_over_while_the_station_sends_another_one_has_it(scene):
    with scene.app.app_context(), transaction() as session:
        session.execute(sa.update(Ticket).values(transfer_to_id=scene.ids["other_repairer"]))
    for ticket_id in scene.tickets:
        taken, sent = at_once(
            scene.app,
            committed(passing.take_over, scene.told("other_repairer", ticket_id)),
            committed(by_station.assign, scene.told("manager", ticket_id, assignee_id=scene.ids["other_repairer"])),
        )
        actions = [row.action for row in scene.rows(TicketEvent, ticket_id)]
        ticket = scene.ticket(ticket_id)
        assert (ticket.assignee_id, ticket.transfer_to_id) == (scene.ids["other_repairer"], None)
        if isinstance(taken, Conflict):
            assert taken.reason == "transfer_over"
            assert actions[2:] == ["assign"]
        else:
            assert sent.reason == "already_assigned"
            assert actions[2:] == ["take_over"]
