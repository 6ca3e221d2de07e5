"""Giving a mandate with one's own phone: from a list or by code, accepted or declined, and ended at once."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    ActingArea,
    AgentRelation,
    AuditEntry,
    InboxItem,
    Mandate,
    MandateArea,
    MandateSide,
    MandateState,
    Person,
    RightsChange,
)
from services.clocks import DAY
from services.errors import Conflict, InvalidInput, NotFound
from services.mandates import ending, giving
from services.mandates.giving import Terms
from tests.proxies import mandate
from tests.world import LONG_AGO, NOW, account_of, move_in, new_person

TICKETS = frozenset({ActingArea.TICKETS})


def terms(*areas, until=None):
    return Terms(AgentRelation.DAUGHTER, frozenset(areas) or TICKETS, until)


def offer(world, *areas, person=None, until=None, agent=None, now=NOW):
    return giving.offer(
        world.session,
        actor=world.actor(person or world.resident),
        terms=terms(*areas, until=until),
        agent_id=agent.id if agent else None,
        now=now,
    )


def redeem(world, person, code, now=NOW):
    return giving.redeem(world.session, actor=world.actor(person), code=code, now=now)


@pytest.fixture
def daughter(world):
    """Lives elsewhere and is on nobody's books but her own."""
    return new_person(world.session, world.vault, "李红")


def inbox(world, person):
    query = sa.select(InboxItem).where(InboxItem.person_id == person.id).order_by(InboxItem.id)
    return [f"{item.title}：{item.body}" for item in world.session.scalars(query)]


def test_a_code_makes_whoever_enters_it_the_agent(world, daughter):
    made = offer(world, ActingArea.TICKETS, ActingArea.MESSAGES)
    assert made.mandate.agent_id is None
    accepted = redeem(world, daughter, made.code.lower())
    assert (accepted.state, accepted.agent_id) == (MandateState.IN_FORCE, daughter.id)
    assert inbox(world, world.resident) == [
        (
            "对方答应代办了：李*（女儿）答应替您办：报修、看消息，到2027年11月23日为止。办了什么，每月1号会告诉您。"
            "不想让人代办了，随时点“收回”，或者打电话给服务站，马上就停。"
        )
    ]


def test_the_code_is_kept_as_a_hash_and_used_once(world, daughter):
    made = offer(world)
    assert made.code not in str(vars(made.mandate))
    redeem(world, daughter, made.code)
    with pytest.raises(Conflict) as refusal:
        redeem(world, world.neighbor, made.code)
    assert refusal.value.reason == "mandate_code_used"


def test_a_wrong_code_and_an_old_one_look_alike(world, daughter):
    made = offer(world)
    for code, now in (("22222222", NOW), (made.code, NOW + 14 * DAY)):
        with pytest.raises(NotFound) as refusal:
            redeem(world, daughter, code, now)
        assert refusal.value.reason == "mandate_code_unknown"


def test_nobody_acts_for_themselves(world):
    made = offer(world)
    with pytest.raises(Conflict) as refusal:
        redeem(world, world.resident, made.code)
    assert refusal.value.reason == "own_mandate"


def test_an_agent_must_have_a_name(world):
    nameless = Person(created_at=LONG_AGO)
    world.session.add(nameless)
    world.session.flush()
    made = offer(world)
    with pytest.raises(Conflict) as refusal:
        redeem(world, nameless, made.code)
    assert refusal.value.reason == "name_missing"
    assert made.mandate.state is MandateState.OFFERED


def test_the_list_has_those_at_home_and_those_who_work_for_the_building(world):
    found = giving.candidates(world.session, actor=world.actor(world.resident), now=NOW)
    assert {one["person_id"]: one["what"] for one in found} == {
        world.neighbor.id: "和您同住",
        world.manager.id: "服务站站长",
        world.clerk.id: "服务站值班员",
        world.grid_leader.id: "网格长",
    }


