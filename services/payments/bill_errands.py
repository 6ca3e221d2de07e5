"""Yesterday's bills: queued after ten in the morning, fetched by the worker, held against our books."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, MerchantAccount, MerchantMode, OutboxMessage, PaymentBill
from services.clocks import SHANGHAI, local_day
from services.errors import Rejected, TryLater
from services.outbox import enqueue
from services.payment_ports import BILL_MISSING, FundFlow, Merchant, PaymentGateway
from services.payments import bills, merchants
from services.payments.bills import DAY, DayBill
from services.payments.topics import FETCH_BILL
from services.vault import Vault

READY = dt.time(10)
"""In Beijing, on the day after."""
SURELY_READY = dt.time(12)
"""A bill that WeChat does not have by then is of a day on which nothing happened."""
LOOKS_BACK = 7
"""Days: a worker that stood still for a week makes up for it.  WeChat keeps bills for three months."""
NOTHING_MOVED = FundFlow(0, 0, 0, 0)


@dataclass(frozen=True)
class BillErrand:
    """Fetch the bills of a day."""

    account_id: int
    merchant: Merchant
    day: dt.date


@dataclass(frozen=True)
class Bills:
    """What was fetched; ``is_missing``: WeChat has none."""

    given: DayBill
    is_missing: bool


def queue(session: Session, *, now: dt.datetime) -> int:
    """Queue the bills that are ready and that we do not have; return how many.

    A bill that could not be fetched all day is tried again the next.
    """
    today = local_day(now)
    if now.astimezone(SHANGHAI).time() < READY:
        return 0
    first = today - LOOKS_BACK * DAY
    accounts = session.scalars(
        sa.select(MerchantAccount).where(
            MerchantAccount.mode != MerchantMode.PROVIDER,
            sa.or_(MerchantAccount.ends_at.is_(None), MerchantAccount.ends_at > bills.span(first)[0]),
        )
    ).all()
    there = {
        (row.merchant_id, row.day) for row in session.scalars(sa.select(PaymentBill).where(PaymentBill.day >= first))
    }
    wanted = {
        f"{FETCH_BILL}:{account.id}:{day}:{today}": (account, day)
        for account in accounts
        for day in _days(account, first, today)
        if (account.id, day) not in there
    }
    queued = set(session.scalars(sa.select(OutboxMessage.dedupe_key).where(OutboxMessage.dedupe_key.in_(wanted))))
    for key in wanted.keys() - queued:
        account, day = wanted[key]
        enqueue(
            session,
            channel=Channel.PAY,
            topic=FETCH_BILL,
            dedupe_key=key,
            subject_id=account.id,
            neighborhood_id=account.neighborhood_id,
            payload={"day": day.isoformat()},
            now=now,
        )
    return len(wanted.keys() - queued)


def _days(account: MerchantAccount, first: dt.date, today: dt.date) -> list[dt.date]:
    start = max(first, local_day(account.starts_at))
    end = today if account.ends_at is None else min(today, local_day(account.ends_at) + DAY)
    return [start + number * DAY for number in range((end - start).days)]


def collect(session: Session, account_id: int, day: str, *, vault: Vault) -> BillErrand | None:
    """Return what to fetch; nothing where it was fetched meanwhile."""
    account = session.get(MerchantAccount, account_id)
    wanted = dt.date.fromisoformat(day)
    if account is None or bills.is_done(session, account_id, wanted):
        return None
    return BillErrand(account.id, merchants.opened(session, account, vault), wanted)


def fetch(errand: BillErrand, gateway: PaymentGateway) -> Bills:
    """Fetch a day's bills."""
    try:
        lines = gateway.trade_bill(errand.merchant, errand.day)
    except Rejected as error:
        if error.reason != BILL_MISSING:
            raise
        return Bills(DayBill(errand.day, (), None), is_missing=True)
    return Bills(DayBill(errand.day, lines, _flow(errand, gateway)), is_missing=False)


def _flow(errand: BillErrand, gateway: PaymentGateway) -> FundFlow | None:
    """Return the day's fund flow; that of a merchant below a provider is encrypted for somebody else."""
    if errand.merchant.sub_mchid is not None:
        return None
    try:
        return gateway.fund_flow(errand.merchant, errand.day)
    except Rejected as error:
        if error.reason != BILL_MISSING:
            raise
        return NOTHING_MOVED


def settle(session: Session, errand: BillErrand, fetched: Bills, *, now: dt.datetime) -> None:
    """Hold a day's bills against our books.  Raises ``TryLater`` while a missing one may yet come."""
    ready_for_sure = dt.datetime.combine(errand.day + DAY, SURELY_READY, SHANGHAI)
    if fetched.is_missing and now < ready_for_sure:
        raise TryLater("账单还没有出来。", retry_after=(ready_for_sure - now).total_seconds())
    account = session.get_one(MerchantAccount, errand.account_id, with_for_update=True)
    bills.reconcile(session, account, fetched.given, now=now)
