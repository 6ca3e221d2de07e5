"""A till for the demonstration: the first neighborhood takes money by the simulated WeChat Pay, and asks for a little."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Charge, Membership, MerchantAccount, OrgUnit, Residency, Role
from services.actors import Actor, Hat
from services.demo.cast import cast_people
from services.payments import charges, merchants
from services.payments.merchant_keys import MerchantKeys
from services.vault import Vault

PAYEE = "彩进小区业主委员会"
OWES, ASKS = "wang-guilan", "zhang-li"
AMOUNT, WHAT_FOR = 1_500, "单元门门禁卡工本费"
"""Fifteen yuan: small enough that nobody who tries it thinks of real money."""


def open_till(session: Session, *, vault: Vault, keys: MerchantKeys, now: dt.datetime) -> bool:
    """Enter the merchant, and ask 王桂兰's home for the price of a key card; return whether the cast is there at all.

    May be repeated: keys that are there already stay, others replace them, and nothing is asked for twice.
    """
    people = cast_people(session, vault)
    if not {OWES, ASKS} <= people.keys():
        return False
    hat = _manager(session, people[ASKS])
    assert hat.neighborhood_id is not None
    _enter(session, hat.neighborhood_id, vault=vault, keys=keys, now=now)
    home_id = session.scalars(
        sa.select(Residency.home_id).where(Residency.person_id == people[OWES], Residency.ends_at.is_(None))
    ).first()
    if home_id is None or session.scalar(sa.select(sa.exists().where(Charge.home_id == home_id))):
        return True
    charges.make(
        session,
        actor=Actor(people[ASKS], None, 0, hat),
        neighborhood_id=hat.neighborhood_id,
        home_id=home_id,
        amount=AMOUNT,
        description=WHAT_FOR,
        now=now,
    )
    return True


def _manager(session: Session, person_id: int) -> Hat:
    row = session.execute(
        sa.select(Membership.id, OrgUnit.id.label("unit_id"), OrgUnit.path, OrgUnit.neighborhood_id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(Membership.person_id == person_id, Membership.role == Role.STATION_MANAGER)
        .order_by(Membership.id)
    ).first()
    assert row is not None, "the demonstration gives its manager a station"
    return Hat(Role.STATION_MANAGER, row.id, row.unit_id, row.path, row.neighborhood_id)


def _enter(session: Session, neighborhood_id: int, *, vault: Vault, keys: MerchantKeys, now: dt.datetime) -> None:
    there = session.scalar(
        sa.select(MerchantAccount).where(
            MerchantAccount.neighborhood_id == neighborhood_id, MerchantAccount.ends_at.is_(None)
        )
    )
    if there is not None and there.certificate_serial == keys.certificate_serial:
        return
    if there is not None:  # the sandbox was begun anew and has other keys
        merchants.switch_off(session, account_id=there.id, now=now)
    merchants.add(session, unit_id=neighborhood_id, name=PAYEE, how=keys, vault=vault, now=now)
