"""A WeChat Pay in memory: it knows orders and refunds, and says of them what the test made happen."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.errors import CallbackRefused, Rejected
from services.payment_ports import (
    BILL_MISSING,
    NUMBER_USED,
    ORDER_MISSING,
    ORDER_PAID,
    BillLine,
    ClientParameters,
    FundFlow,
    Merchant,
    PaymentNotice,
    PaymentRequest,
    RefundRequest,
    RefundState,
    RefundWord,
    TradeState,
    Transaction,
)


@dataclass
class FakePayments:
    """``error`` is raised by every call; ``lose`` loses the answers to what was done all the same."""

    orders: dict[str, Transaction] = field(default_factory=dict)
    asked: dict[str, PaymentRequest] = field(default_factory=dict)
    refunds: dict[str, RefundWord] = field(default_factory=dict)
    bills: dict[dt.date, list[BillLine]] = field(default_factory=dict)
    flows: dict[dt.date, FundFlow] = field(default_factory=dict)
    notices: dict[str, PaymentNotice] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    error: Exception | None = None
    lose: Exception | None = None
    problems_found: list[str] = field(default_factory=list)

    def prepay(self, merchant: Merchant, request: PaymentRequest) -> str:
        self._called("prepay")
        known = self.asked.setdefault(request.out_trade_no, request)
        if known != request:
            raise Rejected("这一笔的单号用过了。", code=NUMBER_USED)
        order = self.orders.setdefault(
            request.out_trade_no,
            Transaction(
                request.out_trade_no,
                TradeState.UNPAID,
                merchant.mchid,
                merchant.appid,
                merchant.sub_mchid,
                merchant.sub_appid,
                None,
                None,
                None,
                None,
                None,
            ),
        )
        if order.state is not TradeState.UNPAID:
            raise Rejected("这一笔已经付过了。", code=ORDER_PAID if order.transaction_id else NUMBER_USED)
        self._answer()
        return f"wx{len(self.calls)}-{request.out_trade_no}"

    def client_parameters(self, merchant: Merchant, prepay_id: str, *, now: dt.datetime) -> ClientParameters:
        return ClientParameters(str(int(now.timestamp())), "n" * 32, f"prepay_id={prepay_id}", "RSA", "signature")

    def query(self, merchant: Merchant, out_trade_no: str) -> Transaction:
        self._called("query")
        self._answer()
        if out_trade_no not in self.orders:
            raise Rejected("微信支付里没有这一笔。", code=ORDER_MISSING)
        return self.orders[out_trade_no]

    def close(self, merchant: Merchant, out_trade_no: str) -> None:
        self._called("close")
        if out_trade_no not in self.orders:
            raise Rejected("微信支付里没有这一笔。", code=ORDER_MISSING)
        order = self.orders[out_trade_no]
        if order.transaction_id:
            raise Rejected("这一笔已经付过了。", code=ORDER_PAID)
        self.orders[out_trade_no] = replace(order, state=TradeState.CLOSED)
        self._answer()

    def refund(self, merchant: Merchant, request: RefundRequest) -> RefundWord:
        self._called("refund")
        order = self.orders[request.out_trade_no]
        word = self.refunds.setdefault(
            request.out_refund_no,
            RefundWord(
                request.out_refund_no,
                f"503{request.out_refund_no}",
                request.out_trade_no,
                str(order.transaction_id),
                RefundState.PROCESSING,
                request.amount,
                request.total,
                None,
                merchant.mchid,
                merchant.sub_mchid,
            ),
        )
        self._answer()
        return word

    def query_refund(self, merchant: Merchant, out_refund_no: str) -> RefundWord:
        self._called("query_refund")
        self._answer()
        if out_refund_no not in self.refunds:
            raise Rejected("微信支付里没有这一笔。", code=ORDER_MISSING)
        return self.refunds[out_refund_no]

    def read_notice(
        self, merchant: Merchant, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> PaymentNotice:
        try:
            return self.notices[json.loads(body)["notice"]]
        except (ValueError, KeyError, TypeError):
            raise CallbackRefused("这不像是微信支付发来的通知。", code="callback_forged") from None

    def trade_bill(self, merchant: Merchant, day: dt.date) -> Sequence[BillLine]:
        self._called("trade_bill")
        if day not in self.bills:
            raise Rejected("这一天没有账单，或者还没有出来。", code=BILL_MISSING)
        return self.bills[day]

    def fund_flow(self, merchant: Merchant, day: dt.date) -> FundFlow:
        self._called("fund_flow")
        if day not in self.flows:
            raise Rejected("这一天没有账单，或者还没有出来。", code=BILL_MISSING)
        return self.flows[day]

    def problems(self, merchant: Merchant) -> list[str]:
        return list(self.problems_found)

    def pay(self, out_trade_no: str, *, at: dt.datetime, **changes: object) -> Transaction:
        """The person types the password: WeChat knows of it, we do not yet."""
        asked = self.asked[out_trade_no]
        word = replace(
            self.orders[out_trade_no],
            state=TradeState.PAID,
            transaction_id=f"4200{out_trade_no}",
            openid=asked.openid,
            amount=asked.amount,
            currency="CNY",
            paid_at=at,
        )
        self.orders[out_trade_no] = replace(word, **changes)  # type: ignore[arg-type]
        return self.orders[out_trade_no]

    def tell(self, name: str, *, transaction: Transaction | None = None, refund: RefundWord | None = None) -> bytes:
        """Return the body of a notice that is believed."""
        self.notices[name] = PaymentNotice(name, transaction, refund)
        return json.dumps({"notice": name}).encode()

    def settle_refund(self, out_refund_no: str, state: RefundState, *, at: dt.datetime) -> RefundWord:
        """The refund comes to an end at WeChat's side."""
        self.refunds[out_refund_no] = replace(self.refunds[out_refund_no], state=state, at=at)
        return self.refunds[out_refund_no]

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.error:
            raise self.error

    def _answer(self) -> None:
        if self.lose:
            raise self.lose
