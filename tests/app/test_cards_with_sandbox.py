"""A card in a WeChat group from its making to its end: made by HTTP, shared by a thumb, counted anew, full or over."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine

import wechat
from app import worker
from app.settings import GATEWAYS
from models import Home, Person, Residency, WeChatAccount
from tests.wechat.conftest import settings_for
from tests.wechat.fakes import MemoryFiles, MemoryTokens, serving
from tests.world import account_of, move_in, new_person
from wechat.sandbox import World as Sandbox
from wechat.sandbox import create_sandbox


@pytest.fixture
def sandbox(app):
    simulated = Sandbox()
    simulated.groups.put("g1", "1号楼业主群")
    with serving(create_sandbox(simulated)) as url:
        app.extensions[GATEWAYS] = wechat.gateways(settings_for(url), MemoryTokens(), MemoryFiles())
        yield simulated


@pytest.fixture
def households(world):
    """Two households of the building with nobody's phone bound."""
    place = world.place
    other = Home(
        neighborhood_id=place.neighborhood.id, building_id=place.building.id, room="202", floor=2, code="1-1-202",
        label="1号楼1单元202室", area_centi=5_000,
    )  # fmt: skip
    world.session.add(other)
    world.session.flush()
    move_in(world.session, new_person(world.session, world.vault, "赵玉兰"), other)
    lives = Residency.home_id.in_([place.home.id, other.id])
    living = list(world.session.scalars(sa.select(Residency.person_id).where(lives)))
    world.session.execute(
        sa.update(WeChatAccount)
        .where(WeChatAccount.person_id.in_(living))
        .values(unbound_at=WeChatAccount.last_seen_at, session_key_sealed=None, unionid=None)
    )
    homes = sa.select(Residency.home_id, sa.func.min(Residency.person_id)).where(lives).group_by(Residency.home_id)
    found = [person for _, person in world.session.execute(homes)]
    world.session.commit()
    return found


def bind(world, person_id):
    account_of(world.session, world.session.get_one(Person, person_id)).unbound_at = None
    world.session.commit()


def make(client, world):
    return client.post(f"/api/v1/buildings/{world.place.building.id}/cards", headers=world.headers(world.manager))


def states(client, world):
    path = f"/api/v1/buildings/{world.place.building.id}/cards"
    return [one["state"] for one in client.get(path, headers=world.headers(world.manager)).get_json()["items"]]


def share(sandbox, card):
    """What `wx.updateShareMenu` and the person's thumb do."""
    body = {"group": "g1", "title": "绑手机", "activity_id": card["activity_id"], "parameters": card["parameters"]}
    sandbox.phones.put("zhang-li", "张丽")
    answer = create_sandbox(sandbox).test_client().post("/sandbox/phones/zhang-li/share", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)


def turn(app):
    """The minute's job, and what it put into the outbox."""
    with app.app_context():
        worker.run_job(next(one for one in worker.TIMETABLE if one.name == "refresh_cards"), "test")
    worker.drain(app, seconds=5)


def line(sandbox):
    (shown,) = [one for one in sandbox.groups.messages("g1")["items"] if one["msgtype"] == "share"]
    return shown["content"]["line"]


def test_a_card_counts_the_households_that_bind_and_ends_when_all_have(client, app, world, sandbox, households):
    made = make(client, world)
    assert made.status_code == 201
    share(sandbox, made.get_json())
    assert line(sandbox) == f"成员正在加入，当前 0/{len(households)} 人"
    *first, last = households
    for person in first:
        bind(world, person)
    turn(app)
    assert line(sandbox) == f"成员正在加入，当前 {len(first)}/{len(households)} 人"
    bind(world, last)
    turn(app)
    assert line(sandbox) == "已开始"
    assert states(client, world) == ["full"]


def test_a_second_card_waits_until_the_day_of_the_first_is_over(client, app, world, sandbox, households):
    made = make(client, world)
    share(sandbox, made.get_json())
    again = make(client, world)
    assert (again.status_code, again.get_json()["code"]) == (409, "card_open")
    over = dt.datetime.fromisoformat(made.get_json()["expires_at"]) + dt.timedelta(minutes=1)
    sandbox.clock.step(86_400 + 60)
    with time_machine.travel(over, tick=False):
        bind(world, households[0])
        turn(app)
        assert states(client, world) == ["expired"]
        assert line(sandbox) == f"成员正在加入，当前 0/{len(households)} 人"
        assert make(client, world).status_code == 201
        assert states(client, world) == ["open", "expired"]


def test_wechat_away_loses_no_change(client, app, world, sandbox, households):
    made = make(client, world)
    share(sandbox, made.get_json())
    bind(world, households[0])
    sandbox.faults.put("card", {"errcode": -1, "times": 1})
    turn(app)
    assert line(sandbox) == f"成员正在加入，当前 0/{len(households)} 人"
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10), tick=False):
        turn(app)
    assert line(sandbox) == f"成员正在加入，当前 1/{len(households)} 人"
