"""Who hears what when somebody acts for another: the principal of each act, the agent of what asks for something."""

import pytest
import sqlalchemy as sa

from models import ActingArea, InboxItem, Satisfaction, TicketEvent
from services import deliveries
from services.mandates import ending
from services.tickets import by_resident
from tests.proxies import acting, mandate, report_for
from tests.services.acting import do, put_into
from tests.world import NOW


def hear(world, person):
    """Let the newest event be told; return what a person reads of it."""
    event = world.session.scalar(sa.select(sa.func.max(TicketEvent.id)))
    deliveries.expand(world.session, event, now=NOW)
    query = sa.select(InboxItem).where(
        InboxItem.person_id == person.id, InboxItem.dedupe_key == f"ticket.event:{event}"
    )
    return [(item.title, item.body, item.ticket_id) for item in world.session.scalars(query)]


def test_the_principal_reads_who_reported_for_them(world):
    given = mandate(world, world.far_neighbor)
    filed = report_for(world, acting(world, given))
    [(title, body, ticket_id)] = hear(world, world.resident)
    assert (title, ticket_id) == ("有人替您办了一件事", filed.id)
    assert body.startswith(f"钱*英（女儿）替您报修了“楼道灯和公共电路”（{filed.number}）。服务站最晚")


@pytest.mark.parametrize(
    ("move", "state", "more", "words"),
    [
        ("confirm", "done_by_worker", {}, "替您确认“楼道灯和公共电路”"),
        ("reopen", "done_by_worker", {"note": "还是不亮"}, "没修好：还是不亮。"),
        ("rate", "confirmed", {"satisfaction": Satisfaction.SATISFIED}, "满意。"),
        ("cancel", "submitted", {}, "替您撤销了“楼道灯和公共电路”"),
        ("add_note", "submitted", {"text": "下午在家。"}, "下面留言：下午在家。"),
    ],
)
def test_the_principal_hears_of_each_act(world, move, state, more, words):
    filed = world.file()
    put_into(world, filed, state)
    actor = acting(world, mandate(world, world.far_neighbor))
    getattr(by_resident, move)(world.session, actor=actor, now=NOW, ticket_id=filed.id, **more)
    [(_, body, _)] = hear(world, world.resident)
    assert words in body
    assert body[-1] == "。"


def test_the_agent_is_not_told_what_they_did_themselves(world):
    report_for(world, acting(world, mandate(world, world.far_neighbor)))
    assert hear(world, world.far_neighbor) == []


@pytest.mark.parametrize("action", ["assign", "finish", "pause", "reject", "redirect"])
def test_the_agent_hears_of_what_matters(world, action):
    mandate(world, world.far_neighbor)
    filed = world.file()
    states = {"finish": "in_progress", "pause": "in_progress"}
    put_into(world, filed, states.get(action, "submitted"))
    do(world, action, filed)
    [(_, body, ticket_id)] = hear(world, world.far_neighbor)
    assert body.startswith(f"王*兰报的“楼道灯和公共电路”（{filed.number}）")
    assert body[-1] == "。"
    assert ticket_id is None  # it is not the agent's own


@pytest.mark.parametrize("why", ["another area", "withdrawn"])
def test_who_may_not_act_hears_nothing(world, why):
    given = mandate(world, world.far_neighbor, ActingArea.MESSAGES if why == "another area" else ActingArea.TICKETS)
    if why == "withdrawn":
        ending.withdraw(world.session, actor=world.actor(world.resident), mandate_id=given.id, now=NOW)
    filed = world.file()
    do(world, "assign", filed)
    assert hear(world, world.far_neighbor) == []


def test_a_repairer_who_is_the_agent_too_is_told_once_as_the_repairer(world):
    mandate(world, world.repairer)
    filed = world.file()
    do(world, "assign", filed)
    [(title, _, ticket_id)] = hear(world, world.repairer)
    assert (title, ticket_id) == ("新派给您的活", filed.id)