def test_somebody_from_the_list_is_asked_and_may_decline(world):
    made = offer(world, agent=world.clerk)
    assert made.code is None
    assert inbox(world, world.clerk)[0].startswith("有人请您代办：王*兰请您代办：报修，到")
    giving.decline(world.session, actor=world.actor(world.clerk), mandate_id=made.mandate.id, now=NOW)
    assert (made.mandate.state, made.mandate.ended_side) == (MandateState.DECLINED, MandateSide.AGENT)
    assert "不方便替您代办" in inbox(world, world.resident)[0]


def test_somebody_who_is_not_on_the_list_looks_like_nobody(world):
    for person in (world.stranger, world.far_neighbor):
        with pytest.raises(NotFound) as refusal:
            offer(world, agent=person)
        assert refusal.value.reason == "agent_not_found"


def test_an_offer_that_waited_too_long_is_not_accepted(world):
    made = offer(world, agent=world.clerk)
    with pytest.raises(Conflict) as refusal:
        giving.accept(world.session, actor=world.actor(world.clerk), mandate_id=made.mandate.id, now=NOW + 14 * DAY)
    assert refusal.value.reason == "offer_over"


@pytest.mark.parametrize(
    ("until", "fine"),
    [("2026-11-23", False), ("2026-11-24", True), ("2029-11-23", True), ("2029-11-24", False), ("1999-01-01", False)],
)
def test_the_last_day_is_after_today_and_within_the_rule(world, until, fine):
    """NOW is nine in the morning of the 23rd in Shanghai; the rule is 1096 days."""
    last = dt.date.fromisoformat(until)
    if not fine:
        with pytest.raises(InvalidInput) as refusal:
            offer(world, until=last)
        assert refusal.value.reason == "dates_invalid"
    else:
        ends = offer(world, until=last).mandate.ends_at
        assert ends == dt.datetime.combine(last + DAY, dt.time(), dt.timezone(dt.timedelta(hours=8)))


def test_no_area_is_no_mandate(world):
    with pytest.raises(InvalidInput) as refusal:
        giving.offer(
            world.session,
            actor=world.actor(world.resident),
            terms=Terms(AgentRelation.SON, frozenset()),
            now=NOW,
        )
    assert refusal.value.reason == "areas_missing"


def test_somebody_without_a_home_cannot_give_one(world, daughter):
    with pytest.raises(Conflict) as refusal:
        offer(world, person=daughter)
    assert refusal.value.reason == "no_home"


def test_between_two_there_is_one_mandate_at_a_time(world, daughter):
    mandate(world, daughter)
    second = offer(world)
    with pytest.raises(Conflict) as refusal:
        redeem(world, daughter, second.code)
    assert refusal.value.reason == "has_mandate"


def test_messages_of_somebody_who_works_here_are_not_given(world):
    move_in(world.session, world.manager, world.place.other_home)
    with pytest.raises(InvalidInput) as refusal:
        offer(world, ActingArea.MESSAGES, person=world.manager)
    assert refusal.value.reason == "messages_of_work"


def principals(world, agent, number):
    """Some neighbors who let an agent vote for them."""
    found = []
    for _ in range(number):
        person = new_person(world.session, world.vault, "孙大爷")
        found.append(mandate(world, agent, ActingArea.VOTES, principal=person))
    return found


def test_nobody_votes_for_more_than_three(world, daughter):
    given = principals(world, daughter, 3)
    code = offer(world, ActingArea.VOTES).code
    with pytest.raises(Conflict) as refusal:
        redeem(world, daughter, code)
    assert refusal.value.reason == "votes_cap"
    assert "城市居民委员会组织法" in refusal.value.facts["source"]
    ending.withdraw(world.session, actor=world.actor(daughter), mandate_id=given[0].id, now=NOW)
    assert redeem(world, daughter, code).state is MandateState.IN_FORCE


def test_other_areas_do_not_count_as_votes(world, daughter):
    for _ in range(4):
        mandate(world, daughter, principal=new_person(world.session, world.vault, "孙大爷"))
    assert redeem(world, daughter, offer(world, ActingArea.VOTES).code).state is MandateState.IN_FORCE


