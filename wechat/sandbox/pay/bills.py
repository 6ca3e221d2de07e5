"""Applying for bills and fetching them (微信支付文档「申请交易账单」「申请资金账单」「下载账单」)."""

import datetime as dt
import gzip
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wechat.sandbox.pay.bill_files import TRADE_COLUMNS, Row, fund_file, fund_rows, trade_file, trade_rows
from wechat.sandbox.pay.funds import Funds
from wechat.sandbox.pay.merchants import Merchant
from wechat.sandbox.pay.orders import Orders
from wechat.sandbox.pay.refunds import Refunds
from wechat.sandbox.pay.states import PAID
from wechat.sandbox.pay_refusal import PayRefusal
from wechat.sandbox.phones import BEIJING
from wechat.sandbox.refusal import Unknown

Json = dict[str, Any]

READY_AT = dt.time(10)  # in Beijing, on the next day
KEPT_FOR = dt.timedelta(days=92)
LINK_LIFETIME = 300.0  # seconds
ACCOUNTS = ("BASIC", "OPERATION", "FEES")
DOWNLOAD_PATH = "/v3/billdownload/file"
FAULTS = ("row_missing", "amount_off", "hash_wrong")
AMOUNT_COLUMNS = ("订单金额", "申请退款金额", "收支金额(元)")


@dataclass(frozen=True)
class _Waiting:
    """A bill that may be fetched."""

    merchant: Merchant
    content: bytes
    until: float


class Bills:
    """Writes bills from orders, refunds and accounts.  ``PayDesk`` holds the lock."""

    def __init__(self, orders: Orders, refunds: Refunds, funds: Funds, clock: Callable[[], float]) -> None:
        self._orders = orders
        self._refunds = refunds
        self._funds = funds
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget every link; bills are right again."""
        self._waiting: dict[str, _Waiting] = {}
        self.fault: str | None = None

    def order_fault(self, fault: str | None) -> None:
        """Say what is wrong with every bill from now on, or nothing.  Raises ``Unknown`` (400)."""
        if fault is not None and fault not in FAULTS:
            raise Unknown(f"faults of bills are {', '.join(FAULTS)}, or null", 400)
        self.fault = fault

    def trade(self, merchant: Merchant, asked: Mapping[str, str]) -> Json:
        """Answer an application for a trade bill; a provider's without ``sub_mchid`` has all its sub-merchants."""
        kind, sub_mchid = asked.get("bill_type") or "ALL", asked.get("sub_mchid")
        if kind not in TRADE_COLUMNS:
            raise _wrong("bill_type", kind)
        if sub_mchid is not None:
            self._orders.check_sub(merchant, sub_mchid)
        day = self._day(asked)
        paid_orders = (one for one in self._orders.all() if one.merchant is merchant and one.state in PAID)
        ours = dict.fromkeys(order for order in paid_orders if sub_mchid in {None, order.sub_mchid})
        paid = [order for order in ours if _day_of(order.paid_at) == day]
        back = [one for one in self._refunds.all() if one.order in ours and _day_of(one.made_at) == day]
        return self._offer(merchant, asked, trade_rows(kind, paid, back), lambda rows: trade_file(kind, rows))

    def fund_flow(self, merchant: Merchant, asked: Mapping[str, str]) -> Json:
        """Answer an application for a fund-flow bill of the merchant's own account."""
        account = asked.get("account_type") or "BASIC"
        if account not in ACCOUNTS:
            raise _wrong("account_type", account)
        day = self._day(asked)
        flows = self._funds.flows(merchant.mchid) if account == "BASIC" else []
        rows = fund_rows(flow for flow in flows if _day_of(flow.at) == day)
        return self._offer(merchant, asked, rows, fund_file)

    def fetch(self, merchant: Merchant, token: str) -> bytes:
        """Return the bill behind a link, five minutes long, for the merchant that applied for it."""
        waiting = self._waiting.get(token)
        if waiting is None or waiting.merchant is not merchant:
            raise PayRefusal("INVALID_REQUEST", "账单下载地址无效")
        if self._clock() > waiting.until:
            raise PayRefusal("INVALID_REQUEST", "账单下载地址已过期，请重新申请")
        return waiting.content

    def _day(self, asked: Mapping[str, str]) -> dt.date:
        """Return the day that is asked for, when its bill can be there."""
        text = asked.get("bill_date", "")
        try:
            day = dt.date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else "")
        except ValueError as error:
            raise _wrong("bill_date", text) from error
        now = dt.datetime.fromtimestamp(self._clock(), BEIJING)
        if now.date() - day > KEPT_FOR:
            raise PayRefusal("INVALID_REQUEST", "只能下载三个月以内的账单")
        if now < dt.datetime.combine(day + dt.timedelta(days=1), READY_AT, BEIJING):
            raise PayRefusal("NO_STATEMENT_EXIST", "账单还没有生成，请在次日10点后再申请")
        return day

    def _offer(
        self, merchant: Merchant, asked: Mapping[str, str], rows: list[Row], write: Callable[[Sequence[Row]], bytes]
    ) -> Json:
        """Write the bill and return its link, for ``download_url`` still without a host."""
        packed = asked.get("tar_type")
        if packed not in {None, "", "GZIP"}:
            raise _wrong("tar_type", str(packed))
        if not rows:
            raise PayRefusal("NO_STATEMENT_EXIST")
        content = write(_spoiled(rows, self.fault))
        # The hash is of the bill itself, also when it comes packed.
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if self.fault == "hash_wrong":
            digest = digest[::-1]
        self._waiting = {token: one for token, one in self._waiting.items() if one.until >= self._clock()}
        token = secrets.token_urlsafe(24)
        waiting = gzip.compress(content, mtime=0) if packed else content
        self._waiting[token] = _Waiting(merchant, waiting, self._clock() + LINK_LIFETIME)
        link = f"{DOWNLOAD_PATH}?token={token}" + ("&tartype=gzip" if packed else "")
        return {"hash_type": "SHA1", "hash_value": digest, "download_url": link}


def _spoiled(rows: list[Row], fault: str | None) -> list[Row]:
    """Leave the last row out, or put a fen too much into it."""
    if fault == "row_missing":
        return rows[:-1]
    if fault != "amount_off":
        return rows
    last = dict(rows[-1])
    column = next(name for name in AMOUNT_COLUMNS if name in last and Decimal(last[name]))
    last[column] = f"{Decimal(last[column]) + Decimal('0.01'):.2f}"
    return [*rows[:-1], last]


def _wrong(field: str, value: str) -> PayRefusal:
    return PayRefusal("PARAM_ERROR", detail={"field": f"/{field}", "value": value, "location": "query"})


def _day_of(seconds: float) -> dt.date:
    return dt.datetime.fromtimestamp(seconds, BEIJING).date()
