"""The robots' part of the worker, with real commits and real threads."""

import threading
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from app import create_app, robots
from app.extensions import db
from app.settings import GATEWAYS, VAULT
from app.transaction import READ_ENGINE, transaction
from models import Channel, OutboxMessage
from services import outbox
from services.group_ports import GroupPost
from tests.databases import settings_for
from tests.fakes import fake_gateways
from tests.services.test_deliveries import happen
from tests.world import NOW, World


@dataclass
class HangingGroups:
    """One robot hangs until it is let go; the others answer at once."""

    go: threading.Event = field(default_factory=threading.Event)
    sent: list[str] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def send(self, robot_key: str, post: GroupPost) -> None:
        if robot_key == "hangs":
            self.go.wait(30)
        self.sent.append(robot_key)
        self.arrived.release()


@pytest.fixture
def real_app(databases):
    app = create_app(settings_for(databases.fresh()), fake_gateways())
    yield app
    with app.app_context():
        db.engine.dispose()
        app.extensions[READ_ENGINE].dispose()


def fill(app, *keys, each=1):
    """Queue messages for the robot of each key."""
    with app.app_context(), transaction() as session:
        world = World.build(session, app.extensions[VAULT])
        event = happen(world, "overdue")
        for key in keys:
            group = world.group(key)
            for number in range(each):
                outbox.enqueue(
                    session, channel=Channel.ROBOT, topic="robot", dedupe_key=f"{key}:{number}", subject_id=group.id,
                    payload={"event_id": event}, now=NOW,
                )  # fmt: skip


def sent(app):
    with app.app_context(), transaction() as session:
        rows = session.execute(sa.select(OutboxMessage.dedupe_key).where(OutboxMessage.state == "sent"))
        return sorted(rows.scalars())


@pytest.mark.slow
def test_a_robot_that_hangs_keeps_no_other_waiting(real_app):
    groups = HangingGroups()
    object.__setattr__(real_app.extensions[GATEWAYS], "groups", groups)
    fill(real_app, "hangs", "answers")
    lane = robots.RobotLane(real_app, threads=2)
    with real_app.app_context():
        assert lane.look() == 2
        assert groups.arrived.acquire(timeout=20)
        assert groups.sent == ["answers"]
        groups.go.set()
        lane.close()
    assert sent(real_app) == ["answers:0", "hangs:0"]


@pytest.mark.slow
def test_two_workers_never_have_the_same_robot(real_app):
    fill(real_app, "a", "b", "c", each=4)
    gate, claimed = threading.Barrier(4), []

    def work():
        with real_app.app_context():
            gate.wait()
            claimed.extend(turn.group_id for turn in robots.claim(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 3
