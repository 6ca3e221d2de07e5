"""The control interface of callbacks (``/sandbox/callbacks`` and their faults) and of time (``/sandbox/clock``)."""

from typing import Any

from flask import Blueprint

from wechat.sandbox.asked import amount, body, text
from wechat.sandbox.refusal import Unknown
from wechat.sandbox.world import World

Json = dict[str, Any]


def add_callbacks(blueprint: Blueprint, world: World) -> None:
    """Add the routes about what is told to our side."""
    callbacks = world.callbacks

    @blueprint.get("/callbacks")
    def list_callbacks() -> Json:
        return {"items": callbacks.deliveries(), "next_due": callbacks.next_due()}

    @blueprint.get("/callbacks/<int:number>")
    def one_callback(number: int) -> Json:
        return callbacks.delivery(number)

    @blueprint.post("/callbacks/<int:number>/resend")
    def resend(number: int) -> Json:
        callbacks.resend(number)
        return callbacks.delivery(number)

    @blueprint.post("/callbacks/run")
    def run_due() -> Json:
        return {"calls": callbacks.run_due()}

    @blueprint.get("/callback-faults")
    def list_callback_faults() -> Json:
        return callbacks.faults.listing()

    @blueprint.put("/callback-faults/<kind>")
    def put_callback_fault(kind: str) -> Json:
        wanted = body()
        times = wanted.get("times", 1)
        if times is not None and (not isinstance(times, int) or isinstance(times, bool)):
            raise Unknown("times is a whole number, or null until cleared", 400)
        seconds = amount(wanted, "seconds") if "seconds" in wanted else 60.0
        return callbacks.faults.put(kind, text(wanted, "fault"), seconds=seconds, times=times)

    @blueprint.delete("/callback-faults")
    def clear_callback_faults() -> Json:
        callbacks.faults.clear()
        return {}

    @blueprint.delete("/callback-faults/<kind>")
    def clear_callback_fault(kind: str) -> Json:
        callbacks.faults.clear(kind)
        return {}


def add_clock(blueprint: Blueprint, world: World) -> None:
    """Add the routes that move the time of the simulated WeChat."""

    @blueprint.get("/clock")
    def read_clock() -> Json:
        return {"now": world.clock(), "speed": world.clock.speed}

    @blueprint.post("/clock")
    def move_clock() -> Json:
        wanted = body()
        if not wanted or not set(wanted) <= {"step", "speed"}:
            raise Unknown("step (seconds) or speed is needed", 400)
        if "speed" in wanted:
            world.clock.run_at(amount(wanted, "speed"))
        if "step" in wanted:
            world.clock.step(amount(wanted, "step"))
        return read_clock()
