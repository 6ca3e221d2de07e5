"""What WeChat Pay's error codes mean to us, as data.

Pages of different age spell the same code with and without underscores, so codes are compared without them.  The
``source`` of each row is the title of the official page (微信支付商户文档中心) it was taken from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from services.errors import GatewayError, Misconfigured, QuotaExceeded, Rejected, TryLater
from services.payment_ports import BILL_MISSING, NOT_ENOUGH, NUMBER_USED, ORDER_CLOSED, ORDER_MISSING, ORDER_PAID

GENERAL = "微信支付：通用错误码"
PREPAY_PAGE = "微信支付：JSAPI/小程序下单"
QUERY_PAGE = "微信支付：微信支付订单号查询订单"
CLOSE_PAGE = "微信支付：关闭订单"
REFUND_PAGE = "微信支付：退款申请"
BILL_PAGE = "微信支付：申请交易账单"
LIMIT_PAGE = "微信支付：频率限制"

ASK_OPERATOR = "请联系管理员检查微信支付设置。"
A_SECOND = 1.0


@dataclass(frozen=True)
class PayOutcome:
    """What one code means: ``note`` is for engineers, ``detail`` for people, ``code`` replaces the class's own."""

    error: type[GatewayError]
    note: str
    detail: str
    source: str
    code: str | None = None
    retry_after: float | None = None


def _operator(note: str, detail: str, source: str = GENERAL) -> PayOutcome:
    return PayOutcome(Misconfigured, note, detail + ASK_OPERATOR, source)


def _again(note: str, source: str = GENERAL) -> PayOutcome:
    return PayOutcome(TryLater, note, "微信支付正忙，请过几分钟再试。", source)


_BUG = "发给微信支付的内容不对。" + ASK_OPERATOR
_OFTEN = PayOutcome(QuotaExceeded, "too many calls", "操作太频繁了，请过一会儿再试。", LIMIT_PAGE, retry_after=A_SECOND)
_PAID = PayOutcome(Rejected, "the order is paid", "这一笔已经付过了。", CLOSE_PAGE, ORDER_PAID)
_MISSING = PayOutcome(Rejected, "no such order", "微信支付里没有这一笔。", QUERY_PAGE, ORDER_MISSING)

COMMON: Mapping[str, PayOutcome] = {
    "PARAMERROR": PayOutcome(Rejected, "an argument is wrong", _BUG, GENERAL),
    "INVALIDREQUEST": PayOutcome(Rejected, "the request breaks a rule", _BUG, GENERAL),
    "APPIDMCHIDNOTMATCH": _operator("appid is not bound to mchid", "小程序没有和商户号绑定。", PREPAY_PAGE),
    "MCHNOTEXISTS": _operator("no such merchant", "商户号不对。", PREPAY_PAGE),
    "SIGNERROR": _operator("our signature: key, serial number or clock", "商户的私钥、证书序列号或服务器时间不对。"),
    "NOAUTH": _operator("the product was not granted", "商户没有开通这项功能。"),
    "RULELIMIT": PayOutcome(
        Rejected, "a rule of WeChat forbids it", "微信支付没有放行这一笔，请到服务站办理。", GENERAL
    ),
    "TRADEERROR": PayOutcome(Rejected, "the trade failed", "这一笔没有成功，请重新付一次。", GENERAL),
    "ACCOUNTERROR": PayOutcome(Rejected, "the account is unusual", "这个微信账号不能付款，请到服务站办理。", GENERAL),
    "USERACCOUNTABNORMAL": PayOutcome(
        Rejected, "the payer's account is closed", "付款人的微信账号不能收退款，请到服务站办理。", REFUND_PAGE
    ),
    "ORDERNOTEXIST": _MISSING,
    "RESOURCENOTEXISTS": _MISSING,
    "ORDERCLOSED": PayOutcome(Rejected, "the order is closed", "这一笔已经关闭，请重新付。", QUERY_PAGE, ORDER_CLOSED),
    "ORDERPAID": _PAID,
    "FREQUENCYLIMITED": _OFTEN,
    "FREQUENCYLIMITEXCEED": _OFTEN,
    "RATELIMITEXCEEDED": _OFTEN,
    "SYSTEMERROR": _again("WeChat's own trouble; what was asked may have been done"),
    "BANKERROR": _again("the bank's trouble"),
    # HTTP 500 by the page, but the same openid will never do.
    "OPENIDMISMATCH": PayOutcome(
        Rejected, "openid is not of this appid", "微信账号和小程序对不上，请退出登录再进一次。", PREPAY_PAGE
    ),
    "SERVICEUNAVAILABLE": _again("away"),
}

_PREPAY: Mapping[str, PayOutcome] = {
    "OUTTRADENOUSED": PayOutcome(
        Rejected, "number used: paid, closed, or other particulars", "这一笔的单号用过了。", PREPAY_PAGE, NUMBER_USED
    ),
}
_REFUND: Mapping[str, PayOutcome] = {
    "NOTENOUGH": PayOutcome(
        Rejected, "the balance is too small", "商户余额不够退这一笔，请先充值或者等新的收款。", REFUND_PAGE, NOT_ENOUGH
    ),
    "MCHNOTEXISTS": _operator("no such merchant", "商户号不对。", REFUND_PAGE),
}
_BILL: Mapping[str, PayOutcome] = {
    "NOSTATEMENTEXIST": PayOutcome(
        Rejected, "nothing on that day, or asked too early", "这一天没有账单，或者还没有出来。", BILL_PAGE, BILL_MISSING
    ),
    # Named by older SDKs only.
    "STATEMENTCREATING": PayOutcome(TryLater, "the bill is being made", "账单还没有出来，请过一小时再取。", BILL_PAGE),
}


@dataclass(frozen=True)
class PayCall:
    """One of WeChat Pay's calls, by its name in the log, with the codes that mean something more exact there."""

    name: str
    codes: Mapping[str, PayOutcome] = field(default_factory=dict)

    def outcome(self, code: str) -> PayOutcome | None:
        """Return what a code means here, or None for one that nobody has written down."""
        plain = code.replace("_", "").upper()
        return self.codes.get(plain) or COMMON.get(plain)

    def error(self, status: int, code: str) -> GatewayError:
        """Return the error of an answer that is not 2xx; ``code`` is empty where the body was not WeChat's."""
        outcome = self.outcome(code)
        if outcome is not None:
            return outcome.error(outcome.detail, code=outcome.code, provider_code=code, retry_after=outcome.retry_after)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            return TryLater("微信支付暂时没有响应，请过几分钟再试。", provider_code=code or None)
        if not code or status == HTTPStatus.UNAUTHORIZED:
            return Misconfigured(
                f"微信支付的地址或密钥不对（HTTP {status}）。{ASK_OPERATOR}", provider_code=code or None
            )
        return Rejected(f"微信支付没有接受（{code}）。{ASK_OPERATOR}", provider_code=code)


PREPAY = PayCall("prepay", _PREPAY)
QUERY = PayCall("query")
CLOSE = PayCall("close")
REFUND = PayCall("refund", _REFUND)
QUERY_REFUND = PayCall("query_refund")
TRADE_BILL = PayCall("trade_bill", _BILL)
FUND_FLOW = PayCall("fund_flow", _BILL)
DOWNLOAD = PayCall("download_bill", _BILL)
CERTIFICATES = PayCall("certificates")

ALL = (PREPAY, QUERY, CLOSE, REFUND, QUERY_REFUND, TRADE_BILL, FUND_FLOW, DOWNLOAD, CERTIFICATES)
