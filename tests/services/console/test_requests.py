"""Signing in at the console by scanning: every state and action, whose code it is, and for how long."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from models import ConsoleRequest, DeviceKind, Role, SignIn
from models import ConsoleRequestState as State
from services import sign_in
from services.console import forgetting, requests, sessions
from services.console.requests import FORBIDS, MOVES, Action
from services.errors import Conflict, NotFound, WrongHat
from tests.world import NOW

LIFETIMES = sessions.Lifetimes(dt.timedelta(hours=10), dt.timedelta(minutes=30))
EDGE = "Windows 电脑上的 Edge"
SECOND = dt.timedelta(seconds=1)


def ask(world, now=NOW):
    asked = requests.ask(world.session, browser=EDGE, address="10.0.0.7", now=now)
    world.session.flush()
    return asked


def row(world):
    return world.session.scalars(sa.select(ConsoleRequest).order_by(ConsoleRequest.id.desc())).first()


def do(world, action, asked, actor, now=NOW):
    worn = {"membership_id": actor.hat.membership_id, "case_key_id": None}
    session = world.session
    return {
        Action.LOOK: lambda: requests.look(session, actor=actor, code=asked.code, now=now),
        Action.CONFIRM: lambda: requests.confirm(session, actor=actor, code=asked.code, now=now, **worn),
        Action.REFUSE: lambda: requests.refuse(session, actor=actor, code=asked.code, now=now),
        Action.FETCH: lambda: requests.fetch(session, secret=asked.secret, lifetimes=LIFETIMES, now=now),
    }[action]()


WAYS = {
    State.WAITING: [],
    State.SEEN: [Action.LOOK],
    State.CONFIRMED: [Action.LOOK, Action.CONFIRM],
    State.REFUSED: [Action.LOOK, Action.REFUSE],
    State.USED: [Action.LOOK, Action.CONFIRM, Action.FETCH],
}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", State)
def test_each_action_in_each_state_moves_or_is_refused(world, state, action):
    actor, asked = world.actor(world.manager), ask(world)
    for step in WAYS[state]:
        do(world, step, asked, actor)
    assert row(world).state is state
    if (state, action) in MOVES:
        do(world, action, asked, actor)
        assert row(world).state is MOVES[state, action]
    else:
        # A code that nobody has scanned cannot be fetched: there is nobody to be signed in.
        with pytest.raises((Conflict, NotFound)) as refused:
            do(world, action, asked, actor)
        assert refused.value.detail in {FORBIDS[state], requests.CODE_UNKNOWN}
        assert row(world).state is state


def test_the_browser_gets_a_sign_in_in_the_hat_that_was_chosen(world):
    actor, asked = world.actor(world.manager), ask(world)
    question = requests.look(
        world.session, actor=actor, code=f"https://wuyou.example/console/scan/{asked.code}", now=NOW
    )
    assert (question.browser, question.address, question.asked_at) == (EDGE, "10.0.0.7", NOW)
    assert [hat.role for hat in question.hats] == [Role.STATION_MANAGER, Role.RESIDENT]
    do(world, Action.CONFIRM, asked, actor)
    started = do(world, Action.FETCH, asked, actor)
    assert started.actor.person_id == world.manager.id
    assert started.actor.role is Role.STATION_MANAGER
    entry = world.session.get_one(SignIn, started.actor.sign_in_id)
    assert (entry.device, entry.label, entry.idle_until) == (DeviceKind.CONSOLE, EDGE, NOW + LIFETIMES.idle)
    assert asked.secret not in {entry.refresh_hash, started.token}


def test_somebody_elses_hat_cannot_be_chosen(world):
    actor, asked = world.actor(world.clerk), ask(world)
    do(world, Action.LOOK, asked, actor)
    with pytest.raises(WrongHat, match="您没有这个身份"):
        requests.confirm(
            world.session,
            actor=actor,
            code=asked.code,
            membership_id=world.actor(world.manager).hat.membership_id,
            case_key_id=None,
            now=NOW,
        )


@pytest.mark.parametrize("action", [Action.LOOK, Action.CONFIRM, Action.REFUSE])
def test_a_code_that_somebody_has_scanned_is_theirs(world, action):
    asked = ask(world)
    do(world, Action.LOOK, asked, world.actor(world.manager))
    with pytest.raises(Conflict, match="别人已经扫过"):
        do(world, action, asked, world.actor(world.clerk))


def test_who_acts_for_somebody_cannot_sign_them_in(world):
    asked = ask(world)
    acting = replace(world.actor(world.resident), agent_id=world.neighbor.id)
    for action in (Action.LOOK, Action.CONFIRM, Action.REFUSE):
        with pytest.raises(WrongHat, match="不能代办"):
            do(world, action, asked, acting)


def test_a_code_is_good_for_two_minutes_and_the_browser_has_one_more(world):
    actor, asked = world.actor(world.manager), ask(world)
    end = NOW + requests.VALID_FOR
    with pytest.raises(NotFound, match="两分钟"):
        do(world, Action.LOOK, asked, actor, now=end)
    assert requests.standing(world.session, secret=asked.secret, now=end) is None
    do(world, Action.LOOK, asked, actor, now=end - SECOND)
    do(world, Action.CONFIRM, asked, actor, now=end - SECOND)
    assert requests.standing(world.session, secret=asked.secret, now=end).state is State.CONFIRMED
    with pytest.raises(NotFound):
        do(world, Action.FETCH, asked, actor, now=end + requests.FETCH_WITHIN)
    do(world, Action.FETCH, asked, actor, now=end + requests.FETCH_WITHIN - SECOND)


def test_the_code_is_no_way_to_the_sign_in(world):
    """Whoever photographs the QR code over a shoulder has the code, not the browser's secret."""
    actor, asked = world.actor(world.manager), ask(world)
    do(world, Action.LOOK, asked, actor)
    do(world, Action.CONFIRM, asked, actor)
    for stolen in (asked.code, requests.code_of(asked.code), ""):
        with pytest.raises(NotFound):
            requests.fetch(world.session, secret=stolen, lifetimes=LIFETIMES, now=NOW)
    assert do(world, Action.FETCH, asked, actor).actor.person_id == world.manager.id


def test_a_browsers_token_is_no_refresh_token(world):
    """Nor the other way round: a stolen cookie opens no API, and a phone's token no console."""
    actor, asked = world.actor(world.manager), ask(world)
    for step in WAYS[State.USED][:2]:
        do(world, step, asked, actor)
    token = do(world, Action.FETCH, asked, actor).token
    assert sign_in.refresh(world.session, token=token, now=NOW) is None
    assert sessions.present(world.session, token=token, now=NOW).actor.person_id == world.manager.id


def test_codes_look_like_the_others_that_are_read_out():
    codes = {requests.code_of(str(number)) for number in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 8 and set(code) <= set(requests.ALPHABET) for code in codes)


def test_network_addresses_are_forgotten_after_a_day(world):
    ask(world)
    forgetting.forget_traces(world.session, now=NOW + requests.KEPT)
    assert row(world) is not None
    forgetting.forget_traces(world.session, now=NOW + requests.KEPT + SECOND)
    assert row(world) is None
