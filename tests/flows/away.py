"""Our application over a real database, the sandbox over HTTP, and a time that is moved by hand: no test here waits."""

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import time_machine
from flask import Flask

from app import create_app
from app.extensions import db
from app.settings import vault
from app.transaction import READ_ENGINE, transaction
from app.worker import drain, run_job
from config import WeChatSettings
from models import OutboxMessage, OutboxState, Person, WeChatAccount
from services.jobs import TIMETABLE
from tests.databases import settings_for
from tests.wechat.fakes import serving
from tests.world import NOW, World
from wechat.sandbox import World as Sandbox
from wechat.sandbox import create_sandbox
from wechat.sandbox.faults import ENDPOINTS

MINUTE = dt.timedelta(minutes=1)
SAID = re.compile(r"> 单号：(\S+)\n> (.*)")
PHONES = {"resident": "wang", "repairer": "li", "manager": "zhang"}
ROBOT = "robot-of-the-station"
APPID = WeChatSettings().appid


@dataclass
class Town:
    """A neighborhood at work, and the WeChat that may go away."""

    app: Flask
    wechat: Sandbox
    traveller: time_machine.Traveller
    moment: dt.datetime = NOW
    people: dict[str, int] = field(default_factory=dict)
    building_id: int = 0

    def settle_in(self) -> None:
        """Give people homes, hats, phones and messages that they allowed."""
        self.wechat.phones.unlimited_grants = True
        self.wechat.groups.put("station", "服务站群", ROBOT)
        with self.app.app_context(), transaction() as session:
            world = World.build(session, vault())
            for name, phone in PHONES.items():
                person = getattr(world, name)
                self.people[name] = person.id
                openid = str(self.wechat.phones.put(phone, name)["openid"])
                account = {"person_id": person.id, "appid": APPID, "openid": openid}
                session.add(WeChatAccount(**account, created_at=NOW, last_seen_at=NOW))
                session.flush()
                world.grant(person, "ticket_progress", 1000)
                world.grant(person, "ticket_work", 1000)
            world.group(ROBOT)
            self.building_id = world.place.building.id
        self.everybody_is_seen()

    def go_away(self, fault: dict[str, Any], *endpoints: str) -> None:
        for endpoint in endpoints or ENDPOINTS:
            self.wechat.faults.put(endpoint, fault)

    def pass_time(self, step: dt.timedelta) -> None:
        """Move on, and have the worker do what is due then."""
        self.moment += step
        self.traveller.move_to(self.moment)
        self.everybody_is_seen()
        drain(self.app, seconds=60)

    def everybody_is_seen(self) -> None:
        """Let everybody have used the mini-program just now: WeChat checks contents of nobody else."""
        for phone in PHONES.values():
            self.wechat.phones.seen(phone)

    def run_jobs(self) -> None:
        with self.app.app_context():
            for job in TIMETABLE:
                run_job(job, "test")

    def tap(self, name: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Let somebody do something on their phone; it has to work."""
        answer = self.app.test_client().post(f"/api/v1/{path}", json=body or {}, headers=self.headers(name))
        assert answer.status_code in {200, 201}, answer.get_json()
        return dict(answer.get_json())

    def headers(self, name: str) -> dict[str, str]:
        """Sign somebody in for ten minutes; the phone would have got the token from us, without asking WeChat."""
        with self.app.app_context():
            session = db.session()
            world = World(session, vault(), *[None] * 15)  # type: ignore[arg-type]
            headers = world.headers(session.get_one(Person, self.people[name]))
            db.session.remove()
        return headers

    def repair(self, text: str) -> str:
        """Lead one repair from the report to the resident's yes; return its number."""
        ticket = self.tap("resident", "tickets", {"category": "elec", "text": text, "building_id": self.building_id})
        at = f"tickets/{ticket['id']}"
        self.tap("manager", f"{at}/assign", {"assignee_id": self.people["repairer"]})
        for move in ("accept", "arrive", "start", "finish"):
            self.tap("repairer", f"{at}/{move}")
        self.tap("resident", f"{at}/confirm")
        return str(ticket["number"])

    def states(self) -> Counter[str]:
        """How many messages stand in each state."""
        with self.app.app_context(), transaction(read_only=True) as session:
            return Counter(state.value for state in session.scalars(sa.select(OutboxMessage.state)))

    def read(self, query: Any) -> list[Any]:
        with self.app.app_context(), transaction(read_only=True) as session:
            return list(session.scalars(query))

    def received(self, phone: str) -> Counter[tuple[str, ...]]:
        """What arrived on a phone, by its whole content but for the time of day."""
        items = self.wechat.phones.messages(phone)["items"]
        return Counter(
            tuple(value for key, value in sorted(item["values"].items()) if key != "time4") for item in items
        )

    def heard_in_group(self) -> Counter[tuple[str, str]]:
        """How often the robot said what of which ticket; several may be said in one message."""
        said = self.wechat.groups.messages("station")["items"]
        return Counter(found for one in said for found in SAID.findall(one["content"]))

    def not_sent(self) -> list[tuple[str, str, str | None]]:
        """What is still on its way, or was given up or refused."""
        with self.app.app_context(), transaction(read_only=True) as session:
            rows = session.scalars(sa.select(OutboxMessage).where(OutboxMessage.state != OutboxState.SENT))
            return [(row.channel.value, row.state.value, row.last_error) for row in rows]

    def ready(self) -> dict[str, Any]:
        return dict(self.app.test_client().get("/readyz").get_json())

    def first_page(self) -> str:
        return self.app.test_client().get("/").get_data(as_text=True)


@contextmanager
def town(databases: Any) -> Iterator[Town]:
    """Set the town up on a fresh database."""
    sandbox = Sandbox()
    with time_machine.travel(NOW, tick=True) as traveller, serving(create_sandbox(sandbox)) as url:
        wechat = WeChatSettings(api_url=url, wecom_url=url, timeouts=(5.0, 30.0))
        app = create_app(dataclasses.replace(settings_for(databases.fresh()), wechat=wechat))
        try:
            place = Town(app, sandbox, traveller)
            place.settle_in()
            yield place
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
                app.extensions[READ_ENGINE].dispose()
