"""A neighborhood that takes money through WeChat: its merchant, charges, orders in any state, refunds."""

import datetime as dt
import itertools
from typing import Any

from models import (
    Charge,
    MerchantAccount,
    OrderState,
    PaymentDifference,
    PaymentOrder,
    Person,
    RefundOrder,
    Role,
    WeChatAccount,
    WordSource,
)
from services.payment_ports import BillLine, BillLineKind, TradeState, Transaction
from services.payments import bills, charges, merchants, opening, refunding, settling
from services.payments.bills import DayBill
from services.payments.merchant_keys import MerchantKeys
from services.payments.settling import Heard, Said
from tests.world import NOW, Place, World, account_of, hire, new_person

MCHID, APPID = "1900009191", "wx-test"
BASE = "https://wuyou.example/callbacks/wechat/pay/"
_serial = itertools.count(1)


def keys(**changes: Any) -> MerchantKeys:
    """Keys that nobody opens: the fake gateway does not look at them."""
    plain = {"mchid": MCHID, "appid": APPID, "certificate_serial": "AB12", "private_key": "key", "api_key": "k" * 32}
    return MerchantKeys(**{**plain, **changes})


def merchant(world: World, place: Place | None = None, **changes: Any) -> MerchantAccount:
    """The neighborhood's merchant account, made when first asked for."""
    hood = (place or world.place).neighborhood
    found = world.session.query(MerchantAccount).filter_by(neighborhood_id=hood.id, ends_at=None).first()
    return found or merchants.add(
        world.session, unit_id=hood.id, name="彩进小区业委会", how=keys(**changes), vault=world.vault, now=NOW
    )


def treasurer(world: World, place: Place | None = None) -> Person:
    """Somebody who keeps the books."""
    person = new_person(world.session, world.vault, "郭强")
    hire(world.session, person, (place or world.place).neighborhood, Role.TREASURER)
    world.session.flush()
    return person


def charge(world: World, amount: int = 12345) -> Charge:
    """Something that the resident owes."""
    merchant(world)
    return charges.make(
        world.session,
        actor=world.actor(world.manager, Role.STATION_MANAGER),
        neighborhood_id=world.place.neighborhood.id,
        home_id=world.place.home.id,
        amount=amount,
        description="门禁卡工本费",
        now=NOW,
    )


def order(
    world: World, owed: Charge | None = None, *, person: Person | None = None, now: dt.datetime = NOW
) -> PaymentOrder:
    """An order that was just opened."""
    owed = owed or charge(world)
    actor = world.actor(person or world.resident, Role.RESIDENT)
    return opening.open_order(
        world.session, actor=actor, subject_kind=Charge.__tablename__, subject_id=owed.id, now=now
    )


def prepaid(world: World, *, now: dt.datetime = NOW) -> PaymentOrder:
    """An order that WeChat knows."""
    made = order(world, now=now)
    opening.announced(world.session, order_id=made.id, prepay_id=f"wx{made.id}", now=now)
    world.session.flush()
    return made


def word(world: World, about: PaymentOrder, **changes: Any) -> Transaction:
    """What WeChat says of an order that was paid as asked."""
    openid = world.session.get_one(WeChatAccount, about.account_id).openid
    plain = {
        "out_trade_no": about.out_trade_no,
        "state": TradeState.PAID,
        "mchid": MCHID,
        "appid": APPID,
        "sub_mchid": None,
        "sub_appid": None,
        "transaction_id": f"4200{about.out_trade_no}",
        "openid": openid,
        "amount": about.amount,
        "currency": "CNY",
        "paid_at": NOW,
    }
    return Transaction(**{**plain, **changes})


def hear(world: World, about: PaymentOrder, *, now: dt.datetime = NOW, **changes: Any) -> Heard:
    """WeChat tells us of an order."""
    heard = settling.hear(world.session, about, word(world, about, **changes), Said(WordSource.NOTICE, now))
    world.session.flush()
    return heard


def paid(world: World) -> PaymentOrder:
    """An order that is paid."""
    made = prepaid(world)
    assert hear(world, made) is Heard.BOOKED
    return made


def refund(world: World, of: PaymentOrder, amount: int = 345) -> RefundOrder:
    """A refund that the manager asked for."""
    actor = world.actor(world.manager, Role.STATION_MANAGER)
    made = refunding.ask(world.session, actor=actor, order_id=of.id, amount=amount, reason="多收了", now=NOW)
    world.session.flush()
    return made


def difference(world: World) -> PaymentDifference:
    """A payment that stands in WeChat's bill and not in our books."""
    line = BillLine(BillLineKind.PAYMENT, "P-unknown", "4200-unknown", "P-unknown", 999, 999, 6, NOW)
    bills.reconcile(world.session, merchant(world), DayBill(NOW.date(), [line], None), now=NOW)
    return world.session.query(PaymentDifference).one()


def put_into(world: World, state: OrderState) -> PaymentOrder:
    """An order in a state."""
    if state is OrderState.NEW:
        return order(world)
    made = prepaid(world)
    if state is OrderState.CLOSED:
        settling.close(world.session, made, Said(WordSource.ANSWER, NOW))
    if state in {OrderState.PAID, OrderState.REFUNDED}:
        hear(world, made)
    if state is OrderState.REFUNDED:
        made.refund_reserved = made.refunded = made.amount
        made.state = state
    world.session.flush()
    return made


def payer_account(world: World) -> WeChatAccount:
    """The WeChat account of the resident."""
    return account_of(world.session, world.resident)
