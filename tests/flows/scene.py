"""A real database with a small world in it, and the sandbox: for tests that start, watch and kill real processes."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.cli.phones import Sandbox
from app.cli.stack import Stack
from app.extensions import db
from app.settings import vault
from app.transaction import READ_ENGINE, transaction
from app.worker import drain
from config import Settings, WeChatSettings
from models import Channel, OutboxMessage, TicketEvent, WeChatAccount
from services.tickets import by_station
from tests.databases import settings_for
from tests.world import NOW, World


@dataclass
class Scene:
    """The processes, the sandbox's controls, and our own application over the same database."""

    stack: Stack
    sandbox: Sandbox
    settings: Settings
    app: Flask

    def assign_tickets(self, count: int, phone: str, robot: str | None = None) -> None:
        """File tickets and send a repairer to each: one subscribe message per ticket will have to go to the phone.

        With a robot's key there is a group too, which hears of each.
        """
        openid = self.sandbox.add_phone(phone, "李师傅")
        with self.app.app_context(), transaction() as session:
            world = World.build(session, vault())
            account = {"person_id": world.repairer.id, "appid": "wx-test", "openid": openid}
            session.add(WeChatAccount(**account, created_at=NOW, last_seen_at=NOW))
            session.flush()
            if robot is not None:
                world.group(robot)
            world.grant(world.repairer, "ticket_work", count)
            manager = world.actor(world.manager)
            for number in range(count):
                filed = world.file(text=f"第{number}盏灯不亮")
                by_station.assign(session, actor=manager, now=NOW, ticket_id=filed.id, assignee_id=world.repairer.id)

    def two_minutes_pass(self) -> None:
        """Let every lease and every wait run out now."""
        with self.app.app_context(), transaction() as session:
            session.execute(
                sa.update(OutboxMessage).where(OutboxMessage.state.in_(["waiting", "sending"])).values(due_at=NOW)
            )
            session.execute(sa.update(OutboxMessage).where(OutboxMessage.state == "sending").values(leased_until=NOW))

    def states(self) -> dict[tuple[str, str], int]:
        """How many outbox rows there are of each channel and state."""
        with self.app.app_context(), transaction() as session:
            rows = session.execute(
                sa.select(OutboxMessage.channel, OutboxMessage.state, sa.func.count()).group_by(
                    OutboxMessage.channel, OutboxMessage.state
                )
            )
            return {(channel.value, state.value): count for channel, state, count in rows}

    def posts(self, *actions: str) -> Counter[str]:
        """How many posts about such actions a robot has in each state; what the clocks add meanwhile is not among them."""
        with self.app.app_context(), transaction() as session:
            events = set(session.scalars(sa.select(TicketEvent.id).where(TicketEvent.action.in_(actions))))
            rows = session.execute(
                sa.select(OutboxMessage.payload, OutboxMessage.state).where(OutboxMessage.channel == Channel.ROBOT)
            )
            return Counter(row.state.value for row in rows if row.payload["event_id"] in events)

    def received(self, phone: str) -> list[str]:
        """The ticket numbers that reached a phone, repeats included."""
        items = self.sandbox.call("GET", f"phones/{phone}/messages")["items"]
        return [next(value for value in item["values"].values() if "-2611-" in value) for item in items]

    def work(self) -> None:
        """Carry out whatever is due, as a healthy worker."""
        drain(self.app, seconds=60)


@contextmanager
def scene(folder: Path, database_url: str, workers: int = 0) -> Iterator[Scene]:
    """Set the scene over a migrated database."""
    with Stack(folder, database_url=database_url, workers=workers, web=False) as stack:
        sandbox = Sandbox(stack.sandbox_url)
        sandbox.call("PUT", "settings", {"unlimited_grants": True})
        wechat = WeChatSettings(api_url=stack.sandbox_url, wecom_url=stack.sandbox_url)
        settings = dataclasses.replace(settings_for(database_url), wechat=wechat)
        app = create_app(settings)
        try:
            yield Scene(stack, sandbox, settings, app)
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
                app.extensions[READ_ENGINE].dispose()
            sandbox.http.close()
