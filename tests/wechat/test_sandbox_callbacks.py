"""What the sandbox tells our side, when it tries again, and what goes wrong on order."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.wechat.fakes import Clock, serving
from wechat.sandbox import World
from wechat.sandbox.callbacks import Call
from wechat.sandbox.refusal import Unknown


class Ours:
    """Our side: takes what it is told, or refuses it."""

    def __init__(self) -> None:
        self.url = ""
        self.answer: tuple[str, int] = ("success", 200)
        self.heard: list[dict[str, Any]] = []

    def app(self) -> Flask:
        app = Flask("ours")

        @app.post("/told")
        def told() -> tuple[str, int]:
            heard = {"body": request.get_data(as_text=True), **request.args.to_dict()}
            self.heard.append({**heard, "pay": request.headers.get("Wechatpay-Signature")})
            return self.answer

        return app

    def letter(self, words: str) -> Any:
        """Return what writes a call, signed with its moment."""

        def compose(now: float) -> Call:
            url = f"{self.url}/told?timestamp={now:.0f}&msg_signature=abc"
            return Call(url, words.encode(), {"Wechatpay-Signature": "AbCdEf=="})

        return compose


@pytest.fixture
def ours() -> Iterator[Ours]:
    side = Ours()
    with serving(side.app()) as url:
        side.url = url
        yield side


def told(ours: Ours) -> list[str]:
    return [heard["body"] for heard in ours.heard]


def pass_time(world: World, most: int = 40) -> None:
    """Make every try that is still to come, whatever time it takes."""
    for _ in range(most):
        world.callbacks.run_due()
        due = world.callbacks.next_due()
        if due is None:
            return
        world.clock.step(max(due - world.clock(), 0) + 0.001)


def test_what_is_taken_is_told_once(world: World, ours: Ours) -> None:
    number = world.callbacks.send("push", "a notice", ours.letter("one"))
    assert world.callbacks.run_due() == 1
    assert world.callbacks.run_due() == 0
    assert told(ours) == ["one"]
    assert world.callbacks.delivery(number)["state"] == "taken"


def test_a_push_is_tried_three_times_five_seconds_apart(world: World, ours: Ours) -> None:
    ours.answer = ("later", 500)
    number = world.callbacks.send("push", "a notice", ours.letter("one"))
    started = world.clock()
    pass_time(world)
    delivery = world.callbacks.delivery(number)
    assert delivery["state"] == "given_up"
    assert [round(attempt["at"] - started) for attempt in delivery["attempts"]] == [0, 5, 10]
    assert {attempt["status"] for attempt in delivery["attempts"]} == {500}


def test_a_notice_of_a_payment_is_tried_for_a_day(world: World, ours: Ours) -> None:
    ours.answer = ('{"code":"FAIL"}', 500)
    number = world.callbacks.send("pay", "paid", ours.letter("paid"))
    started = world.clock()
    pass_time(world)
    attempts = world.callbacks.delivery(number)["attempts"]
    assert len(attempts) == 16
    waits = [round(later["at"] - one["at"]) for one, later in itertools.pairwise(attempts)]
    assert waits == [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600]
    assert round(attempts[-1]["at"] - started) == 24 * 3600 + 4 * 60


def test_each_try_is_signed_anew(world: World, ours: Ours) -> None:
    ours.answer = ("later", 500)
    world.callbacks.send("push", "a notice", ours.letter("one"))
    pass_time(world)
    stamps = [int(heard["timestamp"]) for heard in ours.heard]
    assert [later - stamps[0] for later in stamps] == [0, 5, 10]


def test_the_tries_end_when_one_is_taken(world: World, ours: Ours) -> None:
    ours.answer = ("later", 503)
    number = world.callbacks.send("pay", "paid", ours.letter("paid"))
    world.callbacks.run_due()
    ours.answer = ("", 204)
    pass_time(world)
    assert world.callbacks.delivery(number)["state"] == "taken"
    assert len(ours.heard) == 2


@pytest.mark.parametrize(
    ("kind", "status", "words", "taken"),
    [
        ("push", 200, "success", True),
        ("push", 200, "", True),
        ("push", 200, '{"Encrypt":"…"}', True),
        ("push", 200, "fail", False),
        ("push", 403, "success", False),
        ("pay", 200, "", True),
        ("pay", 204, "", True),
        ("pay", 201, "", False),
        ("pay", 401, "", False),
        ("probe", 401, "", True),
        ("probe", 500, "", True),
        ("probe", 200, "", False),
    ],
)
def test_what_counts_as_taken(world: World, ours: Ours, kind: str, status: int, words: str, taken: bool) -> None:
    ours.answer = (words, status)
    number = world.callbacks.send(kind, "x", ours.letter("x"))
    world.callbacks.run_due()
    assert world.callbacks.delivery(number)["attempts"][0]["took"] is taken


def test_nobody_at_home_is_a_try_without_an_answer(world: World) -> None:
    number = world.callbacks.send("push", "x", lambda _: Call("http://127.0.0.1:9/told", b"x"))
    world.callbacks.run_due()
    delivery = world.callbacks.delivery(number)
    assert (delivery["attempts"][0]["status"], delivery["state"]) == (None, "waiting")


def test_a_lost_one_never_comes(world: World, ours: Ours) -> None:
    world.callbacks.faults.put("push", "lost")
    number = world.callbacks.send("push", "x", ours.letter("lost"))
    world.callbacks.send("push", "x", ours.letter("next"))
    pass_time(world)
    assert told(ours) == ["next"]
    assert world.callbacks.delivery(number)["state"] == "lost"


def test_one_comes_twice(world: World, ours: Ours) -> None:
    world.callbacks.faults.put("pay", "twice")
    world.callbacks.send("pay", "x", ours.letter("paid"))
    pass_time(world)
    assert told(ours) == ["paid", "paid"]


def test_a_late_one_comes_after_its_time(world: World, ours: Ours) -> None:
    world.callbacks.faults.put("push", "late", seconds=3600)
    world.callbacks.send("push", "x", ours.letter("late"))
    world.clock.step(3599)
    assert world.callbacks.run_due() == 0
    world.clock.step(3600)
    assert world.callbacks.run_due() == 1
    assert told(ours) == ["late"]


def test_one_is_overtaken_by_the_next_of_its_kind(world: World, ours: Ours) -> None:
    world.callbacks.faults.put("push", "reordered")
    for words in ("first", "second", "third"):
        world.callbacks.send("push", "x", ours.letter(words))
    pass_time(world)
    assert sorted(told(ours)) == ["first", "second", "third"]
    assert told(ours)[0] == "second"


def test_a_forged_try_is_of_the_right_form_and_wrong(world: World, ours: Ours) -> None:
    ours.answer = ("no", 403)
    for kind in ("push", "pay"):
        world.callbacks.faults.put(kind, "forged")
        world.callbacks.send(kind, "x", ours.letter(kind))
    world.callbacks.run_due()
    assert ours.heard[0]["msg_signature"] == "cba"
    assert ours.heard[1]["pay"] == "bCdEfA=="
    world.clock.step(5)
    world.callbacks.run_due()
    assert ours.heard[2]["msg_signature"] == "abc"


def test_an_old_try_is_signed_more_than_five_minutes_ago(world: World, ours: Ours) -> None:
    world.callbacks.faults.put("push", "old")
    world.callbacks.send("push", "x", ours.letter("x"))
    world.callbacks.run_due()
    assert world.clock() - int(ours.heard[0]["timestamp"]) > 300


def test_a_truncated_try_breaks_off(world: World, ours: Ours) -> None:
    world.callbacks.faults.put("push", "truncated")
    world.callbacks.send("push", "x", ours.letter("12345678"))
    world.callbacks.run_due()
    assert told(ours) == ["1234"]


def test_a_merchant_may_have_it_told_again(world: World, ours: Ours) -> None:
    number = world.callbacks.send("pay", "x", ours.letter("paid"))
    world.callbacks.run_due()
    world.callbacks.resend(number)
    world.callbacks.run_due()
    assert told(ours) == ["paid", "paid"]


def test_an_unknown_kind_or_delivery_is_refused(world: World) -> None:
    with pytest.raises(Unknown):
        world.callbacks.send("pigeon", "x", lambda _: Call("", b""))
    with pytest.raises(Unknown):
        world.callbacks.resend(7)


def test_the_clock_steps_and_runs_faster() -> None:
    true_time = Clock()
    world = World(clock=true_time)
    start = world.clock()
    world.clock.step(60)
    true_time.forward(1)
    assert world.clock() == start + 61
    world.clock.run_at(100)
    true_time.forward(1)
    assert world.clock() == start + 161
    world.reset()
    assert (world.clock(), world.clock.speed) == (start + 2, 1)


def test_everything_is_ordered_over_http_too(client: FlaskClient, world: World, ours: Ours) -> None:
    answer = client.put("/sandbox/callback-faults/push", json={"fault": "late", "seconds": 30, "times": 2})
    assert answer.get_json() == {"name": "late", "seconds": 30.0, "times": 2}
    assert client.get("/sandbox/callback-faults").get_json() == {"push": answer.get_json()}
    number = world.callbacks.send("push", "x", ours.letter("x"))
    assert client.post("/sandbox/callbacks/run").get_json() == {"calls": 0}
    client.delete("/sandbox/callback-faults/push")
    assert client.post("/sandbox/clock", json={"step": 30, "speed": 1}).get_json()["speed"] == 1
    assert client.post("/sandbox/callbacks/run").get_json() == {"calls": 1}
    assert client.get(f"/sandbox/callbacks/{number}").get_json()["state"] == "taken"
    assert client.post(f"/sandbox/callbacks/{number}/resend").get_json()["state"] == "waiting"
    assert len(client.get("/sandbox/callbacks").get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/sandbox/callback-faults/moon", {"fault": "lost"}, 404),
        ("PUT", "/sandbox/callback-faults/push", {"fault": "eaten"}, 400),
        ("PUT", "/sandbox/callback-faults/push", {"fault": "lost", "times": 0}, 400),
        ("PUT", "/sandbox/callback-faults/push", {"fault": "lost", "times": True}, 400),
        ("PUT", "/sandbox/callback-faults/push", {"fault": "late", "seconds": -1}, 400),
        ("PUT", "/sandbox/callback-faults/push", {"fault": "late", "seconds": "x"}, 400),
        ("DELETE", "/sandbox/callback-faults/moon", None, 404),
        ("POST", "/sandbox/callbacks/7/resend", None, 404),
        ("GET", "/sandbox/callbacks/7", None, 404),
        ("POST", "/sandbox/clock", {}, 400),
        ("POST", "/sandbox/clock", {"step": -1}, 400),
        ("POST", "/sandbox/clock", {"speed": 0}, 400),
        ("POST", "/sandbox/clock", {"year": 2030}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(client: FlaskClient, method: str, path: str, body: Any, status: int) -> None:
    assert client.open(path, method=method, json=body).status_code == status
