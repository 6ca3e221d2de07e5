"""The first neighborhood takes money, and asks for a little."""

import dataclasses

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Charge, MerchantAccount
from services.demo.till import AMOUNT, PAYEE, open_till
from tests.paying import keys
from tests.services.demo.town import NOW, VAULT, fill

KEYS = dataclasses.replace(keys(), certificate_serial="5157F09EFDC096DE15EBE81A47057A72")
OTHER_KEYS = dataclasses.replace(KEYS, certificate_serial="6157F09EFDC096DE15EBE81A47057A72")


def till(session: Session, given=KEYS) -> bool:
    return open_till(session, vault=VAULT, keys=given, now=NOW)


def open_accounts(session: Session) -> list[MerchantAccount]:
    return list(session.scalars(sa.select(MerchantAccount).where(MerchantAccount.ends_at.is_(None))))


def test_one_home_is_asked_for_the_price_of_a_key_card(session: Session) -> None:
    fill(session)
    assert till(session)
    (account,) = open_accounts(session)
    charge = session.scalars(sa.select(Charge)).one()
    assert (account.name, account.neighborhood_id) == (PAYEE, charge.neighborhood_id)
    assert charge.amount == AMOUNT


def test_opening_it_again_changes_nothing(session: Session) -> None:
    fill(session)
    till(session)
    (account,) = open_accounts(session)
    assert till(session)
    assert open_accounts(session) == [account]
    assert session.scalar(sa.select(sa.func.count()).select_from(Charge)) == 1


def test_a_sandbox_that_was_begun_anew_brings_other_keys(session: Session) -> None:
    fill(session)
    till(session)
    till(session, OTHER_KEYS)
    assert [one.certificate_serial for one in open_accounts(session)] == [OTHER_KEYS.certificate_serial]
    assert session.scalar(sa.select(sa.func.count()).select_from(MerchantAccount)) == 2


def test_without_the_cast_nothing_is_entered(session: Session) -> None:
    assert not till(session)
    assert open_accounts(session) == []
