"""One-off amounts asked of a home, until the fees domain bills by itself: a key card, a repair by the price list."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Charge, Home, OrderState, PaymentOrder
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.payments.words import yuan

CHARGE_MISSING = "没有找到这笔收费。请从“我的缴费”里点开。"
AMOUNT_MOST = 10_000_000
"""Fen: a hundred thousand yuan asked of one home at once is a slip of the finger."""
HELD = (OrderState.NEW, OrderState.PREPAID, OrderState.PAID)


def make(
    session: Session,
    *,
    actor: Actor,
    neighborhood_id: int,
    home_id: int,
    amount: int,
    description: str,
    now: dt.datetime,
) -> Charge:
    """Ask an amount (fen) of a home."""
    hood = access.neighborhood_for(session, actor, neighborhood_id)
    home = session.get(Home, home_id)
    if home is None or home.neighborhood_id != hood.id:
        raise NotFound(access.HOME_MISSING, code="home_not_found")
    if not 0 < amount <= AMOUNT_MOST:
        said = f"金额要在0.01元到{yuan(AMOUNT_MOST)}之间。"
        raise InvalidInput(said, code="amount_out_of_range", errors={"amount": [said]})
    charge = Charge(
        neighborhood_id=hood.id,
        home_id=home.id,
        amount=amount,
        description=description.strip(),
        made_by_id=actor.person_id,
        made_at=now,
    )
    session.add(charge)
    session.flush()
    audit.note_on(session, actor, charge, "charge.made", now, {"amount": amount, "home_id": home.id})
    return charge


def withdraw(session: Session, *, actor: Actor, charge_id: int, now: dt.datetime) -> Charge:
    """Ask for it no longer.  Raises ``Conflict`` once somebody pays or has paid."""
    charge = locked(session, charge_id)
    if charge is None:
        raise NotFound(CHARGE_MISSING, code="charge_not_found")
    access.neighborhood_for(session, actor, charge.neighborhood_id)
    if charge.withdrawn_at is not None:
        return charge
    if session.scalar(sa.select(PaymentOrder.id).where(*_orders_of(charge.id), PaymentOrder.state.in_(HELD)).limit(1)):
        raise Conflict("这笔收费已经有人付了，或者正在付。要退钱，请走退款。", code="charge_in_payment")
    charge.withdrawn_at, charge.withdrawn_by_id = now, actor.person_id
    audit.note_on(session, actor, charge, "charge.withdrawn", now, {})
    return charge


def locked(session: Session, charge_id: int) -> Charge | None:
    """Return a charge, locked until the commit: who pays and who withdraws wait for each other."""
    return session.scalar(
        sa.select(Charge).where(Charge.id == charge_id).with_for_update().execution_options(populate_existing=True)
    )


def is_paid(session: Session, charge_id: int) -> bool:
    """Whether a charge is paid, and the money was not all given back."""
    paid = sa.select(PaymentOrder.id).where(*_orders_of(charge_id), PaymentOrder.state == OrderState.PAID)
    return session.scalar(paid.limit(1)) is not None


def _orders_of(charge_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (PaymentOrder.subject_kind == Charge.__tablename__, PaymentOrder.subject_id == charge_id)
