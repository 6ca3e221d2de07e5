"""Implements ``services.payment_ports.PaymentGateway``: one call of wechatpayv3 each, every failure a ``GatewayError``."""

import datetime as dt
import functools
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import structlog

from config import WeChatSettings
from services.errors import CallbackRefused, GatewayError, Misconfigured, Rejected, TryLater
from services.payment_ports import (
    ORDER_MISSING,
    BillLine,
    ClientParameters,
    FundFlow,
    Merchant,
    PaymentNotice,
    PaymentRequest,
    RefundRequest,
    RefundWord,
    Transaction,
)
from wechat.clock import BEIJING
from wechat.errors import by_network
from wechat.payments import bills, codes, reading
from wechat.payments.codes import ASK_OPERATOR, PayCall
from wechat.payments.core import PayCore, PaySdk, Unbelievable, Unhappy
from wechat.transport import http_session

NOTICE_MOST = 64 * 1024
DESCRIPTION_MOST = 127
REASON_MOST = 80
MERCHANTS_KEPT = 256
BIGGEST_OF_TWO_PLANES = 0xFFFF
"""WeChat Pay takes no character above it: no emoji."""
PAYMENT_EVENT = "TRANSACTION.SUCCESS"
REFUND_EVENTS = frozenset({"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"})
KEY_LETTERS = 32

Answer = tuple[int, Any]
T = TypeVar("T")
log = structlog.get_logger(__name__)


