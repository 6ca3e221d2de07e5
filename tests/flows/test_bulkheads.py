"""A provider that hangs holds up its own channel and no other: real loops, and one endpoint that never answers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.worker import Worker
from models import Channel
from tests.flows.away import Town, town

PATIENCE = 40.0  # seconds; a loaded machine


@pytest.fixture
def place(databases):
    with town(databases) as found:
        yield found


@contextmanager
def hanging(place: Town, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Iterator[threading.Event]:
    """Let an endpoint keep every call waiting until the end; the event tells that one is."""
    kept, free = threading.Event(), threading.Event()

    def strike(asked: str) -> None:
        if asked == endpoint:
            kept.set()
            free.wait(PATIENCE)

    monkeypatch.setattr(place.wechat.faults, "strike", strike)
    try:
        yield kept
    finally:
        free.set()


def told(monkeypatch: pytest.MonkeyPatch, holder: object, name: str) -> threading.Event:
    """An event that is set when the sandbox has done something."""
    done, real = threading.Event(), getattr(holder, name)

    def doing(*given: object) -> object:
        answer = real(*given)
        done.set()
        return answer

    monkeypatch.setattr(holder, name, doing)
    return done


@contextmanager
def at_work(place: Town) -> Iterator[None]:
    """Run the loops of a worker: events, messages, content checks."""
    worker = Worker(place.app)
    loops: list[Callable[[], None]] = [worker._loop_events]
    loops += [lambda channel=channel: worker._loop_channel(channel) for channel in (Channel.SUBSCRIBE, Channel.CHECK)]
    threads = [threading.Thread(target=loop) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        worker._stop.set()
        for thread in threads:
            thread.join()


def test_a_content_check_that_hangs_holds_up_no_message(place, monkeypatch):
    arrived = told(monkeypatch, place.wechat.phones, "deliver")
    place.repair("核对卡住的时候报的灯")
    with at_work(place), hanging(place, monkeypatch, "text") as kept:
        assert kept.wait(PATIENCE)
        assert arrived.wait(PATIENCE)
        assert sum(place.received("li").values()) + sum(place.received("wang").values()) > 0


def test_messages_that_hang_hold_up_no_content_check(place, monkeypatch):
    checked = told(monkeypatch, place.wechat.safety, "check_text")
    place.repair("通知卡住的时候报的灯")
    with at_work(place), hanging(place, monkeypatch, "send") as kept:
        assert kept.wait(PATIENCE)
        assert checked.wait(PATIENCE)
        assert place.received("li") == {}