@pytest.mark.parametrize(("name", "side"), [("resident", "principal"), ("neighbor", "agent"), ("clerk", "station")])
def test_either_side_ends_it_at_once_and_the_station_when_somebody_calls(world, name, side):
    given = mandate(world, world.neighbor)
    actor = world.actor(getattr(world, name))
    ending.withdraw(world.session, actor=actor, mandate_id=given.id, now=NOW)
    assert (given.state, given.ended_side.value, given.ended_by_id) == (MandateState.WITHDRAWN, side, actor.person_id)
    assert world.session.get(RightsChange, world.neighbor.id).generation == 1
    assert len(inbox(world, world.resident)) == len(inbox(world, world.neighbor)) == 1


def test_the_station_writes_down_who_called(world):
    given = mandate(world, world.neighbor)
    ending.withdraw(
        world.session,
        actor=world.actor(world.clerk),
        mandate_id=given.id,
        asked_by=MandateSide.PRINCIPAL,
        now=NOW,
    )
    assert (given.ended_side, given.ended_by_id) == (MandateSide.PRINCIPAL, world.clerk.id)
    entry = world.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.about_person_id) == ("mandate.withdrawn", world.resident.id)
    assert entry.detail == {"agent_id": world.neighbor.id, "side": "principal"}


def test_a_party_cannot_end_it_in_the_others_name(world):
    given = mandate(world, world.neighbor)
    ending.withdraw(
        world.session,
        actor=world.actor(world.neighbor),
        mandate_id=given.id,
        asked_by=MandateSide.PRINCIPAL,
        now=NOW,
    )
    assert given.ended_side is MandateSide.AGENT


def test_what_has_ended_stays_so(world):
    given = mandate(world, world.neighbor)
    ending.withdraw(world.session, actor=world.actor(world.resident), mandate_id=given.id, now=NOW)
    with pytest.raises(Conflict):
        ending.withdraw(world.session, actor=world.actor(world.resident), mandate_id=given.id, now=NOW)
    assert offer(world, agent=world.neighbor).mandate.id != given.id


def test_the_clock_ends_what_has_run_out_and_nothing_else(world, daughter):
    over = mandate(world, daughter, ends_at=NOW)
    offered = offer(world, agent=world.clerk, now=NOW - 14 * DAY).mandate
    running = mandate(world, world.neighbor, ends_at=NOW + DAY)
    account_of(world.session, daughter)
    assert ending.run_out(world.session, now=NOW) == 2
    assert ending.run_out(world.session, now=NOW) == 0
    assert (over.state, offered.state, running.state) == ("expired", "lapsed", "in_force")
    assert {over.ended_side, offered.ended_side} == {MandateSide.CLOCK}
    assert any("因为说好的日子到了" in text for text in inbox(world, daughter))


def test_both_are_warned_once_two_weeks_before(world, daughter):
    mandate(world, daughter, ends_at=NOW + 14 * DAY)
    mandate(world, world.neighbor, ends_at=NOW + 15 * DAY)
    for _ in range(2):
        assert ending.warn(world.session, now=NOW) == 0
    assert [text.split("：")[0] for text in inbox(world, world.resident)] == ["代办快到期了"]
    assert inbox(world, world.neighbor) == []


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"agent_id": "principal"}, "between_two"),
        ({"state": "withdrawn"}, "ended"),
        ({"recorded_by_id": "manager"}, "recorded_by_somebody"),
        ({"consent": "spoken", "offered_until": None, "recorded_by_id": "manager"}, "spoken_before_a_witness"),
        ({"ends_at": LONG_AGO}, "ends_after_start"),
    ],
)
def test_the_database_refuses_what_cannot_be(world, wrong, rule):
    given = mandate(world, world.neighbor)
    people = {"principal": world.resident.id, "manager": world.manager.id}
    values = {name: people.get(value, value) if isinstance(value, str) else value for name, value in wrong.items()}
    with pytest.raises(sa.exc.IntegrityError, match=rule):
        world.session.execute(sa.update(Mandate).where(Mandate.id == given.id).values(**values))


def test_areas_are_kept_with_the_mandate(world):
    made = offer(world, ActingArea.TICKETS, ActingArea.HOMES)
    areas = world.session.scalars(sa.select(MandateArea.area).where(MandateArea.mandate_id == made.mandate.id)).all()
    assert set(areas) == {ActingArea.TICKETS, ActingArea.HOMES}
