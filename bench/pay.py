"""Notices of payments believed and booked per second: signature, time, decryption, what was asked for, then the rows.

The floor is a bare Flask view with the same RSA check and the same decryption, its keys open at hand, that writes the same
rows: order, event, the payer's inbox.
"""

import datetime as dt
import secrets
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import create_app
from app.extensions import db
from app.settings import vault
from app.transaction import transaction
from bench import race
from bench.databases import fresh
from bench.floor.paying import API_KEY, PUBLIC_KEY_ID
from bench.measured import Measured, Place
from bench.servers import Server, served
from config import DatabaseSettings, Settings
from config.settings import SANDBOX_APPID
from models import OrderState, PaymentOrder, Residency, WeChatAccount
from services.demo.loading import load
from services.demo.plan import Plan
from services.payments import merchant_keys, merchants
from wechat.sandbox.pay.keys import chest_in_memory
from wechat.sandbox.pay.signing import dumped, sealed, signature_headers

WORK = "a payment booked"
BAR = 0.10
"""A guard, a quarter below what quiet runs gave (0.13 to 0.17): ours asks twelve things of the database where the floor
asks four, for the order is locked, the payer and the number compared, and everybody told."""
MCHID, OPENID = "1900009191", "o-of-the-bench"
AMOUNT = 12_345
AT_ONCE = 8
PER_SECOND = 1_500
"""Notices made up for each second of a burst: more than either side takes, so that none comes twice."""
WARM_UP = 0.5
LIFE = dt.timedelta(hours=2)


def run(place: Place) -> list[Measured]:
    """Race ours against the floor, each burst with payments that nobody has heard of."""
    seconds = place.options.seconds
    with fresh(place.database, place.folder, place.server) as url:
        app = create_app(Settings(database=DatabaseSettings(url), log_level="ERROR"))
        with app.app_context():
            with transaction() as session:
                slug, order = _furnished(session)
            with served("ours", url) as ours, served("floor", url) as floor:
                for server in (ours, floor):
                    _burst(server, slug, order, WARM_UP)
                rounds = []
                for _ in range(place.options.rounds):
                    sides = [_burst(server, slug, order, seconds) for server in (ours, floor)]
                    rounds.append((sides[0], sides[1]))
            db.engine.dispose()
    return [Measured(WORK, place.database, rounds, BAR, f"{AT_ONCE} connections, public-key mode")]


def _burst(server: Server, slug: str, order: dict[str, Any], seconds: float) -> float:
    """Announce orders, tell of each payment, and return how many were booked in a second."""
    numbers = [f"B{secrets.token_hex(12)}" for _ in range(int(PER_SECOND * seconds))]
    with transaction() as session:
        last = session.scalar(sa.select(sa.func.max(PaymentOrder.subject_id))) or 0
        rows = [{**order, "out_trade_no": number, "subject_id": last + at} for at, number in enumerate(numbers, 1)]
        session.execute(sa.insert(PaymentOrder), rows)
    rate: float = race.burst(server, [_told(slug, number) for number in numbers], AT_ONCE, seconds)["rate"]
    return rate


def _furnished(session: Session) -> tuple[str, dict[str, Any]]:
    """Make a neighborhood that takes money; return the end of its address, and what every order has in common."""
    now = dt.datetime.now(dt.UTC)
    load(session, vault=vault(), now=now, plan=Plan(), progress=lambda _: None)
    lives = session.scalars(sa.select(Residency).order_by(Residency.id).limit(1)).one()
    account = WeChatAccount(
        person_id=lives.person_id, appid=SANDBOX_APPID, openid=OPENID, created_at=now, last_seen_at=now
    )
    session.add(account)
    mine, theirs = chest_in_memory().certified("bench", MCHID), chest_in_memory().pair("bench-wechat")
    keys = merchant_keys.read(
        mchid=MCHID,
        appid=SANDBOX_APPID,
        private_key=mine.pair.private_pem,
        certificate=mine.pem,
        api_key=API_KEY,
        public_key_id=PUBLIC_KEY_ID,
        public_key=theirs.public_pem,
        now=now,
    )
    merchant = merchants.add(session, unit_id=lives.neighborhood_id, name="业委会", how=keys, vault=vault(), now=now)
    session.flush()
    order = {
        "neighborhood_id": lives.neighborhood_id, "merchant_id": merchant.id, "subject_kind": "charge",
        "payer_id": lives.person_id, "account_id": account.id, "description": "门禁卡工本费", "amount": AMOUNT,
        "state": OrderState.PREPAID, "prepay_id": "wx-bench", "expires_at": now + LIFE, "next_ask_at": now + LIFE,
        "asks": 0, "refund_reserved": 0, "refunded": 0, "created_at": now,
    }  # fmt: skip
    return str(merchant.slug), order


def _told(slug: str, number: str) -> bytes:
    """Return a complete request that tells of a payment, signed now."""
    now = dt.datetime.now(dt.UTC)
    word = {
        "mchid": MCHID, "appid": SANDBOX_APPID, "out_trade_no": number, "transaction_id": f"42{number}",
        "trade_type": "JSAPI", "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "bank_type": "OTHERS",
        "attach": "", "success_time": now.isoformat(timespec="seconds"), "payer": {"openid": OPENID},
        "amount": {"total": AMOUNT, "payer_total": AMOUNT, "currency": "CNY", "payer_currency": "CNY"},
    }  # fmt: skip
    resource = {"original_type": "transaction", **sealed(API_KEY, dumped(word).decode(), "transaction")}
    body = dumped(
        {
            "id": secrets.token_hex(16), "create_time": word["success_time"], "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功", "resource": resource,
        }
    )  # fmt: skip
    signed = signature_headers(chest_in_memory().pair("bench-wechat"), PUBLIC_KEY_ID, body, now.timestamp())
    lines = [f"POST /callbacks/wechat/pay/{slug} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in signed.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
