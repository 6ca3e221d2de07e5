"""Our application on a database of its own and the sandbox: two servers on loopback that know only each other's address."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

import wechat
from app import create_app, paying
from app.extensions import db
from app.settings import GATEWAYS, SETTINGS
from app.transaction import READ_ENGINE
from config import WeChatSettings
from models import Channel, OutboxMessage, PaymentDifference, PaymentEvent, PaymentOrder, RefundOrder, Role
from services.clocks import SHANGHAI
from services.payments import asking, bill_errands, merchant_keys, merchants
from services.payments.merchants import Below
from services.payments.topics import FETCH_BILL
from tests.databases import Databases, settings_for
from tests.wechat.fakes import MemoryFiles, MemoryTokens, serving
from tests.world import World, account_of, hire, new_person
from wechat.sandbox import World as Sandbox
from wechat.sandbox import create_sandbox

DIRECT, PROVIDER, SUB = "1900009191", "1900000100", "1900000109"
SETTLED = 5.0
"""Seconds after which the sandbox has settled a refund."""


@dataclass
class Scene:
    """Both sides, and who is who on ours."""

    app: Flask
    client: FlaskClient
    url: str
    sandbox: Sandbox
    hood: int
    home: int
    me: dict[str, str]
    manager: dict[str, str]
    checker: dict[str, str]
    maker: int
    slug: str

    def charge(self, amount: int = 12345) -> int:
        """Something that the resident owes."""
        answer = self.post(
            f"/neighborhoods/{self.hood}/charges",
            self.manager,
            home_id=self.home,
            amount=amount,
            description="门禁卡工本费🎫",
        )
        return int(answer["id"])

    def post(self, url: str, headers: dict[str, str], **body: Any) -> dict[str, Any]:
        response = self.client.post(f"/api/v1{url}", headers=headers, json=body)
        answer: dict[str, Any] = response.get_json()
        return {**answer, "status": response.status_code}

    def order(self, charge: int) -> dict[str, Any]:
        return self.post(f"/charges/{charge}/orders", self.me)

    def parameters(self, order: int) -> dict[str, Any]:
        return self.post(f"/payment-orders/{order}/parameters", self.me)

    def pay(self, parameters: dict[str, Any]) -> None:
        """The mini-program calls wx.requestPayment, and the person pays."""
        given = {name: value for name, value in parameters.items() if name != "status"}
        sheet = self.sandbox.pay.open_sheet("wang", given)
        self.sandbox.pay.tap("wang", sheet["number"], "pay")

    def pay_a_charge(self, amount: int = 12345) -> int:
        """A charge, its order, the payment; WeChat has not told us yet.  Returns the order's id."""
        order = int(self.order(self.charge(amount))["id"])
        self.pay(self.parameters(order))
        return order

    def tell(self) -> int:
        """WeChat makes every call that is due."""
        return self.sandbox.callbacks.run_due()

    def statuses(self) -> list[int | None]:
        """What we answered, oldest first."""
        told = reversed(self.sandbox.callbacks.deliveries("pay"))
        return [attempt["status"] for delivery in told for attempt in delivery["attempts"]]

    def work(self) -> None:
        """The jobs find everything due, and the worker does it."""
        now = dt.datetime.now(dt.UTC)
        with self.app.app_context():
            session = db.session()
            for table in (PaymentOrder, RefundOrder):
                session.execute(sa.update(table).where(table.next_ask_at.is_not(None)).values(next_ask_at=now))
            asking.ask_about_orders(session, now=now)
            asking.ask_about_refunds(session, now=now)
            due = sa.update(OutboxMessage).where(
                OutboxMessage.channel == Channel.PAY, OutboxMessage.settled_at.is_(None)
            )
            session.execute(due.values(due_at=now))
            session.commit()
            with ThreadPoolExecutor(1) as pool:
                while paying.run_errands(pool, 32):
                    pass

    def fetch_bills(self) -> list[tuple[str, str]]:
        """It is tomorrow noon, here and at WeChat: the bills of today come.  Returns kinds and numbers of differences."""
        tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        noon = tomorrow.astimezone(SHANGHAI).replace(hour=13, minute=0)
        self.sandbox.clock.step(noon.timestamp() - self.sandbox.clock())
        with self.app.app_context():
            bill_errands.queue(db.session(), now=noon)
            due = sa.update(OutboxMessage).where(OutboxMessage.topic == FETCH_BILL)
            db.session.execute(due.values(due_at=dt.datetime.now(dt.UTC)))
            db.session.commit()
            with ThreadPoolExecutor(1) as pool:
                while paying.run_errands(pool, 32):
                    pass
            query = sa.select(PaymentDifference.kind, PaymentDifference.number).order_by(PaymentDifference.id)
            return [(str(kind), number) for kind, number in db.session.execute(query)]

    def expire(self) -> None:
        """Half an hour goes by on our side."""
        with self.app.app_context():
            db.session.execute(sa.update(PaymentOrder).values(expires_at=dt.datetime.now(dt.UTC)))
            db.session.commit()

    def refund(self, order: int, amount: int) -> dict[str, Any]:
        """The manager asks for a refund and the committee lets it go."""
        asked = self.post(f"/payment-orders/{order}/refunds", self.manager, amount=amount, reason="多收了")
        if asked["status"] != 201:
            return asked
        return self.post(f"/refunds/{asked['refunds'][-1]['id']}/approve", self.checker)

    def state(self, order: int) -> str:
        return str(self.mine(order)["state"])

    def mine(self, order: int) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(f"/api/v1/payment-orders/{order}", headers=self.me).get_json()
        return answer

    def events(self, order: int) -> list[str]:
        with self.app.app_context():
            query = sa.select(PaymentEvent.kind).where(PaymentEvent.order_id == order).order_by(PaymentEvent.id)
            return list(db.session.scalars(query))

    def at_wechat(self, number: str) -> dict[str, Any] | None:
        """What WeChat has of an order, by our number."""
        return next((one for one in self.sandbox.pay.payments() if one["out_trade_no"] == number), None)


