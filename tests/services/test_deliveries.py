"""Who hears of what: the whole table, and the rules around it."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from models import Channel, InboxItem, OutboxMessage, PlaceKind, SubscriptionGrant, TicketEvent
from services import deliveries, outbox, wording
from services.deliveries import PROGRESS, WORK
from services.groups import switching
from services.tickets import by_station, raising
from services.tickets.raising import Why
from tests.services.acting import count_rows, do, put_into, tick
from tests.services.tickets.test_people import ALLOWED_IN
from tests.world import NOW, account_of, move_in

# action: who finds it in the inbox, who gets a subscribe message (R resident, W repairer, M manager, C clerk; ! last grant)
HEARD = {
    "file": ("RMC", ""), "triage": ("R", ""), "assign": ("RW", "RW!"), "accept": ("", ""), "arrive": ("R", ""),
    "make_safe": ("R", ""), "start": ("", ""), "pause": ("RMC", "R"), "resume": ("R", ""), "finish": ("R", "R!"),
    "confirm": ("W", ""), "auto_confirm": ("R", ""), "reopen": ("WMC", "W!"), "rate": ("W", ""), "close": ("R", ""),
    "reject": ("R", "R!"), "redirect": ("R", "R!"), "cancel": ("WMC", ""), "note": ("W", ""), "reveal_contact": ("", ""),
    "remind": ("WMC", "W!"), "overdue": ("WMC", ""), "hold_end": ("RWMC", ""), "raise": ("MC", ""),
    "urge": ("WMC", ""), "call_back": ("", ""),
}  # fmt: skip
IN_GROUP = {"file", "assign", "finish", "reopen", "confirm", "auto_confirm", "rate", "overdue"}
BY_CLOCK = {
    "auto_confirm": "done_by_worker", "remind": "assigned", "overdue": "assigned", "hold_end": "paused",
}  # fmt: skip


def newest_event(world):
    return world.session.scalar(sa.select(sa.func.max(TicketEvent.id)))


def happen(world, action, **more):
    """Let an action happen to an assigned ticket; return its event."""
    filed = world.file()
    if action == "file":
        put_into(world, filed, "submitted")
        return newest_event(world)
    if action == "raise":
        raising.raise_level(world.session, put_into(world, filed, "assigned"), actor=None, now=NOW, why=Why.OVERDUE)
        return newest_event(world)
    state = BY_CLOCK.get(action) or ALLOWED_IN[action]
    if action in BY_CLOCK:
        put_into(
            world, filed, state, next_due_at=NOW + dt.timedelta(minutes=10), state_since=NOW - dt.timedelta(days=8)
        )
        tick(world, action, now=NOW + dt.timedelta(minutes=10 if action == "overdue" else 0))
    else:
        put_into(world, filed, state)
        do(world, action, filed, **more)
    return newest_event(world)


def inboxes(world):
    rows = world.session.scalars(sa.select(InboxItem.person_id))
    letters = {world.resident.id: "R", world.repairer.id: "W", world.manager.id: "M", world.clerk.id: "C"}
    return sorted(letters[person] for person in rows)


def queued(world, channel):
    query = sa.select(OutboxMessage).where(OutboxMessage.channel == channel).order_by(OutboxMessage.id)
    return list(world.session.scalars(query))


def subscribed(world):
    accounts = {account_of(world.session, world.resident).id: "R", account_of(world.session, world.repairer).id: "W"}
    return sorted(accounts[message.subject_id] for message in queued(world, Channel.SUBSCRIBE))


def everybody_grants(world, number=5):
    for person in (world.resident, world.repairer, world.manager, world.neighbor):
        for kind in (PROGRESS, WORK):
            world.grant(person, kind, number)


@pytest.mark.parametrize("action", HEARD)
def test_exactly_these_hear_of_it(world, action):
    everybody_grants(world)
    world.group()
    event = happen(world, action)
    deliveries.expand(world.session, event, now=NOW)
    told, messages = HEARD[action]
    assert inboxes(world) == sorted(told)
    assert subscribed(world) == sorted(messages.rstrip("!"))
    assert len(queued(world, Channel.ROBOT)) == (action in IN_GROUP)


@pytest.mark.parametrize("action", HEARD)
def test_with_one_grant_left_only_what_is_worth_it_is_sent(world, action):
    everybody_grants(world, 1)
    deliveries.expand(world.session, happen(world, action), now=NOW)
    messages = HEARD[action][1]
    # The last grant of a resident is kept; a repairer's is not.
    worker_only = messages.replace("R", "") if action in {"assign", "pause"} else messages
    assert subscribed(world) == sorted(worker_only.rstrip("!"))


@pytest.mark.parametrize("action", HEARD)
def test_without_a_grant_nothing_is_sent(world, action):
    deliveries.expand(world.session, happen(world, action), now=NOW)
    assert queued(world, Channel.SUBSCRIBE) == []


@pytest.mark.parametrize("action", ["file", "assign", "finish", "overdue"])
def test_expanding_twice_changes_nothing(world, action):
    everybody_grants(world)
    world.group()
    event = happen(world, action)
    deliveries.expand(world.session, event, now=NOW)
    before = count_rows(world.session)
    deliveries.expand(world.session, event, now=NOW)
    assert count_rows(world.session) == before


def test_nobody_is_told_their_own_act_even_in_another_role(world):
    everybody_grants(world)
    move_in(world.session, world.repairer, world.place.other_home)
    filed = world.file()
    put_into(world, filed, "in_progress", reporter_id=world.repairer.id)
    do(world, "finish", filed)
    deliveries.expand(world.session, newest_event(world), now=NOW)
    assert (inboxes(world), subscribed(world)) == ([], [])


def test_who_wears_two_roles_hears_once(world):
    filed = world.file()
    put_into(world, filed, "triaged", reporter_id=world.repairer.id, assignee_id=world.repairer.id)
    do(world, "assign", filed)
    deliveries.expand(world.session, newest_event(world), now=NOW)
    assert inboxes(world) == ["W"]


def test_a_recorded_call_is_told_to_the_station_but_not_to_who_recorded_it(world):
    world.record(person=world.resident)
    deliveries.expand(world.session, newest_event(world), now=NOW)
    assert inboxes(world) == ["M", "R"]


def test_another_stations_people_and_groups_hear_nothing(world):
    group = world.group()
    group.neighborhood_id = world.elsewhere.neighborhood.id
    deliveries.expand(world.session, happen(world, "file"), now=NOW)
    assert queued(world, Channel.ROBOT) == []
    assert world.foreign_manager.id not in set(world.session.scalars(sa.select(InboxItem.person_id)))


def test_a_group_that_is_switched_off_hears_nothing(world):
    switching.switch_off(world.session, world.group().id, why="robot_removed", now=NOW)
    deliveries.expand(world.session, happen(world, "file"), now=NOW)
    assert queued(world, Channel.ROBOT) == []


def test_both_accounts_of_a_person_are_asked_separately(world):
    world.grant(world.resident, PROGRESS, 2)
    deliveries.expand(world.session, happen(world, "finish"), now=NOW)
    (message,) = queued(world, Channel.SUBSCRIBE)
    assert (message.topic, message.subject_id) == (PROGRESS, account_of(world.session, world.resident).id)
    assert world.session.scalar(sa.select(SubscriptionGrant.remaining)) == 2  # taken off only when it is sent


def test_a_subscribe_message_says_what_to_do(world):
    everybody_grants(world)
    deliveries.expand(world.session, happen(world, "finish"), now=NOW)
    batch = outbox.claim(world.session, channel=Channel.SUBSCRIBE, now=NOW, limit=10)
    (message,) = deliveries.subscribe_messages(world.session, batch).values()
    assert message.openid == account_of(world.session, world.resident).openid
    assert set(message.values) == {"number", "subject", "time", "state", "hint"}
    assert (message.values["state"], message.values["time"]) == ("待确认", "2026-11-23 09:00")
    assert message.page.startswith("pages/ticket/detail?id=")


def group_text(world, **columns):
    filed = world.file()
    ticket = put_into(world, filed, "submitted", **columns)
    event = world.session.get_one(TicketEvent, newest_event(world))
    return wording.for_group(event, ticket, "楼道灯")


def test_a_group_never_hears_a_home_a_name_or_a_phone(world):
    text = group_text(
        world,
        place=PlaceKind.HOME,
        home_id=world.place.home.id,
        place_label=world.place.home.label,
        place_note="找王桂兰",
        text="我是王桂兰，13800001234，1号楼1单元201室漏水",
    )
    for secret in ("201", "单元", "王桂兰", "13800001234", "漏水"):
        assert secret not in text
    assert "1号楼一户人家" in text


@pytest.mark.parametrize("column", ["text", "place_note"])
def test_a_group_hears_no_mention_link_or_layout(world, column):
    evil = '<@all> [点我](http://evil) **大** `x` # 标题 <font color="warning">\n> 引用'
    text = group_text(world, **{column: evil})
    shown = text.split("情况：")[-1] if column == "text" else text.split("\n")[0].split("** ")[-1]
    assert re.search(r"[<>\[\]`#@]|\*\*", shown.split("\n")[0]) is None
    assert "\n" not in shown.split("> 请在")[0].strip()


def test_a_long_text_is_cut_for_the_group(world):
    assert len(group_text(world, text="灯" * 1000)) < 400


def test_a_repairer_who_is_replaced_is_told_not_to_go(world, session):
    filed = world.file()
    world.bring_to("assigned", filed)
    manager = world.actor(world.manager)
    by_station.assign(session, actor=manager, now=NOW, ticket_id=filed.id, assignee_id=world.other_repairer.id)
    event = newest_event(world)

    deliveries.expand(session, event, now=NOW)

    items = session.scalars(sa.select(InboxItem).where(InboxItem.person_id == world.repairer.id)).all()
    assert [item.title for item in items] == ["这个活改派了"]
