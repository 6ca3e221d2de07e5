"""WeChat Pay's JSON becomes our dataclasses.  ``ValueError`` or ``KeyError`` where it is not as the page promises."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from services.payment_ports import RefundState, RefundWord, TradeState, Transaction

Json = Mapping[str, Any]

TRADE_STATES: Mapping[str, TradeState] = {
    "NOTPAY": TradeState.UNPAID,
    "SUCCESS": TradeState.PAID,
    "REFUND": TradeState.REFUNDED,
    "CLOSED": TradeState.CLOSED,
    # Of payments by a code at a till; in a list of all states, and not expected of a mini-program.
    "REVOKED": TradeState.UNSURE,
    "USERPAYING": TradeState.UNSURE,
    "PAYERROR": TradeState.UNSURE,
    "ACCEPT": TradeState.UNSURE,
}

REFUND_STATES: Mapping[str, RefundState] = {
    "PROCESSING": RefundState.PROCESSING,
    "SUCCESS": RefundState.SUCCEEDED,
    "CLOSED": RefundState.CLOSED,
    "ABNORMAL": RefundState.ABNORMAL,
}


def transaction(word: Json) -> Transaction:
    """Read an order, of a query or of a notification, in direct or in service-provider mode."""
    amount, payer = _part(word, "amount"), _part(word, "payer")
    # A provider's orders say sp_mchid and sp_appid where others say mchid and appid.
    return Transaction(
        out_trade_no=_text(word, "out_trade_no"),
        state=TRADE_STATES.get(_text(word, "trade_state"), TradeState.UNSURE),
        mchid=_text(word, "sp_mchid" if "sp_mchid" in word else "mchid"),
        appid=_text(word, "sp_appid" if "sp_appid" in word else "appid"),
        sub_mchid=_maybe(word, "sub_mchid"),
        sub_appid=_maybe(word, "sub_appid"),
        transaction_id=_maybe(word, "transaction_id"),
        openid=_maybe(payer, "sub_openid") or _maybe(payer, "sp_openid") or _maybe(payer, "openid"),
        amount=_fen(amount["total"]) if "total" in amount else None,
        currency=_maybe(amount, "currency"),
        paid_at=_moment(word, "success_time"),
    )


def refund(word: Json) -> RefundWord:
    """Read a refund.  A notification says ``refund_status`` where an answer says ``status``."""
    amount = _part(word, "amount")
    return RefundWord(
        out_refund_no=_text(word, "out_refund_no"),
        refund_id=_text(word, "refund_id"),
        out_trade_no=_text(word, "out_trade_no"),
        transaction_id=_text(word, "transaction_id"),
        state=REFUND_STATES[_text(word, "refund_status" if "refund_status" in word else "status")],
        amount=_fen(amount["refund"]),
        total=_fen(amount["total"]),
        at=_moment(word, "success_time"),
        mchid=_maybe(word, "sp_mchid") or _maybe(word, "mchid"),
        sub_mchid=_maybe(word, "sub_mchid"),
    )


def _text(word: Json, name: str) -> str:
    value = word.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _maybe(word: Json, name: str) -> str | None:
    value = word.get(name)
    return value if isinstance(value, str) and value else None


def _part(word: Json, name: str) -> Json:
    value = word.get(name)
    return value if isinstance(value, dict) else {}


def _fen(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("an amount is no whole number")  # noqa: TRY004 - one kind of error for what cannot be read
    return value


def _moment(word: Json, name: str) -> dt.datetime | None:
    text = _maybe(word, name)
    if text is None:
        return None
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{name} has no zone")
    return moment.astimezone(dt.UTC)