@contextmanager
def scene(databases: Databases, *, mode: str = "direct", signed_by: str = "public_key") -> Iterator[Scene]:
    """Lend a scene: a direct merchant or one below a provider, with WeChat's public key or its certificates."""
    sandbox = Sandbox()
    app = create_app(settings_for(databases.fresh()), wechat.gateways(_settings(""), MemoryTokens(), MemoryFiles()))
    with serving(create_sandbox(sandbox)) as sandbox_url, serving(app) as url:
        app.extensions[SETTINGS] = replace(app.extensions[SETTINGS], public_url=url)
        app.extensions[GATEWAYS] = wechat.gateways(_settings(sandbox_url), MemoryTokens(), MemoryFiles())
        with app.app_context():
            made = _furnished(app, sandbox, url, mode=mode, signed_by=signed_by)
        yield made
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
            app.extensions[READ_ENGINE].dispose()


def _settings(url: str) -> Any:
    settings = settings_for("sqlite://")
    pay = url or "http://127.0.0.1:9"
    return replace(settings, wechat=replace(WeChatSettings(), api_url=pay, pay_url=pay, timeouts=(2.0, 4.0)))


def _furnished(app: Flask, sandbox: Sandbox, url: str, *, mode: str, signed_by: str) -> Scene:
    vault = app.extensions["wuyou_vault"]
    world = World.build(db.session(), vault)
    account = account_of(world.session, world.resident)
    account.appid, account.openid = sandbox.appid, str(sandbox.phones.put("wang", "王桂兰")["openid"])
    committee = new_person(world.session, vault, "郭强")
    hire(world.session, committee, world.place.neighborhood, Role.COMMITTEE_MEMBER)
    slug = _take_money(world, sandbox, mode=mode, signed_by=signed_by)
    manager = world.actor(world.manager, Role.STATION_MANAGER)
    return Scene(
        app,
        app.test_client(),
        url,
        sandbox,
        world.place.neighborhood.id,
        world.place.home.id,
        world.headers(world.resident, Role.RESIDENT),
        world.headers(world.manager, Role.STATION_MANAGER),
        world.headers(committee, Role.COMMITTEE_MEMBER),
        manager.person_id,
        slug,
    )


def _take_money(world: World, sandbox: Sandbox, *, mode: str, signed_by: str) -> str:
    """Enter the merchant as an operator would, from what WeChat's console gave out."""
    mchid = DIRECT if mode == "direct" else PROVIDER
    sandbox.pay.merchants.set_up(mchid, {"notices_signed_by": signed_by})
    has = sandbox.pay.merchants.get(mchid).material()
    public = signed_by == "public_key"
    now = dt.datetime.now(dt.UTC)
    keys = merchant_keys.read(
        now=now,
        mchid=mchid,
        appid=sandbox.appid,
        private_key=has["private_key"],
        certificate=has["certificate"],
        api_key=has["apiv3_key"],
        public_key=has["public_key"] if public else None,
        public_key_id=has["public_key_id"] if public else None,
    )
    hood, above = world.place.neighborhood.id, world.community.id
    common = {"name": "彩进小区业委会", "vault": world.vault, "now": now}
    if mode == "direct":
        return str(merchants.add(world.session, unit_id=hood, how=keys, **common).slug)
    provider = merchants.add(world.session, unit_id=above, how=keys, **common)
    below = Below(provider.id, SUB, sandbox.appid)
    return str(merchants.add(world.session, unit_id=hood, how=below, **common).slug)