class WeChatPayments:
    """Speaks to WeChat Pay for any number of merchants.  Safe for many threads."""

    def __init__(self, settings: WeChatSettings) -> None:
        self._base_url = settings.pay_url
        http = http_session((settings.pay_url,))
        # Opening a private key costs milliseconds, and platform certificates have to be kept somewhere.
        self._core = functools.lru_cache(maxsize=MERCHANTS_KEPT)(
            lambda keys: PayCore(keys, settings.pay_url, http, settings.timeouts)
        )

    def prepay(self, merchant: Merchant, request: PaymentRequest) -> str:
        """Announce an order; return the prepay id."""
        payer = {"openid": request.openid}
        if merchant.sub_mchid:
            payer = {"sub_openid" if merchant.sub_appid else "sp_openid": request.openid}
        answer = self._ask(
            codes.PREPAY,
            merchant,
            lambda pay: pay.pay(
                description=plain(request.description, DESCRIPTION_MOST) or "物业缴费",
                out_trade_no=request.out_trade_no,
                amount={"total": request.amount, "currency": "CNY"},
                payer=payer,
                time_expire=request.expires_at.astimezone(BEIJING).isoformat(timespec="seconds"),
                notify_url=request.notify_url,
                sub_mchid=merchant.sub_mchid,
                sub_appid=merchant.sub_appid,
            ),
        )
        return _read(lambda: _said(answer, "prepay_id"))

    def client_parameters(self, merchant: Merchant, prepay_id: str, *, now: dt.datetime) -> ClientParameters:
        """Return what ``wx.requestPayment`` takes, signed with the merchant's key; nothing is called."""
        stamp, nonce, package = str(int(now.timestamp())), secrets.token_hex(16), f"prepay_id={prepay_id}"
        signature = self._sdk(merchant).sign([merchant.paying_appid, stamp, nonce, package])
        return ClientParameters(stamp, nonce, package, "RSA", signature)

    def query(self, merchant: Merchant, out_trade_no: str) -> Transaction:
        """Return WeChat's word on an order."""
        answer = self._ask(
            codes.QUERY, merchant, lambda pay: pay.query(out_trade_no=out_trade_no, sub_mchid=merchant.sub_mchid)
        )
        return _read(lambda: reading.transaction(answer))

    def close(self, merchant: Merchant, out_trade_no: str) -> None:
        """Close an order."""
        self._call(codes.CLOSE, merchant, lambda pay: pay.close(out_trade_no, sub_mchid=merchant.sub_mchid))

    def refund(self, merchant: Merchant, request: RefundRequest) -> RefundWord:
        """Ask for a refund."""
        answer = self._ask(
            codes.REFUND,
            merchant,
            lambda pay: pay.refund(
                out_refund_no=request.out_refund_no,
                amount={"refund": request.amount, "total": request.total, "currency": "CNY"},
                out_trade_no=request.out_trade_no,
                reason=plain(request.reason, REASON_MOST) or None,
                notify_url=request.notify_url,
                sub_mchid=merchant.sub_mchid,
            ),
        )
        return _read(lambda: reading.refund(answer))

    def query_refund(self, merchant: Merchant, out_refund_no: str) -> RefundWord:
        """Return WeChat's word on a refund."""
        answer = self._ask(
            codes.QUERY_REFUND, merchant, lambda pay: pay.query_refund(out_refund_no, sub_mchid=merchant.sub_mchid)
        )
        return _read(lambda: reading.refund(answer))

    def read_notice(
        self, merchant: Merchant, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> PaymentNotice:
        """Believe a notification, or raise ``CallbackRefused``."""
        if len(body) > NOTICE_MOST:
            raise _refused("callback_too_large")
        try:
            text = body.decode()
            core = self._core(_keys(merchant))
            self._guarded(codes.CERTIFICATES, lambda: core.check_signed(headers, text, now))
            return _notice(core.opened(headers, text))
        except Unbelievable as error:
            raise _refused(error.reason) from None
        except (ValueError, KeyError, TypeError):
            raise _refused("callback_unreadable") from None

    def trade_bill(self, merchant: Merchant, day: dt.date) -> Sequence[BillLine]:
        """Return the trade bill of a day."""
        announced = self._ask(
            codes.TRADE_BILL,
            merchant,
            lambda pay: pay.trade_bill(day.isoformat(), "ALL", "GZIP", sub_mchid=merchant.sub_mchid),
        )
        return _read(lambda: bills.trade_lines(self._download(merchant, announced)))

    def fund_flow(self, merchant: Merchant, day: dt.date) -> FundFlow:
        """Return what moved in the merchant's account on a day."""
        announced = self._ask(
            codes.FUND_FLOW, merchant, lambda pay: pay.fundflow_bill(day.isoformat(), "BASIC", "GZIP")
        )
        return _read(lambda: bills.fund_flow(self._download(merchant, announced)))

    def problems(self, merchant: Merchant) -> list[str]:
        """Try the keys out on an order that cannot exist: WeChat must know who asks, and not know the order."""
        if len(merchant.api_key) != KEY_LETTERS or not merchant.api_key.isascii():
            return ["APIv3 密钥要正好 32 个字母或数字。请在商户平台“账户中心—API 安全”里重新设置。"]
        try:
            self.query(merchant, f"check-{secrets.token_hex(8)}")
        except Rejected as error:
            return [] if error.reason == ORDER_MISSING else [error.detail]
        except GatewayError as error:
            return [error.detail]
        return ["微信支付对一个不存在的单号也说有，请检查服务地址。"]

    def _download(self, merchant: Merchant, announced: Mapping[str, Any]) -> str:
        """Fetch a bill.  Its answer is not signed; the hash in the signed announcement stands in for that."""
        url, base = urlsplit(_said(announced, "download_url")), urlsplit(self._base_url)
        if (url.scheme, url.netloc) != (base.scheme, base.netloc):
            raise ValueError("the bill is at another address than WeChat Pay")
        _, content = self._call(
            codes.DOWNLOAD, merchant, lambda pay: pay.download_bill(f"{self._base_url}{url.path}?{url.query}")
        )
        return bills.unpacked(content, _said(announced, "hash_value"))

    def _sdk(self, merchant: Merchant) -> PaySdk:
        try:
            return PaySdk(merchant, self._core(_keys(merchant)))
        except ValueError:
            raise Misconfigured("商户的私钥或公钥读不懂。" + ASK_OPERATOR) from None

    def _ask(self, call: PayCall, merchant: Merchant, make: Callable[[PaySdk], Answer]) -> Mapping[str, Any]:
        """Call WeChat and return its JSON object."""
        _, text = self._call(call, merchant, make)
        answer = _read(lambda: json.loads(text))
        if not isinstance(answer, dict):
            raise _unsure()
        return answer

    def _call(self, call: PayCall, merchant: Merchant, make: Callable[[PaySdk], Answer]) -> Answer:
        pay = self._sdk(merchant)
        try:
            return self._guarded(call, lambda: make(pay))
        except Unbelievable as error:
            reason = error.reason
        except ValueError as error:
            reason = type(error).__name__
        # Not with its traceback: the frames hold what was answered.
        log.error("pay.unbelievable", call=call.name, reason=reason)
        raise _unsure()

    def _guarded(self, call: PayCall, work: Callable[[], T]) -> T:
        """Do something that may call WeChat; every failure of the call is a ``GatewayError``, and logged."""
        try:
            return work()
        except Unhappy as failure:
            error = call.error(failure.status, failure.code)
            request_id = failure.request_id
        except requests.RequestException as failure:
            error, request_id = by_network(failure), ""
        # Raised here and not where it was caught, so that no exception holds on to the request.
        write = log.error if isinstance(error, Misconfigured) else log.warning
        write("pay.failed", call=call.name, code=error.provider_code, request_id=request_id, outcome=error.reason)
        raise error


def plain(text: str, most: int) -> str:
    """Return a text as WeChat Pay takes it: no emoji, no control characters, not too long."""
    kept = (char for char in text if ord(char) <= BIGGEST_OF_TWO_PLANES and char.isprintable())
    return "".join(kept).strip()[:most]


def _keys(merchant: Merchant) -> Merchant:
    """Return what a core needs of a merchant: all neighborhoods of a provider share one."""
    return replace(merchant, sub_mchid=None, sub_appid=None)


def _notice(told: Mapping[str, Any]) -> PaymentNotice:
    """Read a notification that was believed and opened."""
    notice_id, kind, resource = _said(told, "id"), told["event_type"], told["resource"]
    if kind == PAYMENT_EVENT:
        return PaymentNotice(notice_id, transaction=reading.transaction(resource))
    if kind in REFUND_EVENTS:
        return PaymentNotice(notice_id, refund=reading.refund(resource))
    raise Unbelievable("callback_unknown_event")


def _said(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, KeyError, TypeError) as failure:
        reason = type(failure).__name__
    log.error("pay.unreadable", reason=reason)
    raise _unsure()


def _unsure() -> TryLater:
    """Return the error of an answer that cannot be believed: what was asked may have been done."""
    return TryLater("微信支付的回答核对不上，请过几分钟再看结果。", code="wechat_unsure")


def _refused(reason: str) -> CallbackRefused:
    return CallbackRefused("这不像是微信支付发来的通知。", code=reason)
